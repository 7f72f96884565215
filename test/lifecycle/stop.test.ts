import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { atom, callContext, type ErlangNode, type NodeOptions } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { freeze } from '../helpers/freeze.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueName } from '../helpers/names.js'
import { deferred, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
beforeAll(async () => {
  erl = await ErlNode.start()
})
afterAll(() => erl.stop())

const closers: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const node = await startBeside(erl, options)
  closers.push(() => node.stop())
  return node
}

const closed = { code: 'ERR_ERL_CLOSED' }
const forEver = { timeoutMs: Number.POSITIVE_INFINITY }

/** Well below every timeout of a node, so that none of them is what ends the wait. */
const soonMs = 3_000

/** A server that takes connections and says nothing. */
async function startSilence(): Promise<{ port: number; visited: Promise<unknown> }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, visited: once(server, 'connection') }
}

describe('stop', () => {
  it('is one and the same, however often it is called', async () => {
    const node = await start()
    const first = node.stop()
    expect(node.stop()).toBe(first)
    await first
    expect(node.stop()).toBe(first)
    expect(node.unref().ref()).toBe(node)
  })

  it('comes with the end of the block, by `await using`', async () => {
    const told: string[] = []
    {
      await using node = await startBeside(erl)
      node.on('close', () => told.push(node.name))
      await node.connect(erl.name)
      expect(told).toEqual([])
    }
    expect(told.length).toBe(1)
  })

  it('ends dials to whoever does not answer', async () => {
    const { port, visited } = await startSilence()
    const node = await start({ connectTimeoutMs: 60_000 })
    const dial = node.connect('silent@127.0.0.1', { port, ...forEver })
    const call = node.rpc('silent@127.0.0.1', 'erlang', 'node', [], forEver)
    const sent = node.send({ name: 'x', node: 'silent@127.0.0.1' }, 1)
    const refused = [dial, call, sent].map((each) => expect(each).rejects.toMatchObject(closed))
    await visited
    await withDeadline(node.stop(), 'stop', soonMs)
    await Promise.all(refused)
  })

  it('ends handshakes of those who have called and say nothing', async () => {
    const node = await start({ handshakeTimeoutMs: 60_000 })
    const { port = 0 } = node.address ?? {}
    const callers = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    await Promise.all(callers.map((socket) => once(socket, 'connect')))
    const gone = callers.map((socket) => once(socket.resume(), 'close'))
    await withDeadline(node.stop(), 'stop', soonMs)
    await withDeadline(Promise.all(gone), 'the callers to be hung up on', soonMs)
  })

  it('rejects what is pending: calls, connects, receives, and those who wait for a peer', async () => {
    const node = await start({ reconnect: { minMs: 60_000, maxMs: 60_000 } })
    await node.connect(erl.name)
    const calls = [
      node.rpc(erl.name, 'timer', 'sleep', [60_000], forEver),
      node.call({ name: 'observer', node: erl.name }, 1, forEver),
      node.connect(uniqueName('away'), { whenDown: 'wait', ...forEver }),
      node.spawn().receive(),
    ]
    const refused = calls.map((each) => expect(each).rejects.toMatchObject(closed))
    await withDeadline(node.stop(), 'stop', soonMs)
    await Promise.all(refused)
    expect(node.stats()).toMatchObject({ pendingCalls: 0, processes: 0, peers: {} })
  })

  it('tells Erlang: callers of ours, links and monitors', async () => {
    const node = await start()
    const running = deferred<void>()
    node.expose('slow', {
      run: () => {
        running.resolve()
        return new Promise(() => undefined)
      },
    })
    node.register('handler', () => undefined)
    const call = erl.eval(`catch rpc:call('${node.name}', slow, run, [])`)
    const session = erl.session()
    await session.eval(`erlang:monitor(process, {handler, '${node.name}'})`)
    await running.promise
    await withDeadline(node.stop(), 'stop', soonMs)
    expect(await session.eval("receive {'DOWN', _, _, _, R} -> R end")).toMatch(
      /^(shutdown|noconnection)$/,
    )
    expect(await call).toMatch(/shutdown|nodedown|noconnection/)
  })

  it('ends what peers have spawned while a server was finishing', async () => {
    const node = await start()
    const [begun, finished] = [deferred<void>(), deferred<void>()]
    node.expose('late', {
      run: async () => {
        begun.resolve()
        await callContext()?.self.receive()
      },
    })
    node.serve('finishing', { terminate: () => finished.promise })
    const session = erl.session()
    await session.eval(`net_adm:ping('${node.name}')`)
    const stopped = node.stop()
    await session.eval(`spawn_monitor('${node.name}', late, run, [])`)
    await withDeadline(begun.promise, 'the process')
    finished.resolve()
    await withDeadline(stopped, 'stop', soonMs)
    expect(await session.eval("receive {'DOWN', _, _, _, R} -> R end")).toBe('shutdown')
    expect(node.stats().processes).toBe(0)
  })

  it('does not wait for a handler, a function or a process that does not end', async () => {
    const node = await start()
    const begun = [deferred<void>(), deferred<void>()]
    const never = new Promise(() => undefined)
    node.register('stuck', () => {
      begun[0]?.resolve()
      return never
    })
    node.spawn(() => {
      begun[1]?.resolve()
      return never
    })
    await node.send('stuck', 1)
    await Promise.all(begun.map(({ promise }) => promise))
    await withDeadline(node.stop(), 'stop', soonMs)
  })

  it('gives a peer that does not read a second to take what waits, and counts the rest', async () => {
    const sleeper = await ErlNode.start({ epmdPort: erl.epmdPort })
    closers.push(() => sleeper.stop())
    const node = await start()
    await node.connect(sleeper.name)
    await sleeper.eval(`
      register(counter, spawn(fun() ->
        true = erlang:monitor_node('${node.name}', true),
        observer ! watching,
        (fun Count(N) ->
          receive {nodedown, _} -> observer ! N; _ -> Count(N + 1) end
        end)(0)
      end))`)
    expect(await sleeper.observed.next()).toBe('watching')
    await freeze(sleeper)
    const blob = Buffer.alloc(1024 * 1024)
    for (let sent = 0; sent < 60; sent += 1) {
      void node.send({ name: 'counter', node: sleeper.name }, blob)
    }
    await withDeadline(node.stop(), 'stop', soonMs)
    const { unwritten } = node.stats().drops
    expect(unwritten).toBeGreaterThan(0)
    sleeper.signal('SIGCONT')
    expect(Number(await sleeper.observed.next())).toBe(60 - unwritten)
  })

  it('frees the name at once', async () => {
    const name = uniqueName('again')
    for (let life = 0; life < 5; life += 1) {
      const node = await start({ name })
      await node.stop()
    }
  })

  it('tells once that it is closed, and that each peer is gone', async () => {
    const node = await start()
    await node.connect(erl.name)
    const told: string[] = []
    node.on('nodedown', (peer) => told.push(`down ${peer}`))
    node.on('close', () => told.push('close'))
    await Promise.all([node.stop(), node.stop()])
    await node.stop()
    expect(told).toEqual([`down ${erl.name}`, 'close'])
  })
})

describe('stop from inside', () => {
  const places: readonly [string, (node: ErlangNode, stop: () => void) => Promise<unknown>][] = [
    [
      'a message handler',
      async (node, stop) => {
        node.register('here', stop)
        await node.send('here', 1)
      },
    ],
    [
      'a process',
      async (node, stop) => {
        node.spawn(async (self) => {
          self.trapExit = true
          stop()
        })
      },
    ],
    [
      'a callback of a server, which does not await it',
      async (node, stop) => {
        const server = node.serve('server', { call: stop })
        expect(await erl.eval(`gen_server:call({server, '${node.name}'}, stop)`)).toBe('ok')
        expect(await server.whenEnded).toBe(atom('shutdown'))
      },
    ],
    [
      'an exposed function',
      async (node, stop) => {
        node.expose('stop', { now: stop })
        void erl.eval(`catch rpc:call('${node.name}', stop, now, [])`)
      },
    ],
    [
      'nodeup',
      async (node, stop) => {
        node.once('nodeup', stop)
        await node.ping(erl.name)
      },
    ],
    [
      'nodedown',
      async (node, stop) => {
        node.once('nodedown', stop)
        await node.connect(erl.name)
        await node.disconnect(erl.name)
      },
    ],
    [
      'drop',
      async (node, stop) => {
        node.once('drop', stop)
        await node.send('nobody', 1)
      },
    ],
    [
      'redial',
      async (node, stop) => {
        node.once('redial', stop)
        await node.ping('nobody@127.0.0.1', { whenDown: 'wait' })
      },
    ],
  ]

  it.each(places)('%s', async (_place, provoke) => {
    const node = await start()
    const stopped = deferred<void>()
    await provoke(node, () => void node.stop().then(stopped.resolve, stopped.reject))
    await withDeadline(stopped.promise, 'stop', soonMs)
    expect(node.peers).toEqual([])
  })
})
