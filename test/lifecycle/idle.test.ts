import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { root } from '../helpers/rings.js'

/** Files of ours and modules of Node that a process has loaded. */
interface Loaded {
  readonly files: string[]
  readonly modules: string[]
}

async function loadedBy(program: string, epmdPort?: number): Promise<Loaded> {
  const source = `
    const run = async () => { ${program} }
    run().then(() => {
      const files = Object.keys(require.cache)
      console.log(JSON.stringify({ files, modules: process.moduleLoadList }))
    })`
  const env = { ...process.env, ...(epmdPort && { ERL_EPMD_PORT: String(epmdPort) }) }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { cwd: root, env })
  return JSON.parse(stdout)
}

/** Each file costs: its name is looked up, and Node's loader is compiled anew once it is busy. */
const MOST_FILES = 8
const costly = /^NativeModule (crypto|perf_hooks|zlib|dns|child_process)$/
const core = path.join(root, 'dist/chunks/node.js')

describe('what a process loads', () => {
  it('is little for a node that does nothing', async () => {
    const epmd = await Epmd.start()
    const { files, modules } = await loadedBy(
      `const { ErlangNode } = require('beamlink')
       const node = await ErlangNode.start({ name: 'idle@127.0.0.1', cookie: 'c' })
       await node.stop()`,
      epmd.port,
    )
    await epmd.stop()
    expect(files).toContain(core)
    expect(files.filter((file) => file.endsWith('.js')).length).toBeLessThanOrEqual(MOST_FILES)
    expect(modules.filter((module) => costly.test(module))).toEqual([])
  })

  it('is no node for tasks that have none', async () => {
    const { files } = await loadedBy(
      `const { Tasks } = require('beamlink/tasks')
       const tasks = new Tasks()
       await tasks.stop()`,
    )
    expect(files).toContain(path.join(root, 'dist/tasks/index.js'))
    expect(files).not.toContain(core)
  })
})
