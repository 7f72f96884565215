import {
  atom,
  ErlangError,
  type ErlangNode,
  format,
  type GenFrom,
  noReply,
  type Pid,
  type ServerProcess,
  type Term,
  type TermInput,
  tuple,
} from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { counter } from '../helpers/counter.js'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, until, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
const servers: ServerProcess[] = []

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
})
afterEach(() => {
  for (const server of servers.splice(0)) server.end(atom('killed'))
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** Serves until the test ends. */
function serve(...args: Parameters<ErlangNode['serve']>): ServerProcess {
  const server = node.serve(...args)
  servers.push(server)
  return server
}

/** Evaluates with `S` as the server `counter` of our node. */
function ask(expressions: string): Promise<string> {
  return erl.eval(`S = {counter, '${node.name}'}, ${expressions}`)
}

/** The reason with which `Request` of a gen_server call makes its caller exit. */
function reasonOfCall(request: string): Promise<string> {
  return ask(
    `try gen_server:call(S, ${request}) catch exit:{R, {gen_server, call, [S, _]}} -> R end`,
  )
}

function exit(reason: TermInput): ErlangError {
  return new ErlangError('ERR_ERL_REMOTE', 'on purpose', { reason, remoteClass: 'exit' })
}

function jsError(name: string, message: string, callback: string): string {
  return `{{js_error,<<"${name}">>,<<"${message}">>},[{counter,${callback},[]}]}`
}

describe('a server that cannot start', () => {
  it('throws what is wrong with the arguments', () => {
    expect(() => node.serve('counter', 5 as never)).toThrow(/^impl must be an object/)
    expect(() => node.serve('counter', { call: 5 } as never)).toThrow(/^impl\.call must be a funct/)
    expect(() => node.serve('', {})).toThrow(RangeError)
    expect(() => node.serve('counter', {}, { trapExits: true } as never)).toThrow(/"trapExit"/)
    expect(() => node.serve('counter', {}, { parent: 5 as never })).toThrow(/^parent must be a pid/)
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('throws RangeError for a name that is taken, and leaves no process', () => {
    serve('counter', counter())
    const { processes } = node.stats()
    expect(() => node.serve('counter', {})).toThrow(RangeError)
    expect(node.stats().processes).toBe(processes)
  })

  it('throws what a synchronous init throws, and frees the name', () => {
    const impl = {
      init: () => {
        throw new TypeError('no disk')
      },
      terminate: () => expect.unreachable('terminate is not for servers that did not start'),
    }
    expect(() => node.serve('counter', impl)).toThrow('no disk')
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('throws ERR_ERL_CLOSED when init stops it, and does not terminate', () => {
    const impl = {
      init: (server: ServerProcess) => server.stop(atom('no_disk')),
      terminate: () => expect.unreachable('terminate is not for servers that did not start'),
    }
    expect(() => node.serve('counter', impl)).toThrow('before it had started: no_disk')
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('rejects whenStarted with what an asynchronous init throws, and ends with it', async () => {
    const server = serve('counter', {
      init: async () => {
        await new Promise(setImmediate)
        throw exit(atom('no_disk'))
      },
    })
    await expect(server.whenStarted).rejects.toMatchObject({ reason: atom('no_disk') })
    expect(await server.whenEnded).toBe(atom('no_disk'))
  })

  it('rejects whenStarted with ERR_ERL_CLOSED when it is killed meanwhile', async () => {
    const server = serve('counter', { init: () => new Promise(() => undefined) })
    const refused = expect(server.whenStarted).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
      reason: atom('killed'),
    })
    await ask(`exit(${pidOf('counter')}, kill)`)
    await withDeadline(refused, 'the start to fail')
  })

  it('tells handlerError of a failed start that nobody waits for', async () => {
    const failed = until<[{ error: unknown }]>(node, 'handlerError')
    const error = new Error('no disk')
    serve('counter', { init: () => Promise.reject(error) })
    expect((await failed)[0].error).toBe(error)
  })
})

/** An expression for the pid that is registered here. */
function pidOf(name: string): string {
  return `rpc:call('${node.name}', erlang, whereis, [${name}])`
}

describe('a server that fails', () => {
  it('ends with what call throws, which its callers get', async () => {
    const server = serve('counter', counter())
    expect(await reasonOfCall('nonsense')).toBe(
      jsError('RangeError', 'no such request', 'handle_call,3'),
    )
    expect(server.isAlive).toBe(false)
    expect(await reasonOfCall('get')).toBe('noproc')
  })

  it('ends with what an async callback rejects with', async () => {
    serve('counter', { call: async () => Promise.reject(new TypeError('later')) })
    expect(await reasonOfCall('get')).toBe(jsError('TypeError', 'later', 'handle_call,3'))
  })

  it('ends with the reason of an ErlangError that exits', async () => {
    serve('counter', {
      call: () => {
        throw exit(tuple(atom('shutdown'), 'enough'))
      },
    })
    expect(await reasonOfCall('get')).toBe('{shutdown,<<"enough">>}')
  })

  it('ends with undef when it gets a call or a cast without a callback for it', async () => {
    const before = node.stats().drops.unhandled
    serve('counter', {})
    expect(await reasonOfCall('get')).toBe('{undef,[{counter,handle_call,3,[]}]}')
    const other = serve(undefined, {})
    await node.cast(other.pid, atom('get'))
    expect(format(await other.whenEnded)).toBe('{undef,[{gen_server,handle_cast,2,[]}]}')
    expect(node.stats().drops.unhandled).toBe(before + 2)
  })

  it('ends when the answer has no Erlang form', async () => {
    serve('counter', { call: () => ({ inner: () => 1 }) })
    expect(await reasonOfCall('get')).toMatch(
      /^\{\{js_error,<<"TypeError">>,.*has no Erlang form.*handle_call,3/,
    )
  })

  it('fails the callers whose answers were to come later', async () => {
    const waiting = deferred<void>()
    serve('counter', {
      call: () => {
        waiting.resolve()
        return noReply
      },
      cast: () => {
        throw exit(atom('crashed'))
      },
    })
    const reason = reasonOfCall('get')
    await waiting.promise
    await ask('gen_server:cast(S, crash)')
    expect(await reason).toBe('crashed')
  })

  it('calls terminate with the reason before it ends', async () => {
    const order: string[] = []
    const server = serve('counter', {
      cast: () => {
        throw new Error('broken')
      },
      terminate: async (reason) => {
        order.push(format(reason))
        await new Promise(setImmediate)
        order.push(server.isAlive ? 'alive' : 'dead')
      },
    })
    node.once('handlerError', () => order.push('handlerError'))
    await ask('gen_server:cast(S, x)')
    await server.whenEnded
    expect(order).toEqual(['handlerError', jsError('Error', 'broken', 'handle_cast,2'), 'alive'])
  })

  it('ends with what terminate throws in place of its reason', async () => {
    const server = serve('counter', {
      terminate: () => {
        throw exit(atom('worse'))
      },
    })
    expect(
      await ask(`M = monitor(process, S), catch gen_server:stop(S),
        receive {'DOWN', M, process, S, R} -> R end`),
    ).toBe('worse')
    expect(server.isAlive).toBe(false)
  })

  it('drops what waits for it, and owes nothing for it', async () => {
    const entered = deferred<void>()
    const release = deferred<void>()
    const server = serve('counter', {
      cast: () => {
        entered.resolve()
        return release.promise
      },
    })
    await ask('[gen_server:cast(S, binary:copy(<<"x">>, 1000)) || _ <- lists:seq(1, 10)]')
    await entered.promise
    await node.ping(erl.name)
    expect(node.stats().peers[erl.name]?.in).toBeGreaterThan(5_000)
    server.end(atom('killed'))
    release.resolve()
    await node.ping(erl.name)
    expect(node.stats().peers[erl.name]?.in).toBe(0)
  })
})

describe('the callers of a server', () => {
  it('get answers in order with their casts', async () => {
    serve('counter', counter())
    expect(await ask('gen_server:cast(S, 3), gen_server:cast(S, 4), gen_server:call(S, get)')).toBe(
      '7',
    )
  })

  it('get ok for undefined', async () => {
    serve('counter', { call: () => undefined })
    expect(await ask('gen_server:call(S, get)')).toBe('ok')
  })

  it('may call by pid, and from this node', async () => {
    const server = serve('counter', counter())
    expect(await ask(`gen_server:call(${pidOf('counter')}, get)`)).toBe('0')
    expect(await node.call('counter', atom('get'))).toBe(0)
    expect(await node.call(server.pid, atom('get'))).toBe(0)
  })

  it('are served one at a time, each after the promise of the one before', async () => {
    const order: string[] = []
    serve('counter', {
      call: async (request: { name: string }) => {
        order.push(`+${request.name}`)
        await new Promise(setImmediate)
        order.push(`-${request.name}`)
      },
    })
    await ask(
      '[gen_server:receive_response(I, 5000) || I <- [gen_server:send_request(S, R) || R <- [a, b]]]',
    )
    expect(order).toEqual(['+a', '-a', '+b', '-b'])
  })

  it('get answers that come later, in any order', async () => {
    const waiting: GenFrom[] = []
    const server: ServerProcess = serve('counter', {
      call: (request: Term, from) => {
        if (waiting.push(from) === 2) {
          for (const caller of waiting.reverse())
            server.reply(caller, tuple(request, waiting.length))
        }
        return noReply
      },
    })
    expect(
      await ask(`[A, B] = [gen_server:send_request(S, R) || R <- [a, b]],
        {gen_server:wait_response(A, 5000), gen_server:receive_response(B, 5000)}`),
    ).toBe('{{reply,{b,2}},{reply,{b,2}}}')
  })

  it('are what an answer is for: any other is a TypeError', () => {
    const server = serve('counter', {})
    expect(() => server.reply({} as never, 1)).toThrow(/^from must be what call was given/)
    expect(() => server.reply(undefined as never, 1)).toThrow(TypeError)
    const from = { pid: server.pid, tag: 1 }
    expect(() => server.reply(from, (() => 1) as never)).toThrow(TypeError)
  })

  it('never see an answer that comes after they gave up', async () => {
    const waiting = deferred<GenFrom>()
    const server = serve('counter', {
      call: (_request, from) => {
        waiting.resolve(from)
        return noReply
      },
    })
    expect(
      await ask('try gen_server:call(S, get, 10) catch exit:{timeout, _} -> timeout end'),
    ).toBe('timeout')
    const session = erl.session()
    await session.eval(`catch gen_server:call({counter, '${node.name}'}, get, 0)`)
    server.reply(await waiting.promise, atom('late'))
    await node.ping(erl.name)
    expect(await session.eval('receive M -> M after 0 -> none end')).toBe('none')
  })

  it('may be multi_call, send_request and a collection of requests', async () => {
    serve('counter', counter(5))
    expect(
      await ask(`{[{N, 5}], ['nobody@127.0.0.1']} =
          gen_server:multi_call(['${node.name}', 'nobody@127.0.0.1'], counter, get, 5000),
        C0 = gen_server:send_request(S, get, first, gen_server:reqids_new()),
        C1 = gen_server:send_request(S, get, second, C0),
        {{reply, 5}, L1, C2} = gen_server:receive_response(C1, 5000, true),
        {{reply, 5}, L2, C3} = gen_server:receive_response(C2, 5000, true),
        {N, lists:sort([L1, L2]), gen_server:receive_response(C3, 5000, true)}`),
    ).toBe(`{'${node.name}',[first,second],no_request}`)
  })

  it('get the tag back as it was, however the server reads terms', async () => {
    serve('counter', counter(), { decode: 'elixir' })
    expect(
      await ask(`Tag = [1.0, #{undefined => "text"}, <<"bytes">>, nil],
        S ! {'$gen_call', {self(), Tag}, get}, receive {Tag, Reply} -> Reply end`),
    ).toBe('0')
  })

  it('may be all the peers of this node', async () => {
    await erl.load(`-module(adder).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
init(State) -> {ok, State}.
handle_call(N, _, S) -> {reply, N + S, S}.
handle_cast(_, S) -> {noreply, S}.`)
    await erl.eval('{ok, _} = gen_server:start({local, adder}, adder, 40, [])')
    const results = await node.callEach([erl.name, 'nobody@127.0.0.1'], 'adder', 2)
    expect(results).toMatchObject([
      { peer: erl.name, ok: true, value: 42 },
      { peer: 'nobody@127.0.0.1', ok: false, error: { name: 'ErlangError' } },
    ])
  })
})

describe('other messages to a server', () => {
  it('come to info, DOWN and EXIT of its own monitors and links too', async () => {
    const messages = new Arrivals<string>()
    const server = serve(
      'counter',
      { info: (message) => messages.push(format(message)) },
      { trapExit: true },
    )
    await ask('S ! hello, S ! {"$gen_call", odd}, S ! {system, odd, get_state}')
    expect(await messages.next()).toBe('hello')
    expect(await messages.next()).toBe('{"$gen_call",odd}')
    expect(await messages.next()).toBe('{system,odd,get_state}')
    const worker = (await node.rpc(erl.name, 'erlang', 'spawn', [
      atom('timer'),
      atom('sleep'),
      [atom('infinity')],
    ])) as Pid
    server.link(worker)
    const reference = server.monitor(worker)
    await node.rpc(erl.name, 'erlang', 'exit', [worker, atom('enough')])
    const both = [await messages.next(), await messages.next()].sort()
    expect(both).toEqual([
      `{'DOWN',${format(reference)},process,${format(worker)},enough}`,
      `{'EXIT',${format(worker)},enough}`,
    ])
  })

  it('are counted as dropped when there is no info', async () => {
    serve('counter', counter())
    const before = node.stats().drops.unhandled
    expect(await ask('S ! hello, gen_server:call(S, get)')).toBe('0')
    expect(node.stats().drops.unhandled).toBe(before + 1)
  })

  it('are read with the options of the server', async () => {
    const messages = new Arrivals<Term>()
    serve('counter', { info: messages.push }, { decode: 'elixir' })
    await ask('S ! #{name => <<"x">>, none => nil}')
    expect(await messages.next()).toEqual({ name: 'x', none: null })
  })
})

describe('the timeout of a server', () => {
  it('runs handleTimeout when no message comes, once', async () => {
    const elapsed = new Arrivals<string>()
    serve('counter', {
      cast: (_request, server) => server.timeoutAfter(1),
      handleTimeout: () => elapsed.push('elapsed'),
    })
    await ask('gen_server:cast(S, x)')
    expect(await elapsed.next()).toBe('elapsed')
    await ask('gen_server:cast(S, x)')
    expect(await elapsed.next()).toBe('elapsed')
    expect(elapsed.waiting).toBe(0)
  })

  it('comes to info as the atom timeout without handleTimeout', async () => {
    const messages = new Arrivals<Term>()
    serve('counter', { init: (server) => server.timeoutAfter(0), info: messages.push })
    expect(await messages.next()).toBe(atom('timeout'))
  })

  it('is taken back by a message, but not by a request of sys', async () => {
    const elapsed = new Arrivals<string>()
    serve('counter', {
      call: (request: number, _from, server) => server.timeoutAfter(request),
      cast: () => undefined,
      handleTimeout: () => elapsed.push('elapsed'),
    })
    await ask('gen_server:call(S, 60000), gen_server:cast(S, x), sys:get_state(S)')
    await ask('gen_server:call(S, 40), sys:get_state(S)')
    expect(await elapsed.next()).toBe('elapsed')
    expect(elapsed.waiting).toBe(0)
  })
})

describe('the end of a server', () => {
  it('comes by stop in a callback, after the answer', async () => {
    const reasons: string[] = []
    serve('counter', {
      call: (_request, _from, server) => {
        server.stop(atom('shutdown'))
        return 'last words'
      },
      terminate: (reason) => reasons.push(format(reason)),
    })
    expect(
      await ask(`M = monitor(process, S), W = gen_server:call(S, get),
        receive {'DOWN', M, process, _, R} -> {W, R} end`),
    ).toBe('{<<"last words">>,shutdown}')
    expect(reasons).toEqual(['shutdown'])
  })

  it('comes by stop from outside, when the callback that runs is done', async () => {
    const entered = deferred<void>()
    const release = deferred<void>()
    const server = serve('counter', {
      cast: () => {
        entered.resolve()
        return release.promise
      },
    })
    await ask('gen_server:cast(S, x)')
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
    serve('counter', impl)
    expect(await ask('gen_server:stop(S)')).toBe('ok')
    serve('counter', impl)
    expect(await ask('gen_server:stop(S, #{why => 1.0}, 5000)')).toBe('ok')
    expect(reasons).toEqual(['normal', '#{why => 1.0}'])
    expect(await ask('try gen_server:stop(S) catch exit:R -> R end')).toBe('noproc')
  })

  it('is waited for no longer than gen_server:stop says', async () => {
    const entered = deferred<void>()
    const server = serve('counter', {
      terminate: () => {
        entered.resolve()
        return new Promise(() => undefined)
      },
    })
    expect(await ask('try gen_server:stop(S, normal, 50) catch exit:R -> R end')).toBe('timeout')
    await entered.promise
    expect(server.isAlive).toBe(true)
  })

  it('comes with that of its parent: terminate runs when it traps exits', async () => {
    const parent = await spawnWaiting()
    const reasons = new Arrivals<string>()
    const server = serve(
      'counter',
      {
        info: () => expect.unreachable('the exit of the parent is no message'),
        terminate: (reason) => reasons.push(format(reason)),
      },
      { parent, trapExit: true },
    )
    await node.send(parent, atom('enough'))
    expect(await reasons.next()).toBe('enough')
    expect(await server.whenEnded).toBe(atom('enough'))
  })

  it('comes with that of its parent: at once when it does not trap exits', async () => {
    const parent = await spawnWaiting()
    const impl = { terminate: () => expect.unreachable('it was killed') }
    const server = serve('counter', impl, { parent })
    await node.send(parent, atom('enough'))
    expect(await server.whenEnded).toBe(atom('enough'))
  })

  it('comes by an exit signal of another, unless it traps exits', async () => {
    const server = serve('counter', {})
    await ask(`exit(${pidOf('counter')}, enough)`)
    expect(await server.whenEnded).toBe(atom('enough'))
    const messages = new Arrivals<string>()
    const other = serve('counter', { info: (m) => messages.push(format(m)) }, { trapExit: true })
    await ask(`exit(${pidOf('counter')}, enough)`)
    expect(await messages.next()).toMatch(/^\{'EXIT',<.*>,enough\}$/)
    expect(other.isAlive).toBe(true)
    await ask(`exit(${pidOf('counter')}, kill)`)
    expect(await other.whenEnded).toBe(atom('killed'))
  })

  it('runs terminate when the node stops', async () => {
    const other = await startBeside(erl)
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
  await erl.load(`-module(waiting).
-export([start/0, wait/0]).
start() -> spawn(waiting, wait, []).
wait() -> receive R -> exit(R) end.`)
  return (await node.rpc(erl.name, 'waiting', 'start')) as Pid
}
