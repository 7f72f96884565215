import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { context } from './context.mjs'

/** Writes the rows of one part as JSON lines into `results/`, replacing the run before. */
export function writeResults(part, rows) {
  mkdirSync(context.resultsDir, { recursive: true })
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`)
  writeFileSync(path.join(context.resultsDir, `${part}.jsonl`), lines.join(''))
}
