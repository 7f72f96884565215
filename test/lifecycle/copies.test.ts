import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as original from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'

const root = path.resolve(__dirname, '../..')

describe('two copies of the package in one process', () => {
  let folder: string
  let load: NodeJS.Require
  let copy: typeof original
  let erl: ErlNode
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-copy-'))
    for (const part of ['dist', 'package.json', 'build/Release/beamlink.node']) {
      cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    load = createRequire(path.join(folder, 'package.json'))
    copy = load('./dist/index.js')
    erl = await ErlNode.start()
  })
  afterAll(async () => {
    await erl.stop()
    rmSync(folder, { recursive: true })
  })

  /** The code alone: Node keeps addons for itself. */
  const loadAnew = (): typeof original => {
    const dist = path.join(folder, 'dist')
    for (const file of Object.keys(load.cache).filter((each) => each.startsWith(dist))) {
      delete load.cache[file]
    }
    return load('./dist/index.js')
  }

  it.each([
    ['of two folders', () => original],
    // As Jest does for each of its files of tests.
    ['of one folder', loadAnew],
  ])('%s have addons, nodes and classes of their own, and talk to each other', async (_, other) => {
    const first = other()
    expect(copy.Pid).not.toBe(first.Pid)
    expect(copy.decode(copy.encode(copy.atom('one')))).toBe(copy.atom('one'))
    expect(first.decode(first.encode(first.atom('two')))).toBe(first.atom('two'))
    expect(copy.decode(copy.encode(copy.atom('three')))).toBe(copy.atom('three'))
    const options = { cookie: erl.cookie, epmd: { port: erl.epmdPort } }
    const [one, two] = await Promise.all([
      first.ErlangNode.start({ name: uniqueName('one'), ...options }),
      copy.ErlangNode.start({ name: uniqueName('two'), ...options }),
    ])
    one.expose('one', { pid: () => one.pid })
    const pid = await two.rpc(one.name, 'one', 'pid')
    expect(copy.Pid.is(pid) && first.Pid.is(pid)).toBe(true)
    expect(first.equals(pid, one.pid)).toBe(true)
    const failure = await one.rpc(two.name, 'no', 'such', []).catch((error: unknown) => error)
    expect(copy.ErlangError.is(failure)).toBe(true)
    expect(await Promise.all([one, two].map((node) => node.ping(erl.name)))).toEqual([true, true])
    // A term of one copy goes through the other.
    expect(await two.rpc(erl.name, 'erlang', 'node', [first.atom('x')]).catch(() => 1)).toBe(1)
    await one.stop()
    expect(await two.ping(erl.name)).toBe(true)
    await two.stop()
  })
})
