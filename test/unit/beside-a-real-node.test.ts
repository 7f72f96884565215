import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(__dirname, '../..')
const page = readFileSync(path.join(root, 'docs/beside-a-real-node.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| in Erlang |'))
  .map((line) => [line.split('|')[1]?.trim() ?? '', line] as const)

/** Where the title of a test or of a group stands in a file, from `start` on. */
function titleAt(source: string, title: string, start: number): number {
  const found = ["'", '"', '`'].map((quote) => source.indexOf(`(${quote}${title}${quote}`, start))
  return Math.max(...found)
}

describe('docs/beside-a-real-node.md', () => {
  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(50)
  })

  it.each(rows)('names a test that exists for %s', (_what, row) => {
    const [, file, group, name] = /`([\w/-]+) › (.+?) › (.+)` \|$/.exec(row) ?? []
    const tests = path.join(root, 'test', `${file}.test.ts`)
    expect(existsSync(tests), `${file} of ${row}`).toBe(true)
    const source = readFileSync(tests, 'utf8').replace(/\(\s+/g, '(')
    const groupAt = titleAt(source, group ?? '', 0)
    expect(groupAt, `the group ${group}`).toBeGreaterThan(0)
    expect(titleAt(source, name ?? '', groupAt), `the test ${name}`).toBeGreaterThan(0)
  })
})
