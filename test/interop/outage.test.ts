import type { ErlangNode, NodeOptions } from 'beamlink'
import { atom, equals } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { freeze } from '../helpers/freeze.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { until } from '../helpers/waiting.js'

let epmd: Epmd
beforeAll(async () => {
  epmd = await Epmd.start()
})
afterAll(() => epmd.stop())

const started: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()))
})

type ErlOptions = NonNullable<Parameters<typeof ErlNode.start>[0]>

async function startErl(name: string, options: ErlOptions = {}): Promise<ErlNode> {
  const erl = await ErlNode.start({ name, epmdPort: epmd.port, ...options })
  started.push(erl)
  return erl
}

async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const node = await startBeside(
    { cookie: testCookie, epmdPort: epmd.port },
    { reconnect: { minMs: 10, maxMs: 100 }, ...options },
  )
  started.push(node)
  return node
}

const forEver = Number.POSITIVE_INFINITY

function expectNothingLeft(node: ErlangNode): void {
  const { pendingCalls, peers } = node.stats()
  expect({ pendingCalls, peers }).toEqual({ pendingCalls: 0, peers: {} })
}

describe('a call while its peer is away', () => {
  it('fails as soon as that is known, by default', async () => {
    const node = await start()
    const call = node.rpc(uniqueName('away'), 'erlang', 'node', [], { timeoutMs: forEver })
    await expect(call).rejects.toMatchObject({ code: 'ERR_ERL_NODE_NOT_FOUND' })
    expectNothingLeft(node)
  })

  it('waits for the peer if it says so, and is then made once', async () => {
    const peer = uniqueName('late')
    const node = await start()
    const options = { timeoutMs: 20_000, whenDown: 'wait' } as const
    const calls = Promise.all(
      Array.from({ length: 5 }, (_, index) => node.rpc(peer, 'tally', 'count', [index], options)),
    )
    await until(node, 'redial', (_name: string, { failures }: { failures: number }) => failures > 1)
    expect(node.stats().pendingCalls).toBe(5)
    const counted: number[] = []
    const late = await start({ name: peer })
    late.expose('tally', { count: (index: number) => counted.push(index) })
    expect(await calls).toEqual([1, 2, 3, 4, 5])
    await node.ping(peer)
    expect(counted).toEqual([0, 1, 2, 3, 4])
  })

  it('waits by the choice of the node, unless it says otherwise', async () => {
    const peer = uniqueName('late')
    const node = await start({ whenDown: 'wait' })
    const waiting = node.connect(peer, { timeoutMs: 20_000 })
    await expect(node.ping(peer, { whenDown: 'fail' })).resolves.toBe(false)
    await expect(
      node.call({ name: 'x', node: peer }, 1, { whenDown: 'fail' }),
    ).rejects.toMatchObject({ code: 'ERR_ERL_NODE_NOT_FOUND' })
    await startErl(peer)
    await waiting
    expect(node.peers).toEqual([peer])
  })

  it('waits no longer than its timeout, and says why it was in vain', async () => {
    const node = await start()
    const call = node.connect(uniqueName('away'), { timeoutMs: 150, whenDown: 'wait' })
    await expect(call).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
      message: expect.stringMatching(/within 150 ms \(still connecting: .*knows no node/),
      cause: { code: 'ERR_ERL_NODE_NOT_FOUND' },
    })
    expect(node.stats().pendingCalls).toBe(0)
  })

  it('leaves nothing behind when it is aborted', async () => {
    const node = await start()
    const enough = new AbortController()
    const call = node.rpc(uniqueName('away'), 'erlang', 'node', [Buffer.alloc(10_000)], {
      signal: enough.signal,
      timeoutMs: forEver,
      whenDown: 'wait',
    })
    const refused = expect(call).rejects.toThrow('enough')
    await until(node, 'redial')
    expect(Object.values(node.stats().peers)).toMatchObject([
      { isUp: false, connections: 0, out: expect.closeTo(10_000, -2), in: 0 },
    ])
    enough.abort(new Error('enough'))
    await refused
    expectNothingLeft(node)
  })

  it('does not wait for what time does not mend', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start({ cookie: 'another', whenDown: 'wait' })
    await expect(node.connect(erl.name, { timeoutMs: forEver })).rejects.toMatchObject({
      code: 'ERR_ERL_AUTH',
    })
    await expect(
      node.connect(`${uniqueAlive('short')}@localhost`, { timeoutMs: forEver }),
    ).rejects.toMatchObject({ code: 'ERR_ERL_NAME_LENGTH' })
  })

  it('rejects with ERR_ERL_CLOSED when the node stops', async () => {
    const node = await start({ whenDown: 'wait' })
    const calls = [1, 2].map(() => node.connect(uniqueName('away'), { timeoutMs: forEver }))
    const refused = calls.map((call) =>
      expect(call).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' }),
    )
    await until(node, 'redial')
    await node.stop()
    await Promise.all(refused)
    expectNothingLeft(node)
  })

  it.each([
    [{ whenDown: 'later' }, RangeError, "whenDown must be one of 'fail', 'wait', got \"later\""],
    [{ whenDown: true }, TypeError, "whenDown must be one of 'fail', 'wait', got true (boolean)"],
  ])('refuses %o', async (options, kind, message) => {
    const node = await start()
    const call = node.ping('shop@127.0.0.1', options as object)
    await expect(call).rejects.toBeInstanceOf(kind)
    await expect(call).rejects.toThrow(message)
  })
})

describe('a call in flight when the connection breaks', () => {
  it('rejects with ERR_ERL_NOCONNECTION and is not made again, even if it would wait', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start({ whenDown: 'wait' })
    await erl.load(`
      -module(counted).
      -export([run/0]).
      run() -> observer ! called, timer:sleep(60000).
    `)
    const call = node.rpc(erl.name, 'counted', 'run', [], { timeoutMs: forEver })
    const refused = expect(call).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    expect(await erl.observed.next()).toBe('called')
    await erl.eval(`erlang:disconnect_node('${node.name}')`)
    await refused
    expect(await node.ping(erl.name)).toBe(true)
    expect(erl.observed.waiting).toBe(0)
  })

  it('rejects with ERR_ERL_NOCONNECTION when the peer is killed', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    const calls = Array.from({ length: 50 }, () =>
      node.rpc(erl.name, 'timer', 'sleep', [60_000], { timeoutMs: forEver }),
    )
    const refused = calls.map((call) =>
      expect(call).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' }),
    )
    await node.drained(erl.name)
    erl.signal('SIGKILL')
    await Promise.all(refused)
    expect(node.stats().pendingCalls).toBe(0)
  })
})

describe('a peer that is stopped by SIGSTOP', () => {
  it('answers when it goes on, if that is within the tick time', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    await freeze(erl)
    await expect(
      node.rpc(erl.name, 'erlang', 'abs', [-1], { timeoutMs: 200 }),
    ).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
    const call = node.rpc(erl.name, 'erlang', 'abs', [-2])
    for (const number of [1, 2, 3]) void node.send({ name: 'observer', node: erl.name }, number)
    await node.drained(erl.name)
    erl.signal('SIGCONT')
    expect(await call).toBe(2)
    for (const number of ['1', '2', '3']) expect(await erl.observed.next()).toBe(number)
    expect(node.stats().drops.unwritten).toBe(0)
  })

  it('is given up after the tick time, and found again when it goes on', async () => {
    const args = ['-kernel', 'net_ticktime', '2']
    const erl = await startErl(uniqueName('erl'), { args })
    const node = await start({ netTicktimeS: 2, reconnect: { minMs: 10, maxMs: 100 } })
    await node.connect(erl.name)
    const down = until<[string, string]>(node, 'nodedown')
    await freeze(erl)
    const call = node.rpc(erl.name, 'erlang', 'node', [], { timeoutMs: forEver })
    await expect(call).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    expect((await down)[1]).toContain('silent')
    // The connection is accepted by the kernel, but nobody answers.
    const again = node.ping(erl.name, { timeoutMs: 20_000, whenDown: 'wait' })
    erl.signal('SIGCONT')
    expect(await again).toBe(true)
  })
})

describe('a peer that is restarted', () => {
  it('is another life of that name: its old processes are dead', async () => {
    const peer = uniqueName('phoenix')
    const first = await startErl(peer)
    const node = await start()
    const old = await node.rpc(peer, 'erlang', 'whereis', [atom('observer')])
    const down = until(node, 'nodedown')
    first.signal('SIGKILL')
    await down
    const second = await startErl(peer)
    const fresh = await node.rpc(peer, 'erlang', 'whereis', [atom('observer')])
    expect(equals(old, fresh)).toBe(false)
    await node.send(old as never, 'to the dead')
    await node.send(fresh as never, 'to the living')
    expect(await second.observed.next()).toBe('<<"to the living">>')
    await node.ping(peer)
    expect(second.observed.waiting).toBe(0)
    expect(node.stats().drops.unknownProcess).toBe(1)
  })
})
