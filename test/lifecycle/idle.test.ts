import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { root } from '../helpers/rings.js'

/** Files of ours and modules of Node that a process has loaded. */
interface Loaded {
  readonly files: string[]
  readonly modules: string[]
}

async function loadedBy(program: string, epmdPort: number): Promise<Loaded> {
  const source = `
    const { ErlangNode } = require('beamlink')
    const start = () => ErlangNode.start({ name: 'idle@127.0.0.1', cookie: 'c' })
    start().then(async (node) => {
      ${program}
      await node.stop()
      const files = Object.keys(require.cache)
      console.log(JSON.stringify({ files, modules: process.moduleLoadList }))
    })`
  const env = { ...process.env, ERL_EPMD_PORT: String(epmdPort) }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { cwd: root, env })
  return JSON.parse(stdout)
}

const servers = /otp\/server\/server-process\.js$/
const ioServer = /otp\/io\/server\.js$/
const costly = /^NativeModule (crypto|perf_hooks|zlib|dns|child_process)$/

describe('what a process loads', () => {
  it('is not what an idle node does without', async () => {
    const epmd = await Epmd.start()
    const { files, modules } = await loadedBy('', epmd.port)
    await epmd.stop()
    expect(files.filter((file) => servers.test(file) || ioServer.test(file))).toEqual([])
    expect(modules.filter((module) => costly.test(module))).toEqual([])
  })

  it('has the servers once it serves', async () => {
    const epmd = await Epmd.start()
    const { files } = await loadedBy("node.serve('counter', {})", epmd.port)
    await epmd.stop()
    expect(files.filter((file) => servers.test(file))).toHaveLength(1)
    expect(files.filter((file) => ioServer.test(file))).toEqual([])
  })
})
