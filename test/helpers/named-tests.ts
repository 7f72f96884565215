import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

const root = path.resolve(__dirname, '../..')

/** The rows of a page's tables that end with the place of a test, each with its first cell. */
export function rowsWithTests(page: string): (readonly [what: string, row: string])[] {
  return readFileSync(path.join(root, page), 'utf8')
    .split('\n')
    .filter((line) => /^\| .*` \|$/.test(line) && line.includes(' › '))
    .map((line) => [line.split('|')[1]?.trim() ?? '', line] as const)
}

/** That the test is there which a row names: `file › group › name` below `test/`. */
export function expectNamedTest(row: string): void {
  const [, file, group, name] = /`([\w/-]+) › (.+?) › (.+)` \|$/.exec(row) ?? []
  const tests = path.join(root, 'test', `${file}.test.ts`)
  expect(existsSync(tests), `${file} of ${row}`).toBe(true)
  const source = readFileSync(tests, 'utf8').replace(/\(\s+/g, '(')
  const groupAt = titleAt(source, group ?? '', 0)
  expect(groupAt, `the group ${group}`).toBeGreaterThan(0)
  expect(titleAt(source, name ?? '', groupAt), `the test ${name}`).toBeGreaterThan(0)
}

/** Where the title of a test or of a group stands in a file, from `start` on. */
function titleAt(source: string, title: string, start: number): number {
  const found = ["'", '"', '`'].map((quote) => source.indexOf(`(${quote}${title}${quote}`, start))
  return Math.max(...found)
}
