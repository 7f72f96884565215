import { atom, type ErlangNode, format, ErlangNode as Node, Pid, tuple } from 'beamlink'
import { Kamailio, KamailioFault, KamailioStandIn } from 'beamlink/kamailio'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'

/** What Erlang code does with Kamailio, as its own users write it. */
const probe = `
  -module(probe).
  -export([add/2, empty/1, echo/1, rex/4, raw/0]).

  add(A, B) -> A + B.
  empty(_) -> {ok, []}.
  echo(X) -> X.

  rex(Node, M, F, A) ->
      Ref = make_ref(),
      {rex, Node} ! {'$gen_call', {self(), Ref}, {call, M, F, A, self()}},
      receive {Ref, X} -> X after 2000 -> timeout end.

  raw() -> register(raw, self()), receive M -> M after 5000 -> timeout end.`

describe('Erlang code against a stand-in for Kamailio', () => {
  let erl: ErlNode
  let node: ErlangNode
  let kamailio: KamailioStandIn

  beforeAll(async () => {
    erl = await ErlNode.start()
    await erl.load(probe)
  })
  afterAll(() => erl?.stop())
  beforeEach(async () => {
    node = await startBeside(erl)
    kamailio = new KamailioStandIn(node, { erlangNode: erl.name, version: 'kamailio 5.6.3' })
  })
  afterEach(() => node.stop())

  const rex = (module: string, name: string, args: string) =>
    erl.eval(`probe:rex('${node.name}', ${module}, ${name}, ${args})`)

  it('refuses what is no node, route or method', () => {
    const bad = (options: object) => () => new KamailioStandIn(node, options as never)
    expect(bad({ erlangNode: 'x' })).toThrow(RangeError)
    expect(bad({ erlangNodes: 'x' })).toThrow('did you mean')
    expect(() => kamailio.method('version', () => 'x')).toThrow("a name such as 'core.version'")
    expect(() => kamailio.on('x', 1 as never)).toThrow('handler must be a function')
  })

  it('answers as Kamailio where a request is none', async () => {
    expect(await rex('nope', 'nope', '[]')).toBe('{badrpc,"Method Not Found"}')
    expect(await rex('erlang', 'node', '[]')).toBe('{badrpc,"Method Not Found"}')
    expect(await rex('core', 'version', 'x')).toBe('{badarith,"Expected list of parameters."}')
    expect(await rex('1', 'version', '[]')).toBe('{badrpc,"Unsupported rex request."}')
    expect(await rex('erlang', 'whereis', '[]')).toBe(
      '{badarith,"undefined function erlang:whereis/0"}',
    )
    expect(await rex('erlang', 'whereis', '["x"]')).toBe('{badarg,"bad argument"}')
    await erl.eval(`{rex, '${node.name}'} ! nonsense, {nobody, '${node.name}'} ! hello`)
    expect(await rex('core', 'version', '[]')).toBe('[<<"kamailio 5.6.3">>]')
    expect(kamailio.stats).toMatchObject({ malformed: 1, unrouted: 1 })
  })

  it('answers faults, and makes faults of what methods throw', async () => {
    kamailio.method('evrexec.run', () => {
      throw new KamailioFault(500, 'Event route not found')
    })
    kamailio.method('x.throws', () => {
      throw new Error('boom')
    })
    kamailio.method('x.text', (text) => String(text))
    expect(await rex('evrexec', 'run', '["x"]')).toBe(
      '{[{code,500},{<<"error">>,<<"Event route not found">>}]}',
    )
    expect(await rex('x', 'throws', '[]')).toBe('{[{code,500},{<<"error">>,<<"Error: boom">>}]}')
    const refused = `{[{code,400},{<<"error">>,<<"Can't convert to string parameter #1.">>}]}`
    expect(await rex('x', 'text', '[an_atom]')).toBe(refused)
    expect(await rex('x', 'text', '[""]')).toBe(refused)
  })

  it('answers values, structs, arrays and nothing in the forms of Kamailio', async () => {
    kamailio.method('x.nothing', () => undefined)
    kamailio.method('x.several', (a, b) => [a as string, b as number, 1.5])
    kamailio.method('x.structs', () => [{ IDX: 0, names: ['a', 'b'] }, { IDX: 1 }])
    kamailio.method('x.struct', (given) => Object.entries(given as object).flat())
    expect(await rex('x', 'nothing', '[]')).toBe('ok')
    expect(await rex('<<"x">>', '"several"', '["text", 7]')).toBe('[<<"text">>,7,1.5]')
    expect(await rex('x', 'structs', '[]')).toBe(
      '[{[{<<"IDX">>,0},{<<"names">>,[<<"a">>,<<"b">>]}]},{[{<<"IDX">>,1}]}]',
    )
    expect(await rex('x', 'struct', '[{key, "v", n, 2}]')).toBe('[<<"key">>,<<"v">>,<<"n">>,2]')
  })

  it('answers stock OTP: gen_server:multi_call of rex', async () => {
    const call = `gen_server:multi_call(['${node.name}'], rex, {call,core,version,[],group_leader()}, 2000)`
    expect(await erl.eval(call)).toBe(`{[{'${node.name}',[<<"kamailio 5.6.3">>]}],[]}`)
  })

  it('runs event routes, of whose replies the last one is sent', async () => {
    kamailio.on('greetings', (message, route) => {
      route.reply(atom('first'))
      route.reply(tuple(atom('hello'), 'Erlang', message))
    })
    expect(await rex('erlang', 'whereis', '[greetings]')).toMatch(/^<\d+\.\d+\.\d+>$/)
    expect(await rex('erlang', 'whereis', '[nobody]')).toBe('undefined')
    const asked = `{greetings, '${node.name}'} ! hi, receive M -> M after 2000 -> timeout end`
    expect(await erl.eval(asked)).toBe('{hello,"Erlang",hi}')
  })

  it('runs the route self for messages to its pid, which sends on', async () => {
    kamailio.on('greetings', () => undefined)
    kamailio.on('self', (message, route) => {
      const [text, to] = message as unknown as [string, Pid]
      expect(route.pid).toBeUndefined()
      if (Pid.is(to)) route.send(to, tuple(atom('self_reply'), text))
    })
    expect(
      await erl.eval(`Pid = probe:rex('${node.name}', erlang, whereis, [greetings]),
        Pid ! ["hello from", self()], receive M -> M after 2000 -> timeout end`),
    ).toBe('{self_reply,"hello from"}')
  })

  it('drives the Erlang side: erl_rpc, and refuses what scripts cannot do', async () => {
    expect(await kamailio.erlRpc('probe', 'add', [40, 2])).toBe(42)
    expect(format(await kamailio.erlRpc('probe', 'echo', ['text']))).toBe('"text"')
    expect(format(await kamailio.erlRpc('probe', 'echo', [null]))).toBe('undefined')
    await expect(kamailio.erlRpc('probe', 'add', [])).rejects.toThrow(RangeError)
    await expect(kamailio.erlRpc('probe', 'empty', [1])).rejects.toMatchObject({
      code: 'ERR_ERL_DECODE',
      message: 'Kamailio could not read it: answer[1] is []',
    })
  })

  it('drives the Erlang side: erl_reg_send and erl_send', async () => {
    const got = erl.eval('probe:raw()')
    await expect
      .poll(async () => format(await kamailio.erlRpc('erlang', 'whereis', [atom('raw')])))
      .toMatch(/^</)
    const pid = await kamailio.erlRpc('erlang', 'whereis', [atom('raw')])
    await kamailio.erlSend(pid as Pid, tuple(pid as Pid, 'via pid'))
    expect(await got).toMatch(/^\{<[\d.]+>,"via pid"\}$/)
    await kamailio.erlRegSend('observer', tuple(atom('sip'), 'echo', 42))
    expect(await erl.observed.next()).toBe('{sip,"echo",42}')
  })

  it('is a Kamailio for our own client as well', async () => {
    const other = await Node.start({
      name: node.name.replace('js_', 'other_'),
      cookie: erl.cookie,
      epmd: { port: erl.epmdPort },
    })
    kamailio.method('dlg.list', () => [{ call_id: 'a' }])
    const client = new Kamailio(other, node.name)
    expect(await client.rpc('core.version')).toBe('kamailio 5.6.3')
    expect(await client.rpcAll('dlg.list')).toEqual([{ call_id: 'a' }])
    expect(await client.whereis('nobody')).toBeUndefined()
    client.close()
    await other.stop()
  })
})
