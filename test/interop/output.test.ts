import { atom, type ErlangNode, format, type OutputContext, type OutputListener } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ElixirNode } from '../helpers/elixir-node.js'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, withDeadline } from '../helpers/waiting.js'

const printer = `
  -module(printer).
  -export([lines/0, unicode/0, count/1, child/0, later/1, refused/0, forever/0]).

  lines() ->
    io:format("one ~p~n", [1.0]),
    io:put_chars("two\\n"),
    io:nl(),
    io:write({a, "b"}),
    done.

  unicode() ->
    io:format("~ts ~tp~n", [[1078, 1091, 1082], 'ok']),
    io:put_chars(<<"ü"/utf8>>),
    ok = answer({put_chars, latin1, <<252>>}).

  count(0) -> ok;
  count(N) -> io:format("~b ", [N]), count(N - 1).

  child() ->
    {Pid, Ref} = spawn_monitor(fun() -> io:format("child") end),
    receive {_, Ref, _, Pid, Reason} -> {Pid, Reason} end.

  later(To) ->
    spawn(fun() -> receive go -> ok end, To ! {printed, catch io:format("afterwards~n")} end).

  forever() ->
    io:format("again "),
    forever().

  refused() ->
    [answer(Request) || Request <- [nonsense, 7, {put_chars},
      {put_chars, unicode, io_lib, format, ["~w", []]}, {put_chars, unicode, os, cmd, ["id"]},
      {put_chars, unicode, [a]}, {put_chars, koi8, "a"},
      {get_line, unicode, "> "}, {get_chars, unicode, "", 3}, {get_until, unicode, "", io_lib, fread, []},
      {setopts, [binary]}, {get_geometry, columns}, getopts,
      {requests, []}, {requests, [{put_chars, unicode, "a"}, nonsense, {put_chars, unicode, "b"}]}]].

  answer(Request) ->
    Ref = make_ref(),
    group_leader() ! {io_request, self(), Ref, Request},
    receive {io_reply, Ref, Reply} -> Reply after 5000 -> none end.`

let erl: ErlNode
let node: ErlangNode
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  await erl.load(printer)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** What `printer:Name()` returns, and all that it printed. */
async function printedBy(name: string) {
  const texts: string[] = []
  const value = await node.rpc(erl.name, 'printer', name, [], {
    onOutput: (text) => texts.push(text),
  })
  return { value: format(value), texts }
}

describe('an io request that cannot be done', () => {
  it('is answered as the protocol says', async () => {
    const { value, texts } = await printedBy('refused')
    expect(value).toBe(
      '[{error,request},{error,request},{error,request},{error,format},{error,cmd},{error,put_chars},' +
        '{error,put_chars},eof,eof,eof,{error,enotsup},{error,enotsup},' +
        '[{binary,true},{encoding,unicode}],ok,{error,request}]',
    )
    expect(texts).toEqual(['a'])
  })

  it('fails io:format with badarg', async () => {
    const call = node.rpc(erl.name, 'io', 'format', ['~w', []], { onOutput: () => undefined })
    await expect(call).rejects.toMatchObject({ code: 'ERR_ERL_REMOTE', reason: atom('badarg') })
  })

  it('refuses what is no listener', async () => {
    const onOutput = 'stdout' as unknown as OutputListener
    await expect(node.rpc(erl.name, 'erlang', 'node', [], { onOutput })).rejects.toThrow(
      'onOutput must be a function',
    )
  })
})

describe('a listener that fails', () => {
  it('fails the call with what it threw, and the function at its output', async () => {
    const error = new RangeError('enough')
    const onOutput = () => {
      throw error
    }
    await expect(node.rpc(erl.name, 'printer', 'forever', [], { onOutput })).rejects.toBe(error)
  })

  it('fails the call with what its promise rejects with', async () => {
    const error = new RangeError('enough')
    const onOutput = () => Promise.reject(error)
    await expect(node.rpc(erl.name, 'printer', 'forever', [], { onOutput })).rejects.toBe(error)
  })
})

describe('onOutput', () => {
  it('gets what the called function prints, in order and before its value', async () => {
    expect(await printedBy('lines')).toEqual({
      value: 'done',
      texts: ['one 1.0\n', 'two\n', '\n', '{a,[98]}'],
    })
  })

  it('gets text of any alphabet', async () => {
    expect((await printedBy('unicode')).texts).toEqual(['жук ok\n', 'ü', 'ü'])
  })

  it('gets what the processes print that the function has started, and says which it was', async () => {
    const heard: OutputContext[] = []
    const value = await node.rpc(erl.name, 'printer', 'child', [], {
      onOutput: (_text, context) => heard.push(context),
    })
    expect(heard).toHaveLength(1)
    expect(format(value)).toBe(`{${heard[0]?.from},normal}`)
  })

  it('holds up the function until its promise is settled', async () => {
    const texts: string[] = []
    const gate = deferred<void>()
    const first = deferred<void>()
    const call = node.rpc(erl.name, 'printer', 'count', [3], {
      onOutput: (text) => {
        texts.push(text)
        first.resolve()
        return gate.promise
      },
    })
    await first.promise
    await node.ping(erl.name)
    expect(texts).toEqual(['3 '])
    gate.resolve()
    await call
    expect(texts).toEqual(['3 ', '2 ', '1 '])
  })

  it('of a multicall gets the output of all, and the process says from which peer', async () => {
    const nodes = new Set<string>()
    const onOutput: OutputListener = (_text, { from }) => nodes.add(from.node.name)
    node.expose('io', { format: () => 1 })
    const results = await node.multicall([erl.name, node.name], 'io', 'format', ['x'], { onOutput })
    expect(results.map(({ ok }) => ok)).toEqual([true, true])
    expect([...nodes]).toEqual([erl.name])
  })

  it('hears nothing more once the call is over: output then goes to the console there', async () => {
    const texts: string[] = []
    const told = new Arrivals<string>()
    const self = node.register('told', (message) => told.push(format(message)))
    const pid = await node.rpc(erl.name, 'printer', 'later', [self.pid], {
      onOutput: (text) => texts.push(text),
    })
    await node.send(pid as never, atom('go'))
    expect(await told.next()).toBe('{printed,ok}')
    expect(texts).toEqual([])
    await expect.poll(() => erl.output).toContain('afterwards')
  })

  it('leaves no more than a bounded number of processes behind', async () => {
    const call = () => node.rpc(erl.name, 'erlang', 'node', [], { onOutput: () => undefined })
    for (let round = 0; round < 11; round += 1) await Promise.all(Array.from({ length: 100 }, call))
    const before = node.stats().processes
    await Promise.all(Array.from({ length: 100 }, call))
    expect(node.stats().processes).toBe(before)
  })
})

describe('onOutput of a call to Elixir', () => {
  it('gets what IO prints, and IO.gets gets eof', async () => {
    const elixir = await ElixirNode.start()
    const beside = await startBeside(elixir.erl)
    const code =
      'IO.puts("héllo"); IO.inspect({:ok, [1, "two"]}); IO.write(["x", ?y]); IO.gets("? ")'
    const texts: string[] = []
    const value = await beside.rpc(elixir.name, 'Elixir.Code', 'eval_string', [code], {
      onOutput: (text) => texts.push(text),
    })
    expect(texts).toEqual(['héllo\n', '{:ok, [1, "two"]}\n', 'xy'])
    expect(format(value)).toBe('{eof,[]}')
    await beside.stop()
    await elixir.stop()
  })
})

describe('output without a listener', () => {
  it("appears on the peer's console", async () => {
    await withDeadline(node.rpc(erl.name, 'io', 'format', ['for the console~n', []]), 'the call')
    await expect.poll(() => erl.output).toContain('for the console')
  })
})
