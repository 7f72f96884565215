/**
 * Prints `PASSED FAILED` of a vitest JSON report, then a line for each failure: its file, its name
 * and what was thrown. A file that did not load counts as one failure.
 */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const file = process.argv[2]
const empty = { numPassedTests: 0, numFailedTests: 0, testResults: [] }
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : empty
const failed = report.testResults.filter((result) => result.status === 'failed')
const unloaded = failed.filter((result) => result.assertionResults.length === 0)
console.log(report.numPassedTests, report.numFailedTests + unloaded.length)

const oneLine = (text) =>
  stripVTControlCharacters(text ?? '')
    .split('\n', 1)[0]
    .slice(0, 300)
for (const { name, message, assertionResults } of failed) {
  const path = relative(process.cwd(), name)
  if (assertionResults.length === 0) console.log(`${path}: ${oneLine(message)}`)
  for (const test of assertionResults.filter(({ status }) => status === 'failed')) {
    console.log(`${path} > ${test.fullName}: ${oneLine(test.failureMessages[0])}`)
  }
}
