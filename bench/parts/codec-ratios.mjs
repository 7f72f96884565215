/** beamlink's times over those of JSON and of the decoder in JavaScript, beside what is wanted. */
import { medianRatio } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'
import { DECODE, DECODE_UTF8, ENCODE, TOLERANCE } from './codec-goals.mjs'

const COMPARISONS = [
  { title: 'decode', operation: 'decode', ours: 'beamlink', pure: 'pure', goals: DECODE },
  {
    title: 'decode to strings and objects',
    operation: 'decode',
    ours: 'beamlink-utf8',
    pure: 'pure-utf8',
    goals: DECODE_UTF8,
  },
  { title: 'encode', operation: 'encode', ours: 'beamlink', pure: 'pure', goals: ENCODE },
]

function compare(ours, theirs, goal) {
  const ratio = medianRatio(ours?.samples ?? [], theirs?.samples ?? [])
  if (ratio === undefined) return undefined
  return { ratio, goal, reached: goal === undefined || ratio <= goal * TOLERANCE }
}

const goalOf = (goals, key) => (goals?.[key] === undefined ? undefined : goals.tape / goals[key])

function ratiosOf(rows, { operation, ours, pure, goals }) {
  const mine = rows.filter((row) => row.codec === ours && row.operation === operation)
  return mine.map((row) => {
    const other = (codec) =>
      rows.find(
        (candidate) =>
          candidate.codec === codec &&
          candidate.operation === operation &&
          candidate.corpus === row.corpus,
      )
    const goal = goals[row.corpus]
    return {
      codec: ours,
      operation,
      corpus: row.corpus,
      json: compare(row, other('json'), goalOf(goal, 'json')),
      pure: compare(row, other(pure), goalOf(goal, 'pure')),
    }
  })
}

function cells(comparison) {
  if (comparison === undefined) return ['-', '', '']
  const { ratio, goal, reached } = comparison
  return [figure(ratio), goal === undefined ? '' : figure(goal), reached ? '' : 'SLOW']
}

/** Prints one table per operation; returns the rows for the results. */
export function printCodecRatios(rows) {
  const ratios = []
  for (const comparison of COMPARISONS) {
    const found = ratiosOf(rows, comparison)
    if (found.length === 0) continue
    printTable(
      `${comparison.title}: ${comparison.ours}'s time over theirs, median of the rounds ` +
        `(SLOW: more than ${Math.round((TOLERANCE - 1) * 100)}% above the goal)`,
      ['corpus', '/json', 'goal', '', `/${comparison.pure}`, 'goal', ''],
      found.map((row) => [row.corpus, ...cells(row.json), ...cells(row.pure)]),
    )
    ratios.push(...found)
  }
  return ratios
}
