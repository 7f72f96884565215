import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { deferred, withDeadline } from '../helpers/waiting.js'

describe.skipIf(process.platform !== 'linux')('the addon', () => {
  // Node unloads it then; each time that ei is loaded anew it takes one of the thousand keys of a process.
  it('stays loaded after the last worker that used it', () => {
    const fixture = path.join(__dirname, '../fixtures/worker-alone.mjs')
    const { before, after } = JSON.parse(
      execFileSync(process.execPath, [fixture], { encoding: 'utf8' }),
    )
    expect(before).toBeGreaterThan(0)
    expect(after).toBe(before)
  })
})

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

describe('a worker that ends', () => {
  let erl: ErlNode
  let silence: Server
  const sockets: Socket[] = []
  beforeAll(async () => {
    erl = await ErlNode.start()
    await erl.load(`
      -module(flood).
      -export([run/2]).
      run(To, N) -> [To ! {I, <<"a message">>} || I <- lists:seq(1, N)], ok.
    `)
    silence = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
    silence.listen(0, '127.0.0.1')
    await once(silence, 'listening')
  })
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    silence.close()
    await erl.stop()
  })

  /** One life; gives how it ended. */
  const live = async (mode: string, isTerminated: boolean) => {
    const workerData = {
      mode,
      name: uniqueName('life'),
      cookie: testCookie,
      epmdPort: erl.epmdPort,
      peer: erl.name,
      silentPort: (silence.address() as AddressInfo).port,
    }
    const worker = new Worker(path.join(__dirname, '../fixtures/worker-lives.mjs'), { workerData })
    const { promise, resolve } = deferred<{ code?: number; failure?: string }>()
    worker.on('error', ({ message }: Error) => resolve({ failure: message }))
    worker.on('exit', (code) => resolve({ code }))
    // Node 24 may tell of the end before it brings the last message.
    const ready = new Promise((resolve) => worker.once('message', resolve))
    await withDeadline(Promise.race([ready, promise]), `the worker to be ${mode}`)
    if (isTerminated) await worker.terminate()
    return await withDeadline(promise, 'the worker to end')
  }

  it.each(['flooded', 'sending', 'dialling', 'redialling', 'stopping'])(
    'may be terminated while its node is %s, again and again',
    async (mode) => {
      for (let life = 0; life < 8; life += 1)
        expect(await live(mode, true)).not.toHaveProperty('failure')
      expect(await erl.eval('ok')).toBe('ok')
    },
  )

  it('may leave in the middle of traffic', async () => {
    expect(await live('exiting', false)).toEqual({ code: 0 })
  })

  it('may die of what a handler throws', async () => {
    expect(await live('throwing', false)).toEqual({ failure: 'on purpose' })
  })

  it('ends by itself when its node has stopped', async () => {
    expect(await live('stopping', false)).toEqual({ code: 0 })
  })
})
