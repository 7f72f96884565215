import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import { type Drop, ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { uniqueName } from '../helpers/names.js'
import { Authority, type Credentials } from '../helpers/tls/certificates.js'
import { until, withDeadline } from '../helpers/waiting.js'

let authority: Authority
let leaf: Credentials
beforeAll(() => {
  authority = new Authority()
  leaf = authority.leaf('leaf')
})
afterAll(() => authority.remove())

const nodes: ErlangNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(options: Partial<Parameters<typeof ErlangNode.start>[0]> = {}) {
  const node = await ErlangNode.start({
    name: uniqueName('tls'),
    cookie: 'secret',
    epmd: 'none',
    tls: leaf,
    ...options,
  })
  node.expose('echo', { echo: (value: unknown) => value })
  nodes.push(node)
  return node
}

function dial(from: ErlangNode, to: ErlangNode): Promise<void> {
  return from.connect(to.name, to.address ?? {})
}

/** The threads that are started while `work` runs. */
async function threadsOf<Result>(work: () => Promise<Result>) {
  const module = createRequire(__filename)('node:worker_threads') as { Worker: typeof Worker }
  const { Worker: Original } = module
  const threads: Worker[] = []
  module.Worker = class extends Original {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given)
      threads.push(this)
    }
  }
  try {
    return { threads, result: await work() }
  } finally {
    module.Worker = Original
  }
}

describe('nodes with tls', () => {
  it('that dial each other at the same time are connected once', async () => {
    for (let round = 0; round < 4; round += 1) {
      const [one, two] = [await start(), await start()]
      await Promise.all([dial(one, two), dial(two, one)])
      expect(await one.rpc(two.name, 'echo', 'echo', [1])).toBe(1)
      expect(await two.rpc(one.name, 'echo', 'echo', [2])).toBe(2)
      expect([one.peers, two.peers]).toEqual([[two.name], [one.name]])
      await Promise.all([one.stop(), two.stop()])
    }
  }, 30_000)

  it('have 20 peers at once, and let go of every descriptor', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length
    await (await start()).stop()
    const before = descriptors()
    const hub = await start()
    const peers = await Promise.all(Array.from({ length: 20 }, () => start()))
    await Promise.all(peers.map((peer) => dial(peer, hub)))
    const values = await Promise.all(
      peers.map((peer, i) => hub.rpc(peer.name, 'echo', 'echo', [i])),
    )
    expect(values).toEqual(peers.map((_, i) => i))
    await Promise.all([...peers, hub].map((node) => node.stop()))
    expect(descriptors()).toBeLessThanOrEqual(before + 2)
  }, 60_000)

  it('have a new thread when one has failed, and listen where they did', async () => {
    const { threads, result: node } = await threadsOf(() => start())
    const peer = await start()
    await dial(peer, node)
    const { port } = node.address ?? {}
    const told = until(node, 'drop', ({ reason }: Drop) => reason === 'noConnection')
    const down = until(peer, 'nodedown')
    await threads[0]?.terminate()
    await down
    const [drop] = await told
    expect(drop.detail).toMatch(/^the thread that carries TLS has ended/)
    await dial(node, peer)
    await node.disconnect(peer.name)
    for (;;) {
      const isBack = await dial(peer, node).then(
        () => true,
        () => false,
      )
      if (isBack) break
    }
    expect(node.address?.port).toBe(port)
  }, 30_000)

  it('may live in a worker thread that is terminated', async () => {
    const node = await start()
    const down = until(node, 'nodedown')
    const { Worker } = await import('node:worker_threads')
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads')
       const { ErlangNode } = require(workerData.beamlink)
       ErlangNode.start(workerData.options).then((node) => node.connect(...workerData.peer))`,
      {
        eval: true,
        workerData: {
          beamlink: require.resolve('beamlink'),
          options: { name: uniqueName('worker'), cookie: 'secret', epmd: 'none', tls: leaf },
          peer: [node.name, node.address],
        },
      },
    )
    await until(node, 'nodeup')
    await worker.terminate()
    await down
  })

  it('let a process end that has let go of its node, connected as it is', async () => {
    const node = await start()
    const up = until(node, 'nodeup')
    const program = path.join(authority.folder, 'unref.cjs')
    const { writeFileSync } = await import('node:fs')
    const options = { name: uniqueName('gone'), cookie: 'secret', epmd: 'none', tls: leaf }
    writeFileSync(
      program,
      `const { ErlangNode } = require(${JSON.stringify(require.resolve('beamlink'))})
       ErlangNode.start(${JSON.stringify(options)}).then(async (node) => {
         await node.connect(${JSON.stringify(node.name)}, ${JSON.stringify(node.address)})
         node.unref()
       })`,
    )
    const child = fork(program, { stdio: 'ignore' })
    child.channel?.unref()
    child.disconnect()
    const down = until(node, 'nodedown')
    expect(await withDeadline(once(child, 'exit'), 'the process to end')).toEqual([0, null])
    await up
    await down
  })
})
