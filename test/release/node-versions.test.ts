import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { root } from '../helpers/rings.js'

describe('the one prebuilt addon', () => {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-lifecycle-'))
    await output('tar', ['-xzf', inject('tarball'), '-C', folder, '--strip-components=1'])
    for (const part of ['test', 'lib', 'vitest.config.mts', 'tsconfig.json'])
      cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    // One test copies the addon from where it is built.
    const addon = `prebuilds/${process.platform}-${process.arch}/beamlink.glibc.node`
    cpSync(path.join(folder, addon), path.join(folder, 'build/Release/beamlink.node'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** The program of a release of Node, out of npm's package of it. */
  const nodeOf = async (release: string) => {
    if (process.versions.node.startsWith(`${release}.`)) return process.execPath
    const ask = ['-y', '-p', `node@${release}`, 'node', '-p', 'process.execPath']
    const said = await output('npx', ask, { cwd: tmpdir() })
    return said.trim().split('\n').at(-1) ?? ''
  }

  it.each(['20', '22', '24'])(
    'passes the lifecycle tests, in worker threads too, under Node %s',
    async (release) => {
      const node = await nodeOf(release)
      expect(await output(node, ['-p', 'process.versions.node'])).toMatch(
        new RegExp(`^${release}\\.`),
      )
      const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
      const said = await output(node, [vitest, 'run', '--project', 'lifecycle'], {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1' },
      })
      expect(said).toMatch(/Tests +\d+ passed \(\d+\)/)
    },
  )
})
