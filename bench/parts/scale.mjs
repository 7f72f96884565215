/** Many peers, many receivers, typical rows, large terms, and how long it takes to begin. */
import { runCases } from '../lib/dist-run.mjs'
import { writeResults } from '../lib/results.mjs'
import { printScaleTables, SCALE_CASES } from './scale-tables.mjs'

const COLUMNS = 'beamlink,ei,ei-buffered,beam'

/** `columns` and `cases` narrow the run. Returns the goals. */
export async function runScale({ columns = COLUMNS, cases, ...size }) {
  const wanted = (name) => cases === undefined || cases.split(',').includes(name)
  const { rows, notes } = await runCases({
    names: SCALE_CASES.filter(wanted),
    columns,
    floors: false,
    ...size,
  })
  printScaleTables(rows, notes)
  writeResults('scale', rows)
  return []
}
