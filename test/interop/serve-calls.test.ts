import { atom, type GenFrom, noReply, type ServerProcess, type Term, tuple } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { counter } from '../helpers/counter.js'
import { Served } from '../helpers/served.js'
import { deferred } from '../helpers/waiting.js'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterEach(() => served.endServers())
afterAll(() => served.stop())

describe('the callers of a server', () => {
  it('get answers in order with their casts', async () => {
    served.serve('counter', counter())
    expect(
      await served.ask('gen_server:cast(S, 3), gen_server:cast(S, 4), gen_server:call(S, get)'),
    ).toBe('7')
  })

  it('get ok for undefined', async () => {
    served.serve('counter', { call: () => undefined })
    expect(await served.ask('gen_server:call(S, get)')).toBe('ok')
  })

  it('may call by pid, and from this node', async () => {
    const server = served.serve('counter', counter())
    expect(await served.ask(`gen_server:call(${served.pidOf('counter')}, get)`)).toBe('0')
    expect(await served.node.call('counter', atom('get'))).toBe(0)
    expect(await served.node.call(server.pid, atom('get'))).toBe(0)
  })

  it('are served one at a time, each after the promise of the one before', async () => {
    const order: string[] = []
    served.serve('counter', {
      call: async (request: { name: string }) => {
        order.push(`+${request.name}`)
        await new Promise(setImmediate)
        order.push(`-${request.name}`)
      },
    })
    await served.ask(
      '[gen_server:receive_response(I, 5000) || I <- [gen_server:send_request(S, R) || R <- [a, b]]]',
    )
    expect(order).toEqual(['+a', '-a', '+b', '-b'])
  })

  it('get answers that come later, in any order', async () => {
    const waiting: GenFrom[] = []
    const server: ServerProcess = served.serve('counter', {
      call: (request: Term, from) => {
        if (waiting.push(from) === 2) {
          for (const caller of waiting.reverse())
            server.reply(caller, tuple(request, waiting.length))
        }
        return noReply
      },
    })
    expect(
      await served.ask(`[A, B] = [gen_server:send_request(S, R) || R <- [a, b]],
        {gen_server:wait_response(A, 5000), gen_server:receive_response(B, 5000)}`),
    ).toBe('{{reply,{b,2}},{reply,{b,2}}}')
  })

  it('are what an answer is for: any other is a TypeError', () => {
    const server = served.serve('counter', {})
    expect(() => server.reply({} as never, 1)).toThrow(/^from must be what call was given/)
    expect(() => server.reply(undefined as never, 1)).toThrow(TypeError)
    const from = { pid: server.pid, tag: 1 }
    expect(() => server.reply(from, (() => 1) as never)).toThrow(TypeError)
  })

  it('never see an answer that comes after they gave up', async () => {
    const waiting = deferred<GenFrom>()
    const server = served.serve('counter', {
      call: (_request, from) => {
        waiting.resolve(from)
        return noReply
      },
    })
    expect(
      await served.ask('try gen_server:call(S, get, 10) catch exit:{timeout, _} -> timeout end'),
    ).toBe('timeout')
    const session = served.erl.session()
    await session.eval(`catch gen_server:call({counter, '${served.node.name}'}, get, 0)`)
    server.reply(await waiting.promise, atom('late'))
    await served.node.ping(served.erl.name)
    expect(await session.eval('receive M -> M after 0 -> none end')).toBe('none')
  })

  it('may be multi_call, send_request and a collection of requests', async () => {
    served.serve('counter', counter(5))
    expect(
      await served.ask(`{[{N, 5}], ['nobody@127.0.0.1']} =
          gen_server:multi_call(['${served.node.name}', 'nobody@127.0.0.1'], counter, get, 5000),
        C0 = gen_server:send_request(S, get, first, gen_server:reqids_new()),
        C1 = gen_server:send_request(S, get, second, C0),
        {{reply, 5}, L1, C2} = gen_server:receive_response(C1, 5000, true),
        {{reply, 5}, L2, C3} = gen_server:receive_response(C2, 5000, true),
        {N, lists:sort([L1, L2]), gen_server:receive_response(C3, 5000, true)}`),
    ).toBe(`{'${served.node.name}',[first,second],no_request}`)
  })

  it('get the tag back as it was, however the server reads terms', async () => {
    served.serve('counter', counter(), { decode: 'elixir' })
    expect(
      await served.ask(`Tag = [1.0, #{undefined => "text"}, <<"bytes">>, nil],
        S ! {'$gen_call', {self(), Tag}, get}, receive {Tag, Reply} -> Reply end`),
    ).toBe('0')
  })

  it('may be all the peers of this node', async () => {
    await served.erl.load(`-module(adder).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
init(State) -> {ok, State}.
handle_call(N, _, S) -> {reply, N + S, S}.
handle_cast(_, S) -> {noreply, S}.`)
    await served.erl.eval('{ok, _} = gen_server:start({local, adder}, adder, 40, [])')
    const results = await served.node.callEach([served.erl.name, 'nobody@127.0.0.1'], 'adder', 2)
    expect(results).toMatchObject([
      { peer: served.erl.name, ok: true, value: 42 },
      { peer: 'nobody@127.0.0.1', ok: false, error: { name: 'ErlangError' } },
    ])
  })
})
