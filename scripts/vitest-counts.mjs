/** Prints `PASSED FAILED` of a vitest JSON report; a file that did not load counts as one failure. */
import { existsSync, readFileSync } from 'node:fs'

const file = process.argv[2]
const empty = { numPassedTests: 0, numFailedTests: 0, testResults: [] }
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : empty
const unloaded = report.testResults.filter(
  (result) => result.status === 'failed' && result.assertionResults.length === 0,
)
console.log(report.numPassedTests, report.numFailedTests + unloaded.length)
