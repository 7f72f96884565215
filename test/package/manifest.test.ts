import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { layOutPackage } from '../helpers/package/consumer.js'
import { root } from '../helpers/rings.js'

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

describe('the package, as tools for packages see it', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-package-'))
    layOutPackage(folder)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has nothing that publint finds', async () => {
    const { messages } = await publint({ pkgDir: folder, strict: true })
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  it('resolves with its types for everyone, as attw finds', async () => {
    await output('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: folder })
    const tarball = path.join(folder, `beamlink-${manifest.version}.tgz`)
    const program = path.join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    // Node 10 knows no `exports`, and the package needs twice that.
    const args = [program, tarball, '--profile', 'node16', '--exclude-entrypoints', 'beamlink.erl']
    // It fails when it finds anything.
    await output(process.execPath, args)
    // Without addons, which take some 600 KB more: all of it has to stay below 2 MB.
    expect(statSync(tarball).size).toBeLessThan(1_300_000)
  })

  it('puts the types first in each entry of its exports', () => {
    const entries = Object.values<object | string>(manifest.exports).filter(
      (entry) => typeof entry === 'object',
    )
    expect(entries.length).toBeGreaterThan(3)
    for (const entry of entries) expect(Object.keys(entry)[0]).toBe('types')
  })

  it('is strict code throughout, as the ES modules that it is made of are', () => {
    const dist = path.join(folder, 'dist')
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    const scripts = files.filter((file) => file.endsWith('.js'))
    expect(scripts).toContain('index.js')
    const isStrict = /^(#!.*\n)?["']use strict["']/
    const lax = scripts.filter(
      (file) => !isStrict.test(readFileSync(path.join(dist, file), 'utf8')),
    )
    expect(lax).toEqual([])
  })

  it('is not installed where it cannot run, and runs nothing at installing', () => {
    expect(manifest.os).toEqual(['linux', 'darwin'])
    expect(manifest.gypfile).toBe(false)
    for (const script of ['preinstall', 'install', 'postinstall'])
      expect(manifest.scripts).not.toHaveProperty(script)
  })
})
