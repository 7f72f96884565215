import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const program = path.join(__dirname, '../fixtures/default-database.mjs')

describe('a database without a store', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kamailio-db-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function run(...args: string[]) {
    const options = { cwd: folder, encoding: 'utf8', timeout: 20_000 } as const
    return spawnSync(process.execPath, [program, ...args], options)
  }

  it('is in memory where better-sqlite3 is not installed, with a warning', () => {
    const { stdout, stderr, status } = run('without')
    expect(status).toBe(0)
    expect(stdout).toBe(
      'SqliteStore needs the package better-sqlite3: npm install better-sqlite3\n[{"a":1}]\n',
    )
    expect(stderr).toMatch(/DatabaseWarning: better-sqlite3 is not installed/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('is in a file of its name in the working directory, and stays there', () => {
    expect(run().stdout).toBe('[{"a":1}]\n')
    const again = run()
    expect(again).toMatchObject({ stdout: '[{"a":1},{"a":1}]\n', stderr: '' })
    expect(readdirSync(folder)).toEqual(['db_mock_server.sqlite'])
  })
})
