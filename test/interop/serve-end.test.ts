import { atom, format, noReply, type Pid, type TermInput, tuple } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { counter } from '../helpers/counter.js'
import { startBeside } from '../helpers/local-node.js'
import { exit, jsError, Served } from '../helpers/served.js'
import { Arrivals, deferred } from '../helpers/waiting.js'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterEach(() => served.endServers())
afterAll(() => served.stop())

describe('a server that fails', () => {
  it('ends with what call throws, which its callers get', async () => {
    const server = served.serve('counter', counter())
    expect(await served.reasonOfCall('nonsense')).toBe(
      jsError('RangeError', 'no such request', 'handle_call,3'),
    )
    expect(server.isAlive).toBe(false)
    expect(await served.reasonOfCall('get')).toBe('noproc')
  })

  it('ends with what an async callback rejects with', async () => {
    served.serve('counter', { call: async () => Promise.reject(new TypeError('later')) })
    expect(await served.reasonOfCall('get')).toBe(jsError('TypeError', 'later', 'handle_call,3'))
  })

  it('ends with the reason of an ErlangError that exits', async () => {
    served.serve('counter', {
      call: () => {
        throw exit(tuple(atom('shutdown'), 'enough'))
      },
    })
    expect(await served.reasonOfCall('get')).toBe('{shutdown,<<"enough">>}')
  })

  it('ends with undef when it gets a call or a cast without a callback for it', async () => {
    const before = served.node.stats().drops.unhandled
    served.serve('counter', {})
    expect(await served.reasonOfCall('get')).toBe('{undef,[{counter,handle_call,3,[]}]}')
    const other = served.serve(undefined, {})
    await served.node.cast(other.pid, atom('get'))
    expect(format(await other.whenEnded)).toBe('{undef,[{gen_server,handle_cast,2,[]}]}')
    expect(served.node.stats().drops.unhandled).toBe(before + 2)
  })

  it('ends when the answer has no Erlang form', async () => {
    served.serve('counter', { call: () => ({ inner: () => 1 }) })
    expect(await served.reasonOfCall('get')).toMatch(
      /^\{\{js_error,<<"TypeError">>,.*has no Erlang form.*handle_call,3/,
    )
  })

  it('fails the callers whose answers were to come later', async () => {
    const waiting = deferred<void>()
    served.serve('counter', {
      call: () => {
        waiting.resolve()
        return noReply
      },
      cast: () => {
        throw exit(atom('crashed'))
      },
    })
    const reason = served.reasonOfCall('get')
    await waiting.promise
    await served.ask('gen_server:cast(S, crash)')
    expect(await reason).toBe('crashed')
  })

  it('calls terminate with the reason before it ends', async () => {
    const order: string[] = []
    const server = served.serve('counter', {
      cast: () => {
        throw new Error('broken')
      },
      terminate: async (reason) => {
        order.push(format(reason))
        await new Promise(setImmediate)
        order.push(server.isAlive ? 'alive' : 'dead')
      },
    })
    served.node.once('handlerError', () => order.push('handlerError'))
    await served.ask('gen_server:cast(S, x)')
    await server.whenEnded
    expect(order).toEqual(['handlerError', jsError('Error', 'broken', 'handle_cast,2'), 'alive'])
  })

  it('ends with what terminate throws in place of its reason', async () => {
    const server = served.serve('counter', {
      terminate: () => {
        throw exit(atom('worse'))
      },
    })
    expect(
      await served.ask(`M = monitor(process, S), catch gen_server:stop(S),
        receive {'DOWN', M, process, S, R} -> R end`),
    ).toBe('worse')
    expect(server.isAlive).toBe(false)
  })

  it('drops what waits for it, and owes nothing for it', async () => {
    const entered = deferred<void>()
    const release = deferred<void>()
    const server = served.serve('counter', {
      cast: () => {
        entered.resolve()
        return release.promise
      },
    })
    await served.ask('[gen_server:cast(S, binary:copy(<<"x">>, 1000)) || _ <- lists:seq(1, 10)]')
    await entered.promise
    await served.node.ping(served.erl.name)
    expect(served.node.stats().peers[served.erl.name]?.in).toBeGreaterThan(5_000)
    server.end(atom('killed'))
    release.resolve()
    await served.node.ping(served.erl.name)
    expect(served.node.stats().peers[served.erl.name]?.in).toBe(0)
  })
})

describe('the end of a server', () => {
  it('comes by stop in a callback, after the answer', async () => {
    const reasons: string[] = []
    served.serve('counter', {
      call: (_request, _from, server) => {
        server.stop(atom('shutdown'))
        return 'last words'
      },
      terminate: (reason) => reasons.push(format(reason)),
    })
    expect(
      await served.ask(`M = monitor(process, S), W = gen_server:call(S, get),
        receive {'DOWN', M, process, _, R} -> {W, R} end`),
    ).toBe('{<<"last words">>,shutdown}')
    expect(reasons).toEqual(['shutdown'])
  })

  it('has a reason with an Erlang form', () => {
    const server = served.serve('counter', {})
    expect(() => server.stop((() => 1) as never)).toThrow(TypeError)
    expect(() => server.exit((() => 1) as never)).toThrow(TypeError)
    expect(server.isAlive).toBe(true)
  })

  it('comes by stop from outside, when the callback that runs is done', async () => {
    const entered = deferred<void>()
    const release = deferred<void>()
    const server = served.serve('counter', {
      cast: () => {
        entered.resolve()
        return release.promise
      },
    })
    await served.ask('gen_server:cast(S, x)')
    await entered.promise
    server.stop()
    expect(server.isAlive).toBe(true)
    release.resolve()
    expect(await server.whenEnded).toBe(atom('normal'))
    server.stop()
  })

  it('comes by gen_server:stop, with its reason', async () => {
    const reasons: string[] = []
    const impl = { terminate: (reason: TermInput) => reasons.push(format(reason)) }
    served.serve('counter', impl)
    expect(await served.ask('gen_server:stop(S)')).toBe('ok')
    served.serve('counter', impl)
    expect(await served.ask('gen_server:stop(S, #{why => 1.0}, 5000)')).toBe('ok')
    expect(reasons).toEqual(['normal', '#{why => 1.0}'])
    expect(await served.ask('try gen_server:stop(S) catch exit:R -> R end')).toBe('noproc')
  })

  it('is waited for no longer than gen_server:stop says', async () => {
    const entered = deferred<void>()
    const server = served.serve('counter', {
      terminate: () => {
        entered.resolve()
        return new Promise(() => undefined)
      },
    })
    expect(await served.ask('try gen_server:stop(S, normal, 50) catch exit:R -> R end')).toBe(
      'timeout',
    )
    await entered.promise
    expect(server.isAlive).toBe(true)
  })

  it('comes with that of its parent: terminate runs when it traps exits', async () => {
    const parent = await spawnWaiting()
    const reasons = new Arrivals<string>()
    const server = served.serve(
      'counter',
      {
        info: () => expect.unreachable('the exit of the parent is no message'),
        terminate: (reason) => reasons.push(format(reason)),
      },
      { parent, trapExit: true },
    )
    await served.node.send(parent, atom('enough'))
    expect(await reasons.next()).toBe('enough')
    expect(await server.whenEnded).toBe(atom('enough'))
  })

  it('comes with that of its parent: at once when it does not trap exits', async () => {
    const parent = await spawnWaiting()
    const impl = { terminate: () => expect.unreachable('it was killed') }
    const server = served.serve('counter', impl, { parent })
    await served.node.send(parent, atom('enough'))
    expect(await server.whenEnded).toBe(atom('enough'))
  })

  it('comes by an exit signal of another, unless it traps exits', async () => {
    const server = served.serve('counter', {})
    await served.ask(`exit(${served.pidOf('counter')}, enough)`)
    expect(await server.whenEnded).toBe(atom('enough'))
    const messages = new Arrivals<string>()
    const other = served.serve(
      'counter',
      { info: (m) => messages.push(format(m)) },
      { trapExit: true },
    )
    await served.ask(`exit(${served.pidOf('counter')}, enough)`)
    expect(await messages.next()).toMatch(/^\{'EXIT',<.*>,enough\}$/)
    expect(other.isAlive).toBe(true)
    await served.ask(`exit(${served.pidOf('counter')}, kill)`)
    expect(await other.whenEnded).toBe(atom('killed'))
  })

  it('runs terminate when its name is taken back, and by exit', async () => {
    const reasons: string[] = []
    const impl = { terminate: (reason: TermInput) => reasons.push(format(reason)) }
    served.serve('counter', impl)
    expect(served.node.unregister('counter')).toBe(true)
    served.serve('counter', impl).exit(atom('enough'))
    expect(reasons).toEqual(['normal', 'enough'])
  })

  it('runs terminate when the node stops', async () => {
    const other = await startBeside(served.erl)
    const reasons: string[] = []
    const server = other.serve('counter', {
      terminate: async (reason) => {
        await new Promise(setImmediate)
        reasons.push(format(reason))
      },
    })
    await other.stop()
    expect(reasons).toEqual(['shutdown'])
    expect(server.isAlive).toBe(false)
  })
})

/** A process of the Erlang node that ends with the first message it gets. */
async function spawnWaiting(): Promise<Pid> {
  await served.erl.load(`-module(waiting).
-export([start/0, wait/0]).
start() -> spawn(waiting, wait, []).
wait() -> receive R -> exit(R) end.`)
  return (await served.node.rpc(served.erl.name, 'waiting', 'start')) as Pid
}
