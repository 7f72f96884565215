/** Distribution over loopback: calls and messages, both ways. A figure is the median of the rounds. */
import { runCases } from '../lib/dist-run.mjs'
import { writeResults } from '../lib/results.mjs'
import { printDistRatios } from './dist-ratios.mjs'
import { DIST_CASES, printDistTables } from './dist-tables.mjs'

/** `columns` and `cases` narrow the run to some adapters and cases. Returns the goals. */
export async function runDist({ columns, cases, ...size }) {
  const names = cases?.split(',') ?? DIST_CASES
  const { rows, notes } = await runCases({ names, columns, floors: true, ...size })
  printDistTables(rows, { ...size, notes })
  const { ratios, goals } = printDistRatios(rows)
  writeResults('dist', [...rows, ...ratios])
  return goals
}
