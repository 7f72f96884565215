import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import {
  atom,
  type CallMessage,
  type ConnectMessage,
  type DisconnectMessage,
  type DropMessage,
  type MessageMessage,
  type RefusedMessage,
  type ServeMessage,
  tuple,
} from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectTo, type JoinedNodes, joinedNodes, startAlone } from '../helpers/joined-nodes.js'
import { Arrivals } from '../helpers/waiting.js'

let pair: JoinedNodes
beforeAll(async () => {
  pair = await joinedNodes()
})
afterAll(() => pair.stop())

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0)) await each()
})

/** What is published on a channel from now on. */
function listen<Message>(name: string): Arrivals<Message> {
  const arrivals = new Arrivals<Message>()
  const subscriber = (message: unknown) => arrivals.push(message as Message)
  channel(name).subscribe(subscriber)
  undo.push(() => channel(name).unsubscribe(subscriber))
  return arrivals
}

/** The order in which the channels of one call have spoken, with what they said at the time. */
function follow<Message extends object>(name: string, isMeant: (message: Message) => boolean) {
  const told: [event: string, message: Message][] = []
  const done = new Arrivals<true>()
  const on = (event: string) => (message: Message) => {
    if (!isMeant(message)) return
    told.push([event, { ...message }])
    if (event === 'asyncEnd' || (event === 'end' && 'result' in message)) done.push(true)
  }
  const subscribers = {
    start: on('start'),
    end: on('end'),
    asyncStart: on('asyncStart'),
    asyncEnd: on('asyncEnd'),
    error: on('error'),
  }
  const tracing = tracingChannel<string, Message>(name)
  tracing.subscribe(subscribers as never)
  undo.push(() => tracing.unsubscribe(subscribers as never))
  return { told, done }
}

describe('beamlink:connect and beamlink:disconnect', () => {
  it('tell which peers come and go, at both ends', async () => {
    const ups = listen<ConnectMessage>('beamlink:connect')
    const downs = listen<DisconnectMessage>('beamlink:disconnect')
    const stranger = await startAlone()
    undo.push(() => stranger.stop())
    await connectTo(stranger, pair.there)
    const seen = [await ups.next(), await ups.next()]
    expect(seen.find(({ node }) => node === stranger.name)).toMatchObject({
      peer: pair.there.name,
      host: '127.0.0.1',
      isIncoming: false,
    })
    expect(seen.find(({ node }) => node === pair.there.name)).toMatchObject({
      peer: stranger.name,
      isIncoming: true,
    })
    for (const { handshakeMs } of seen) expect(handshakeMs).toBeGreaterThan(0)
    await stranger.disconnect(pair.there.name)
    const gone = [await downs.next(), await downs.next()]
    expect(gone.find(({ node }) => node === stranger.name)).toMatchObject({
      peer: pair.there.name,
      code: 'ERR_ERL_CLOSED',
    })
    expect(gone.find(({ node }) => node === pair.there.name)).toMatchObject({
      peer: stranger.name,
      code: 'ERR_ERL_NOCONNECTION',
      reason: expect.any(String),
    })
  })
})

describe('beamlink:drop and beamlink:refused', () => {
  it('tell what was dropped', async () => {
    const drops = listen<DropMessage>('beamlink:drop')
    await pair.here.send({ name: 'nobody', node: pair.there.name }, 1)
    expect(await drops.next()).toEqual({
      node: pair.there.name,
      peer: pair.here.name,
      reason: 'unknownName',
      to: 'nobody',
    })
  })

  it('tell of a connection with another cookie', async () => {
    const refusals = listen<RefusedMessage>('beamlink:refused')
    const stranger = await startAlone({ cookie: 'another' })
    undo.push(() => stranger.stop())
    await expect(stranger.connect(pair.there.name, pair.there.address)).rejects.toThrow()
    expect(await refusals.next()).toMatchObject({
      node: pair.there.name,
      peer: stranger.name,
      address: '127.0.0.1',
      count: 1,
    })
  })
})

describe('beamlink:message', () => {
  it('tells of each message as it goes out and as it comes in', async () => {
    const seen = new Arrivals<[message: MessageMessage, read: unknown]>()
    // Read at once: that is when the message can be read.
    const subscriber = (message: unknown) => {
      seen.push([message as MessageMessage, (message as MessageMessage).message])
    }
    channel('beamlink:message').subscribe(subscriber)
    undo.push(() => channel('beamlink:message').unsubscribe(subscriber))
    pair.there.register('greeter', () => undefined)
    undo.push(() => pair.there.unregister('greeter'))
    const sent = tuple(atom('hello'), 'you')
    await pair.here.send({ name: 'greeter', node: pair.there.name }, sent)
    const [out, outRead] = await seen.next()
    expect(out).toMatchObject({
      node: pair.here.name,
      peer: pair.there.name,
      direction: 'out',
      to: 'greeter',
    })
    expect(out.from?.toString()).toBe(pair.here.pid.toString())
    const [incoming, inRead] = await seen.next()
    expect(incoming).toMatchObject({
      node: pair.there.name,
      peer: pair.here.name,
      direction: 'in',
      to: 'greeter',
    })
    expect([outRead, inRead]).toEqual([
      tuple(atom('hello'), Buffer.from('you')),
      tuple(atom('hello'), Buffer.from('you')),
    ])
  })
})

describe('tracing:beamlink:call', () => {
  const toHere = ({ node }: CallMessage) => node === pair.here.name

  it('tells of an rpc from its start to its value', async () => {
    const { told, done } = follow<CallMessage>('beamlink:call', toHere)
    pair.there.expose('maths', { double: (x) => (x as number) * 2 })
    undo.push(() => pair.there.unexpose('maths'))
    expect(await pair.here.rpc(pair.there.name, 'maths', 'double', [21])).toBe(42)
    await done.next()
    expect(told.map(([event]) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(told[0]?.[1]).toEqual({
      kind: 'rpc',
      node: pair.here.name,
      peer: pair.there.name,
      service: 'maths',
      method: 'double',
      args: [21],
    })
    expect(told[3]?.[1].result).toBe(42)
  })

  it('tells of one that fails', async () => {
    const { told, done } = follow<CallMessage>('beamlink:call', toHere)
    await expect(pair.here.rpc(pair.there.name, 'no', 'such')).rejects.toThrow()
    await done.next()
    expect(told.map(([event]) => event)).toEqual([
      'start',
      'end',
      'error',
      'asyncStart',
      'asyncEnd',
    ])
    expect(told[2]?.[1].error).toMatchObject({ code: 'ERR_ERL_REMOTE' })
  })

  it('names the server of a call and what is asked of it', async () => {
    const { told, done } = follow<CallMessage>('beamlink:call', toHere)
    pair.there.serve('stock', { call: () => 7 })
    const stock = { name: 'stock', node: pair.there.name }
    expect(await pair.here.call(stock, tuple(atom('get'), 1))).toBe(7)
    await done.next()
    expect(told[0]?.[1]).toMatchObject({ kind: 'call', service: 'stock', method: 'get' })
    pair.there.unregister('stock')
  })

  it('still throws at once for a bad argument', async () => {
    follow<CallMessage>('beamlink:call', toHere)
    await expect(pair.here.rpc('no node name', 'm', 'f')).rejects.toThrow(/peer|node/)
  })
})

describe('tracing:beamlink:serve', () => {
  const toThere = ({ node }: ServeMessage) => node === pair.there.name

  it('tells of exposed functions, with their caller, also when they throw', async () => {
    const { told, done } = follow<ServeMessage>('beamlink:serve', toThere)
    pair.there.expose('orders', {
      total: async (x) => [x, x],
      fail: () => {
        throw new RangeError('too many')
      },
    })
    undo.push(() => pair.there.unexpose('orders'))
    await pair.here.rpc(pair.there.name, 'orders', 'total', [3])
    await done.next()
    expect(told.map(([event]) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(told[0]?.[1]).toMatchObject({
      kind: 'rpc',
      peer: pair.here.name,
      service: 'orders',
      method: 'total',
      args: [3],
    })
    expect(told[3]?.[1].result).toEqual([3, 3])
    told.length = 0
    await expect(pair.here.rpc(pair.there.name, 'orders', 'fail')).rejects.toThrow()
    expect(told.map(([event]) => event)).toEqual(['start', 'error', 'end'])
    expect(told[1]?.[1].error).toBeInstanceOf(RangeError)
  })

  it('tells of calls, casts and messages', async () => {
    const { told } = follow<ServeMessage>('beamlink:serve', toThere)
    const casts = new Arrivals<unknown>()
    pair.there.serve('clerk', { call: () => 1, cast: casts.push, info: casts.push })
    pair.there.register('ear', casts.push)
    const to = (name: string) => ({ name, node: pair.there.name })
    await pair.here.call(to('clerk'), atom('count'))
    await pair.here.cast(to('clerk'), tuple(atom('add'), 1))
    await pair.here.send(to('clerk'), 'text')
    await pair.here.send(to('ear'), atom('hear'))
    for (let i = 0; i < 3; i += 1) await casts.next()
    const starts = told.filter(([event]) => event === 'start').map(([, message]) => message)
    expect(starts.map(({ kind, service, method }) => [kind, service, method])).toEqual([
      ['call', 'clerk', 'count'],
      ['cast', 'clerk', 'add'],
      ['info', 'clerk', 'info'],
      ['message', 'ear', 'hear'],
    ])
    pair.there.unregister('clerk')
    pair.there.unregister('ear')
  })

  it('runs the function with the stores that are bound, and inside `around`', async () => {
    const store = new AsyncLocalStorage<string>()
    const { start } = tracingChannel<string, ServeMessage>('beamlink:serve')
    start.bindStore(store as never, ((message: ServeMessage) => message.method) as never)
    undo.push(() => start.unbindStore(store as never))
    const order: string[] = []
    const subscriber = (message: unknown) => {
      ;(message as ServeMessage).around = (run) => {
        order.push('before')
        const value = run()
        order.push('after')
        return value
      }
    }
    start.subscribe(subscriber)
    undo.push(() => start.unsubscribe(subscriber))
    pair.there.expose('ctx', {
      see: async () => {
        order.push('in')
        await new Promise(setImmediate)
        return store.getStore() ?? 'nothing'
      },
    })
    undo.push(() => pair.there.unexpose('ctx'))
    expect(String(await pair.here.rpc(pair.there.name, 'ctx', 'see'))).toBe('see')
    expect(order).toEqual(['before', 'in', 'after'])
  })
})
