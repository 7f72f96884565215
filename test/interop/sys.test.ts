import {
  atom,
  type ErlangNode,
  noReply,
  type Pid,
  type ServerProcess,
  type Term,
  type TermInput,
} from 'beamlink'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { counter } from '../helpers/counter.js'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { deferred, until } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
let server: ServerProcess
let console: Pid

/** The same server in Erlang: what its answers look like is what ours must look like. */
const counterModule = `-module(counter).
-behaviour(gen_server).
-export([start/1, console/1, init/1, handle_call/3, handle_cast/2]).
start(GroupLeader) ->
  {ok, Pid} = gen_server:start({local, counter}, counter, 0, []),
  group_leader(GroupLeader, Pid),
  Pid.
init(Count) -> {ok, Count}.
handle_call(get, _, Count) -> {reply, Count, Count}.
handle_cast(By, Count) -> {noreply, Count + By}.
console(Observer) ->
  receive
    {io_request, From, ReplyAs, {put_chars, unicode, Text}} ->
      Observer ! unicode:characters_to_binary(Text),
      From ! {io_reply, ReplyAs, ok};
    {io_request, From, ReplyAs, {put_chars, unicode, M, F, A}} ->
      Observer ! unicode:characters_to_binary(apply(M, F, A)),
      From ! {io_reply, ReplyAs, ok}
  end,
  console(Observer).`

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  await erl.load(counterModule)
  await erl.eval('register(console, spawn(counter, console, [whereis(observer)]))')
  console = (await node.rpc(erl.name, 'erlang', 'whereis', [atom('console')])) as Pid
})
beforeEach(() => {
  server = node.serve('counter', counter(), { groupLeader: console })
})
afterEach(() => {
  server.end(atom('killed'))
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** Evaluates with `S` as our server. */
function ask(expressions: string): Promise<string> {
  return erl.eval(`S = {counter, '${node.name}'}, ${expressions}`)
}

/** The value with `S` as a server in Erlang, and with `S` as ours; without what makes them differ. */
async function both(expressions: string): Promise<readonly [string, string]> {
  const erlang = await erl.eval(
    `counter:start(whereis(console)), S = counter, V = begin ${expressions} end, gen_server:stop(S), V`,
  )
  return [masked(erlang), masked(await ask(expressions))]
}

/** Pids, times and counts of reductions differ between two servers. */
function masked(text: string): string {
  return text
    .replace(/<[^<>]*\.\d+\.\d+>/g, '<pid>')
    .replace(/\{\{20\d\d,\d+,\d+\},\{\d+,\d+,\d+\}\}/g, 'time')
    .replace(/\{reductions,\d+\}/g, '{reductions,N}')
}

describe('a request of sys that cannot be met', () => {
  it('to replace the state by a fun of Erlang fails as a fun that is not there', async () => {
    expect(
      await ask(`F = fun(N) -> N + 1 end, try sys:replace_state(S, F)
        catch error:{callback_failed, Where, What} -> {Where, What} end`),
    ).toBe('{{gen_server,system_replace_state},{error,undef}}')
    expect(await node.call('counter', atom('get'))).toBe(0)
  })

  it('to replace the state by an exposed function fails with what that throws', async () => {
    node.expose('counters', {
      broken: () => {
        throw new RangeError('no')
      },
    })
    expect(
      await ask(`try sys:replace_state(S, fun counters:broken/1)
        catch error:{callback_failed, _, What} -> What end`),
    ).toBe('{error,{js_error,<<"RangeError">>,<<"no">>}}')
  })

  it('to show a state that cannot be shown says so', async () => {
    server.end(atom('killed'))
    server = node.serve('counter', {
      state: () => {
        throw new RangeError('no')
      },
    })
    const failed = `try sys:get_state(S) catch error:{callback_failed, Where, What} -> {Where, What} end`
    expect(await ask(failed)).toBe(
      '{{gen_server,system_get_state},{error,{js_error,<<"RangeError">>,<<"no">>}}}',
    )
    server.end(atom('killed'))
    server = node.serve('counter', { state: (() => () => 1) as never })
    expect(await ask(failed)).toMatch(/^\{\{gen_server,system_get_state\},\{error,\{js_error,/)
  })

  it('to change code is answered as for a module without code_change', async () => {
    const change = `{Label, {'EXIT', {undef, [{M, F, [_, _, _], _} | _]}}} =
      begin sys:suspend(S), R = sys:change_code(S, counter, vsn, []), sys:resume(S), R end, {Label, M, F}`
    expect(await both(change)).toEqual(Array(2).fill('{error,counter,code_change}'))
  })

  it.each([
    'gen:call(S, system, nonsense)',
    'gen:call(S, system, {change_code, counter, vsn, []})',
    'gen:call(S, system, {debug, nonsense})',
    'gen:call(S, system, {debug, {log, 0}})',
    'sys:log_to_file(S, "/nonexistent/file")',
  ])('%s is answered as in Erlang', async (request) => {
    const [erlang, javascript] = await both(request)
    expect(javascript).toBe(erlang)
  })

  it('by a request that is none is a message like others', async () => {
    const unhandled = until<[{ reason: string }]>(node, 'drop')
    await ask('S ! {system, nobody, get_state}')
    expect((await unhandled)[0].reason).toBe('unhandled')
  })
})

describe('the state of a server', () => {
  it('is shown by get_state; undefined where there is none to show', async () => {
    expect(await ask('gen_server:cast(S, 5), sys:get_state(S)')).toBe('5')
    server.end(atom('killed'))
    server = node.serve('counter', {})
    expect(await ask('sys:get_state(S)')).toBe('undefined')
  })

  it('is replaced by an exposed function, sync or async', async () => {
    node.expose('counters', { twice: (n: number) => 2 * n, later: async (n: number) => n + 1 })
    expect(
      await ask(`gen_server:cast(S, 5), {sys:replace_state(S, fun counters:twice/1),
        sys:replace_state(S, fun counters:later/1), gen_server:call(S, get)}`),
    ).toBe('{10,11,11}')
  })

  it('is replaced when the promise of replaceState settles; one that rejects is told of', async () => {
    let state: Term = 1
    server.end(atom('killed'))
    server = node.serve('counter', {
      call: () => state,
      state: () => state as TermInput,
      replaceState: async (next: Term) => {
        await new Promise(setImmediate)
        if (typeof next !== 'number') throw new TypeError('no number')
        state = next
      },
    })
    node.expose('counters', { twice: (n: number) => 2 * n, text: () => 'two' })
    expect(
      await ask(`Twice = sys:replace_state(S, fun counters:twice/1), Two = gen_server:call(S, get),
        {Twice, Two, try sys:replace_state(S, fun counters:text/1)
          catch error:{callback_failed, F, E} -> {F, E} end, sys:get_state(S)}`),
    ).toBe(
      '{2,2,{{gen_server,system_replace_state},{error,{js_error,<<"TypeError">>,<<"no number">>}}},2}',
    )
  })

  it('is part of the status, which looks as in Erlang', async () => {
    const [erlang, javascript] = await both(
      'sys:log(S, {true, 3}), gen_server:cast(S, 5), gen_server:call(S, get), sys:get_status(S)',
    )
    // Of dictionaries the order is nobody's business; the one in Erlang was started by another.
    const plain = (text: string) =>
      text
        .replace(/\[\[(.*?)\],running/, 'running')
        .replace(/#Fun<[^>]*>|fun gen_server:print_event\/3/g, 'fun')
    expect(plain(javascript)).toBe(plain(erlang))
    expect(javascript).toContain('{data,[{"State",5}]}')
    expect(javascript).toContain("{'$initial_call',{counter,init,1}}")
  })
})

describe('a suspended server', () => {
  it('leaves messages waiting, in order, until it is resumed', async () => {
    expect(
      await ask(`sys:suspend(S), gen_server:cast(S, 1), I = gen_server:send_request(S, get),
        gen_server:cast(S, 10), {status, _, _, [_, suspended | _]} = sys:get_status(S),
        timeout = gen_server:wait_response(I, 20), 0 = sys:get_state(S), sys:resume(S),
        {gen_server:receive_response(I, 5000), gen_server:call(S, get)}`),
    ).toBe('{{reply,1},11}')
  })

  it('is resumed by a request behind more messages than may wait', async () => {
    const other = await startBeside(erl, { maxQueuedBytes: 1024 * 1024 })
    let casts = 0
    const counting = other.serve('counter', { cast: () => (casts += 1), call: () => casts })
    const sent = `S = {counter, '${other.name}'}, sys:suspend(S), Big = <<0:(8 * 512 * 1024)>>,
      [gen_server:cast(S, Big) || _ <- lists:seq(1, 64)], ok = sys:resume(S),
      gen_server:call(S, get)`
    expect(await erl.eval(sent)).toBe('64')
    counting.stop()
    await other.stop()
  })

  it('ends with its parent, and by gen_server:stop', async () => {
    expect(await ask('sys:suspend(S), gen_server:cast(S, 1), gen_server:stop(S)')).toBe('ok')
    expect(await server.whenEnded).toBe(atom('normal'))
    const parent = node.spawn()
    server = node.serve('counter', counter(), { parent: parent.pid, trapExit: true })
    await ask('sys:suspend(S), gen_server:cast(S, 1), sys:get_state(S)')
    parent.exit(atom('enough'))
    expect(await server.whenEnded).toBe(atom('enough'))
  })
})

describe('what sys shows of a server', () => {
  const events = 'gen_server:cast(S, 5), gen_server:call(S, get)'

  /** What the console prints of the four events. */
  async function printedBy(expressions: string): Promise<string[]> {
    await erl.eval(expressions)
    const texts: string[] = []
    while (texts.length < 4) texts.push(masked(await erl.observed.next()))
    return texts
  }

  it.each([
    ['trace', `sys:trace(S, true), ${events}, sys:trace(S, false), ${events}, sys:get_state(S)`],
    ['log', `sys:log(S, true), ${events}, sys:log(S, print)`],
  ])('is printed by %s at its group leader, as in Erlang', async (_, expressions) => {
    const erlang = await printedBy(
      `counter:start(whereis(console)), S = counter, ${expressions}, gen_server:stop(S)`,
    )
    expect(erlang[0]).toBe('<<"*DBG* counter got cast 5\\n">>')
    expect(await printedBy(`S = {counter, '${node.name}'}, ${expressions}`)).toEqual(erlang)
    expect(erl.observed.waiting).toBe(0)
  })

  it('is printed with the line breaks of Erlang, of messages without a callback too', async () => {
    const long = `sys:trace(S, true), S ! [{item, I, "text", <<"bin">>} || I <- lists:seq(1, 8)],
      sys:no_debug(S)`
    const printed = async (expressions: string) => {
      await erl.eval(expressions)
      return [await erl.observed.next(), await erl.observed.next()]
    }
    const erlang = await printed(
      `counter:start(whereis(console)), S = counter, ${long}, gen_server:stop(S)`,
    )
    expect(erlang[0]).toContain('\\n                   {item,2')
    expect(await printed(`S = {counter, '${node.name}'}, ${long}`)).toEqual(erlang)
  })

  it('is printed at the standard output of this process without a group leader', async () => {
    server.end(atom('killed'))
    server = node.serve('counter', counter())
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    try {
      await ask('sys:trace(S, true), S ! [1.5, "text"], sys:get_state(S)')
      expect(write.mock.calls).toEqual([
        ['*DBG* counter got [1.5,"text"]\n'],
        ['*DBG* counter new state 0\n'],
      ])
    } finally {
      write.mockRestore()
    }
  })

  it('is printed at the console of who started it, in a function that Erlang called', async () => {
    server.end(atom('killed'))
    node.expose('counters', {
      start: () => {
        server = node.serve('counter', counter())
      },
    })
    await ask(`group_leader(whereis(console), self()), spawn('${node.name}', counters, start, []),
      (fun Wait() -> catch sys:trace(S, true) =:= ok orelse Wait() end)(), gen_server:cast(S, 5)`)
    expect(await erl.observed.next()).toBe('<<"*DBG* counter got cast 5\\n">>')
    expect(await erl.observed.next()).toBe('<<"*DBG* counter new state 5\\n">>')
  })

  it.each([
    `sys:log(S, true), ${events}, {_, L} = sys:log(S, get), L`,
    `sys:log(S, {true, 2}), ${events}, {_, L} = sys:log(S, get), L`,
    `sys:log(S, {true, 2}), sys:log(S, true), ${events}, {_, L} = sys:log(S, get), L`,
    `sys:log(S, true), ${events}, sys:log(S, false), sys:log(S, get)`,
    `sys:log(S, true), ${events}, sys:no_debug(S), sys:log(S, get)`,
    `sys:statistics(S, true), ${events}, sys:statistics(S, get)`,
    `sys:statistics(S, true), ${events}, sys:statistics(S, false), sys:statistics(S, get)`,
    `sys:install(S, {fun(_, _, _) -> exit(oops) end, state}), ${events}, sys:remove(S, none)`,
  ])('is the same as in Erlang: %s', async (expressions) => {
    const [erlang, javascript] = await both(expressions)
    // The tags of calls are references.
    const plain = (text: string) => text.replace(/#Ref<[^>]*>/g, 'ref')
    expect(plain(javascript)).toBe(plain(erlang))
  })

  it('says what is wrong with a state that cannot be shown, and goes on', async () => {
    server.end(atom('killed'))
    server = node.serve('counter', { call: () => 1.5, state: (() => [() => 1]) as never })
    const log = 'sys:log(S, true), V = gen_server:call(S, get), {ok, [_, Out]} = sys:log(S, get)'
    expect(await ask(`${log}, {V, element(1, element(4, Out))}`)).toBe('{1.5,js_error}')
  })

  it('tells of a timeout', async () => {
    server.end(atom('killed'))
    const elapsed = deferred<void>()
    server = node.serve('counter', {
      call: (_request, _from, self) => self.timeoutAfter(0),
      info: () => elapsed.resolve(),
    })
    await ask('sys:log(S, true), gen_server:call(S, get)')
    await elapsed.promise
    expect(await ask('{ok, L} = sys:log(S, get), lists:nthtail(2, L)')).toBe(
      '[{in,timeout},{noreply,undefined}]',
    )
  })

  it('tells of answers that come later as of answers', async () => {
    const log = 'sys:log(S, true), ok = gen_server:call(S, get), {ok, L} = sys:log(S, get), L'
    server.end(atom('killed'))
    server = node.serve('counter', {
      call: (_request, from, self) => {
        self.reply(from, atom('ok'))
        return noReply
      },
    })
    expect(masked(await ask(log)).replace(/#Ref<[^>]*>/g, 'ref')).toBe(
      "[{in,{'$gen_call',{<pid>,[alias|ref]},get}},{out,ok,{<pid>,[alias|ref]},undefined},{noreply,undefined}]",
    )
  })
})
