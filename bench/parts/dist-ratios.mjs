/** beamlink's rates over those of its peers, beside what is wanted. */
import { medianRatio } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'

const OURS = 'beamlink'
const THEIRS = ['ei', 'ei-buffered', 'ei-spawn', 'beam']
/** The least that counts as reached. */
const GOALS = {
  rpc_64: { ei: 0.9, 'ei-spawn': 0.9, beam: 1 },
  in_64k: { ei: 0.7 },
  out_64k: { ei: 0.7 },
}

const opsOf = (row) => row?.samples.map((sample) => sample.ops) ?? []

function ratiosOf(rows, row) {
  const ratios = { peer: OURS, case: row.case }
  for (const peer of THEIRS) {
    const other = rows.find((one) => one.peer === peer && one.case === row.case)
    const ratio = medianRatio(opsOf(row), opsOf(other))
    const goal = GOALS[row.case]?.[peer]
    if (ratio === undefined) continue
    ratios[peer] = { ratio, goal, reached: goal === undefined || ratio >= goal }
  }
  return ratios
}

function cells(comparison) {
  if (comparison === undefined) return ['-', '', '']
  const { ratio, goal, reached } = comparison
  return [figure(ratio), goal === undefined ? '' : figure(goal), reached ? '' : 'SLOW']
}

/** Prints the table; returns the rows for the results. */
export function printDistRatios(rows) {
  const ours = rows.filter((row) => row.peer === OURS && row.samples.length > 0)
  if (ours.length === 0) return []
  const ratios = ours.map((row) => ratiosOf(rows, row))
  printTable(
    `${OURS}'s rate over theirs, median of the rounds (SLOW: below the goal)`,
    ['case', ...THEIRS.flatMap((peer) => [`/${peer}`, 'goal', ''])],
    ratios.map((row) => [row.case, ...THEIRS.flatMap((peer) => cells(row[peer]))]),
  )
  return ratios
}
