import { once } from 'node:events'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { withDeadline } from '../helpers/waiting.js'

describe('a node in a worker thread', () => {
  let erl: ErlNode
  beforeAll(async () => {
    erl = await ErlNode.start()
  })
  afterAll(() => erl.stop())

  const start = async (name = uniqueName('worker')) => {
    const workerData = { name, cookie: testCookie, epmdPort: erl.epmdPort, peer: erl.name }
    const worker = new Worker(path.join(__dirname, '../fixtures/worker.mjs'), { workerData })
    const [answer] = await withDeadline(once(worker, 'message'), 'the worker to call')
    expect(answer).toBe(42)
    return { worker, name }
  }

  it('is called from Erlang while the main thread is blocked', async () => {
    const { worker, name } = await start()
    const call = erl.eval(`
      Before = erlang:monotonic_time(millisecond),
      pong = rpc:call('${name}', worker, echo, [pong]),
      erlang:monotonic_time(millisecond) - Before`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000)
    expect(Number(await call)).toBeLessThan(1_900)
    await worker.terminate()
  })

  it('can be terminated in the middle of traffic, again and again', async () => {
    for (let life = 0; life < 15; life += 1) {
      const { worker } = await start()
      await worker.terminate()
    }
    expect(await erl.eval('length(nodes(hidden)) < 3')).toBe('true')
  })

  it('shares the process with a node of the main thread', async () => {
    const main = await ErlangNode.start({
      name: uniqueName('main'),
      cookie: testCookie,
      epmd: { port: erl.epmdPort },
    })
    const { worker, name } = await start()
    expect(await main.rpc(name, 'worker', 'echo', ['across'])).toEqual(Buffer.from('across'))
    const down = once(main, 'nodedown')
    await worker.terminate()
    expect((await withDeadline(down, 'nodedown'))[0]).toBe(name)
    await main.stop()
  })
})
