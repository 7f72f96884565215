/** beamlink's times over those of JSON and of the decoder in JavaScript, beside what is wanted. */
import { atMost, markOf } from '../lib/goals.mjs'
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
  if (goal === undefined) return { ratio }
  // In units of the goal, so that the worst of all stands for them.
  return { ratio, goal, verdict: atMost('codec', '', ratio / goal, TOLERANCE) }
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
  const { ratio, goal, verdict } = comparison
  return [figure(ratio), goal === undefined ? '' : figure(goal), markOf(verdict)]
}

/** The goal that all of an operation's stand behind: the ratio that is furthest above its own. */
function worstOf({ title }, found) {
  const all = found.flatMap(({ corpus, json, pure }) => [
    { name: `${corpus} to JSON`, verdict: json?.verdict },
    { name: `${corpus} to JavaScript`, verdict: pure?.verdict },
  ])
  const judged = all.filter(({ verdict }) => verdict !== undefined)
  judged.sort((x, y) => y.verdict.measured - x.verdict.measured)
  const [worst] = judged
  const what = `${title}: over the experiment's ratio, most`
  if (worst === undefined) return atMost('codec', what, undefined, TOLERANCE)
  return { ...worst.verdict, what: `${what}: ${worst.name}` }
}

/** Prints one table per operation; returns the rows for the results, and the goals. */
export function printCodecRatios(rows) {
  const ratios = []
  const goals = []
  for (const comparison of COMPARISONS) {
    const found = ratiosOf(rows, comparison)
    if (found.length === 0) continue
    printTable(
      `${comparison.title}: ${comparison.ours}'s time over theirs, median of the rounds ` +
        `(MISSED: more than ${Math.round((TOLERANCE - 1) * 100)}% above the goal)`,
      ['corpus', '/json', 'goal', '', `/${comparison.pure}`, 'goal', ''],
      found.map((row) => [row.corpus, ...cells(row.json), ...cells(row.pure)]),
    )
    ratios.push(...found)
    goals.push(worstOf(comparison, found))
  }
  return { ratios, goals }
}
