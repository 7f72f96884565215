import { atom, callContext, ErlangError, type ErlangNode, type Term, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, until, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
const called = new Arrivals<Term>()
const aborted = new Arrivals<string>()
const never = new Promise(() => undefined)

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  node.expose('useless', {
    myfunction: () => 'hello from JavaScript',
    add: (a: number, b: number) => a + b,
    'overloaded/1': () => atom('one'),
    'overloaded/2': () => atom('two'),
    overloaded: () => atom('many'),
    nothing: () => undefined,
    note: (term: Term) => called.push(term),
    later: async (term: Term) => {
      await new Promise(setImmediate)
      return term
    },
    boom: () => {
      throw new TypeError('boom')
    },
    rejects: async () => {
      throw new RangeError('later')
    },
    strange: () => {
      throw 'text'
    },
    raises: (kind: { name: 'error' | 'exit' | 'throw' }, reason: Term) => {
      throw new ErlangError('ERR_ERL_REMOTE', 'on purpose', { reason, remoteClass: kind.name })
    },
    unencodable: () => ({ inner: [() => 1] }),
    textless: () => {
      throw Object.create(null)
    },
    half: async () => {
      throw new Error('half \uD83D')
    },
    who: () => {
      const context = callContext()
      return context && tuple(context.from, context.node, context.self.pid)
    },
    waits: (name: Term) => {
      const context = callContext()
      context?.signal.addEventListener('abort', () => aborted.push(String(name)))
      called.push(name)
      return never
    },
  })
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** Evaluates with `N` as the name of our node. */
function ask(expressions: string): Promise<string> {
  return erl.eval(`N = '${node.name}', ${expressions}`)
}

describe('what is not exposed', () => {
  it('is undef for rpc:call, as at a real node', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    const call = (name: string) => erl.eval(`rpc:call('${name}', useless, nope, [1, a])`)
    expect(await call(node.name)).toBe(await call(other.name))
    await other.stop()
  })

  it('is undef for erpc:call, for rpc:block_call and for a wrong arity', async () => {
    expect(
      await ask('try erpc:call(N, useless, nope, [1]) catch error:{exception, R, S} -> {R, S} end'),
    ).toBe('{undef,[{useless,nope,[1],[]}]}')
    expect(await ask('rpc:block_call(N, useless, nope, [1])')).toBe(
      "{badrpc,{'EXIT',{undef,[{useless,nope,[1],[]}]}}}",
    )
    node.expose('exact', { 'f/1': () => 1 })
    expect(await ask('rpc:call(N, exact, f, [])')).toContain('undef')
    expect(await ask('rpc:call(N, exact, f, [x])')).toBe('1')
  })

  it('stays so for dangerous functions, also through apply', async () => {
    for (const call of [
      'os, cmd, ["id"]',
      'erlang, halt, []',
      'erlang, apply, [os, cmd, ["id"]]',
    ]) {
      expect(await ask(`rpc:call(N, ${call})`)).toContain('undef')
    }
    expect(await ask('rpc:call(N, constructor, toString, [])')).toContain('undef')
    expect(await ask("rpc:call(N, useless, '__proto__', [])")).toContain('undef')
  })

  it('is undef again after unexpose', async () => {
    node.expose('passing', { f: () => 1 })
    expect(await ask('rpc:call(N, passing, f, [])')).toBe('1')
    expect(node.unexpose('passing')).toBe(true)
    expect(await ask('rpc:call(N, passing, f, [])')).toContain('undef')
    expect(node.unexpose('passing')).toBe(false)
  })

  it('is undef for peers that a function is not exposed to', async () => {
    node.expose('private', { f: () => 1 }, { exposeTo: ['friend@127.0.0.1'] })
    node.expose('shared', { f: () => 1 }, { exposeTo: [erl.name] })
    expect(await ask('rpc:call(N, private, f, [])')).toContain('undef')
    expect(await ask('rpc:call(N, shared, f, [])')).toBe('1')
  })

  it('cannot be a fun: it ends with undef, which is told', async () => {
    const told = until<[{ detail?: string }]>(node, 'drop')
    expect(
      await ask('try erpc:call(N, fun() -> 1 end) catch error:{exception, R, _} -> R end'),
    ).toBe('undef')
    expect((await told)[0].detail).toContain('fun')
    expect(
      await ask(
        '{P, M} = spawn_monitor(N, fun() -> 1 end), receive {_, M, _, P, {R, [{A, B, _, _}]}} -> {R, A, B} end',
      ),
    ).toBe('{undef,erlang,apply}')
  })
})

describe('arguments that are none', () => {
  it('are badarg for erpc', async () => {
    expect(
      await ask(
        'R = spawn_request(N, erpc, execute_call, [tag, useless, add, not_a_list], [monitor]), receive {spawn_reply, R, ok, P} -> receive {_, R, _, P, Reason} -> Reason end end',
      ),
    ).toBe('{tag,error,{erpc,badarg}}')
    expect(
      await ask(
        'R = spawn_request(N, erpc, execute_call, [a, b, c, d], [monitor]), receive {spawn_reply, R, ok, P} -> receive {_, R, _, P, Reason} -> Reason end end',
      ),
    ).toBe('{a,error,{erpc,badarg}}')
  })

  it('refuse what is no function to expose', () => {
    expect(() => node.expose('m', { f: 1 as never })).toThrow(TypeError)
    expect(() => node.expose('m', { 'f/256': () => 1 })).toThrow(RangeError)
    expect(() => node.expose('m', { f: () => 1 }, { exposedTo: [] } as never)).toThrow(
      'did you mean "exposeTo"?',
    )
    expect(() => node.expose('', {})).toThrow(RangeError)
  })
})

describe('an exposed function that fails', () => {
  it('is an error with name and message', async () => {
    expect(await ask('rpc:call(N, useless, boom, [])')).toBe(
      `{badrpc,{'EXIT',{{js_error,<<"TypeError">>,<<"boom">>},[{useless,boom,0,[]}]}}}`,
    )
    expect(await ask('rpc:call(N, useless, rejects, [])')).toContain(
      '{js_error,<<"RangeError">>,<<"later">>}',
    )
    expect(await ask('rpc:call(N, useless, strange, [])')).toContain(
      '{js_error,<<"string">>,<<"text">>}',
    )
    expect(await ask('rpc:block_call(N, useless, boom, [])')).toContain('js_error')
  })

  it.each([
    ['error', 'error:{exception,why,[{useless,raises,2,[]}]}'],
    ['exit', 'exit:{exception,why}'],
    ['throw', 'throw:why'],
  ])('is of the class %s when it says so', async (kind, caught) => {
    expect(
      await ask(
        `try erpc:call(N, useless, raises, [${kind}, why]) catch C:R -> lists:flatten(io_lib:format("~0p:~0p", [C, R])) end`,
      ),
    ).toBe(`"${caught}"`)
  })

  it('is an error when its value has no Erlang form, which says where in the value', async () => {
    const failed = `{badrpc,{'EXIT',{{js_error,<<"TypeError">>,<<"inner[0]: a function has no Erlang form">>},[]}}}`
    expect(await ask('rpc:call(N, useless, unencodable, [])')).toBe(failed)
    expect(await ask('rpc:block_call(N, useless, unencodable, [])')).toBe(failed)
    expect(
      await ask(
        'try erpc:call(N, useless, unencodable, []) catch error:{exception, R, _} -> R end',
      ),
    ).toContain('{js_error,<<"TypeError">>')
    expect(await ask('rpc:call(N, useless, add, [1, 2])')).toBe('3')
  })

  it.each([
    ['textless', '{js_error,<<"object">>,<<"a value that cannot be shown as text">>}'],
    ['half', '{js_error,<<"Error">>,<<104,97,108,102,32,239,191,189>>}'],
  ])('is an error also when what it throws has no text: %s', async (name, reason) => {
    expect(await ask(`rpc:call(N, useless, ${name}, [])`)).toContain(reason)
    expect(await ask(`rpc:block_call(N, useless, ${name}, [])`)).toContain(reason)
  })

  it('leaves no process behind', async () => {
    const before = node.stats().processes
    await ask('[rpc:call(N, useless, F, []) || F <- [boom, rejects, strange, nope, unencodable]]')
    expect(node.stats().processes).toBe(before)
  })
})

describe('an exposed function that fails when nobody waits', () => {
  it.each([
    ['spawn', 'spawn(N, useless, boom, [])'],
    ['rpc:cast', 'rpc:cast(N, useless, boom, [])'],
    ['a cast to rex', 'gen_server:cast({rex, N}, {cast, useless, boom, [], group_leader()})'],
  ])('after %s is told to handlerError', async (_what, call) => {
    const told = until<[{ error: Error; message?: unknown }]>(node, 'handlerError')
    await ask(call)
    const [failure] = await told
    expect(failure.error.message).toBe('boom')
    expect(failure.message).toBeUndefined()
  })

  it('is not told of ends that are orderly, nor of errors that a caller gets', async () => {
    const told: unknown[] = []
    const listener = (failure: unknown) => told.push(failure)
    node.on('handlerError', listener)
    await ask('spawn(N, useless, raises, [exit, shutdown]), rpc:call(N, useless, boom, [])')
    node.off('handlerError', listener)
    expect(told).toEqual([])
  })
})

describe('an exposed function', () => {
  it.each([
    ['rpc:call(N, useless, myfunction, [])', '<<"hello from JavaScript">>'],
    ['rpc:call(N, useless, add, [1, 2], 1000)', '3'],
    ['rpc:call(N, useless, later, [{a, "b", 1.5}])', '{a,"b",1.5}'],
    ['rpc:call(N, useless, nothing, [])', 'ok'],
    ['erpc:call(N, useless, add, [1, 2])', '3'],
    ['erpc:receive_response(erpc:send_request(N, useless, add, [1, 2]))', '3'],
    ['rpc:yield(rpc:async_call(N, useless, add, [1, 2]))', '3'],
    ['rpc:multicall([N, N], useless, add, [1, 2])', '{[3,3],[]}'],
    ['erpc:multicall([N], useless, add, [1, 2])', '[{ok,3}]'],
    ['rpc:block_call(N, useless, add, [1, 2])', '3'],
    ['rpc:call(N, erlang, apply, [useless, add, [1, 2]])', '3'],
    ['rpc:call(N, useless, overloaded, [1])', 'one'],
    ['rpc:call(N, useless, overloaded, [1, 2])', 'two'],
    ['rpc:call(N, useless, overloaded, [1, 2, 3])', 'many'],
    ['gen_server:call({rex, N}, {call, useless, add, [1, 2], group_leader()})', '3'],
    [
      'gen_server:multi_call([N], rex, {call, useless, add, [1, 2], user}) =:= {[{N, 3}], []}',
      'true',
    ],
    ['{rex, N} ! {self(), {call, useless, add, [1, 2], user}}, receive {rex, V} -> V end', '3'],
    ['{rex, N} ! {self(), features_request}, receive {features_reply, N, F} -> F end', '[erpc]'],
    ['net_adm:ping(N)', 'pong'],
    ['rpc:call(N, erlang, node, []) =:= N', 'true'],
    ['rpc:call(N, erlang, whereis, ["x"])', "{badrpc,{'EXIT',{badarg,[{erlang,whereis,1,[]}]}}}"],
  ])('%s', async (expression, value) => {
    expect(await ask(expression)).toBe(value)
  })

  it.each([
    ['rpc:cast(N, useless, note, [x])'],
    ['erpc:cast(N, useless, note, [x])'],
    ['erpc:multicast([N], useless, note, [x])'],
    ['spawn(N, useless, note, [x])'],
    ['spawn_link(N, useless, note, [x])'],
    ['gen_server:cast({rex, N}, {cast, useless, note, [x], user})'],
  ])('runs without an answer by %s', async (expression) => {
    await ask(expression)
    expect(await called.next()).toBe(atom('x'))
  })

  it('ends a spawned process as it ends itself', async () => {
    const down = 'receive {_, M, process, P, R} -> R end'
    expect(await ask(`{P, M} = spawn_monitor(N, useless, nothing, []), ${down}`)).toBe('normal')
    expect(await ask(`{P, M} = spawn_monitor(N, useless, boom, []), ${down}`)).toContain('js_error')
    expect(await ask(`{P, M} = spawn_monitor(N, useless, nope, []), ${down}`)).toBe(
      '{undef,[{useless,nope,[],[]}]}',
    )
    expect(
      await ask(
        'process_flag(trap_exit, true), P = spawn_link(N, useless, boom, []), receive {_, P, {R, _}} -> R end',
      ),
    ).toBe('{js_error,<<"TypeError">>,<<"boom">>}')
  })

  it('gets its arguments decoded as it wants them, and its value encoded', async () => {
    const seen = new Arrivals<unknown>()
    const f = (value: unknown) => {
      seen.push(value)
      return { key: undefined }
    }
    const encode = { keys: 'atoms', undefinedAs: atom('none') } as const
    node.expose('elixir', { f }, { decode: 'elixir', encode })
    for (const way of ['rpc:call', 'rpc:block_call', 'erpc:call']) {
      expect(await ask(`${way}(N, elixir, f, [#{a => <<"text">>, b => nil}])`)).toBe(
        '#{key => none}',
      )
      expect(await seen.next()).toEqual({ a: 'text', b: null })
    }
    await ask('{rex, N} ! {self(), {call, elixir, f, [nil], user}}')
    expect(await seen.next()).toBeNull()
  })

  it('knows who called', async () => {
    expect(
      await ask(
        '{Self, Me, P} = rpc:call(N, useless, who, []), {Me =:= atom_to_binary(node()), node(P) =:= N, node(Self) =:= node()}',
      ),
    ).toBe('{true,true,true}')
    expect(callContext()).toBeUndefined()
  })

  it('hears that the caller gave up, died or disconnected', async () => {
    expect(await ask('rpc:call(N, useless, waits, [slow], 50)')).toBe('{badrpc,timeout}')
    expect(await withDeadline(aborted.next(), 'the abort after a timeout')).toBe('slow')
    await called.next()

    await ask('spawn(fun() -> rpc:call(N, useless, waits, [orphan]) end) ! x, ok')
    await called.next()
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    const lost = other
      .eval(`rpc:call('${node.name}', useless, waits, [lost])`)
      .catch(() => undefined)
    await called.next()
    other.signal('SIGKILL')
    expect(await withDeadline(aborted.next(), 'the abort after a crash')).toBe('lost')
    await lost
    await other.stop()
  })

  it('is told when its process is killed, and its monitors hear killed', async () => {
    const session = erl.session()
    await session.eval(`{P, M} = spawn_monitor('${node.name}', useless, waits, [victim])`)
    await called.next()
    expect(await session.eval('exit(P, kill), receive {_, M, _, _, R} -> R end')).toBe('killed')
    expect(await withDeadline(aborted.next(), 'the abort')).toBe('victim')
  })

  it('runs side by side with others', async () => {
    const gate = deferred<void>()
    node.expose('gate', { wait: () => gate.promise, open: () => gate.resolve() })
    expect(
      await ask('K = rpc:async_call(N, gate, wait, []), rpc:call(N, gate, open, []), rpc:yield(K)'),
    ).toBe('ok')
  })
})

describe('our processes, to Erlang', () => {
  it('can be monitored by name and pid, also when they are not there', async () => {
    expect(
      await ask(
        'M = monitor(process, {nobody, N}), receive {_, M, _, I, R} -> {I =:= {nobody, N}, R} end',
      ),
    ).toBe('{true,noproc}')
    const process = node.register('watched', () => undefined)
    const session = erl.session()
    await session.eval(
      `N = '${node.name}', M1 = monitor(process, {watched, N}), M2 = monitor(process, rpc:call(N, erlang, whereis, [watched])), M3 = monitor(process, {watched, N}), demonitor(M3)`,
    )
    await ask('net_adm:ping(N)')
    process.end(tuple(atom('why'), 1))
    expect(await session.eval('[receive {_, M, process, _, R} -> R end || M <- [M1, M2]]')).toBe(
      '[{why,1},{why,1}]',
    )
    expect(await session.eval('receive {_, M3, _, _, _} -> told after 0 -> silent end')).toBe(
      'silent',
    )
  })

  it('can be linked to, and unlinked', async () => {
    expect(
      await ask(
        'process_flag(trap_exit, true), P = rpc:call(N, erlang, whereis, [rex]), link(P), unlink(P), link(P), exit(P, normal), rpc:call(N, erlang, is_process_alive, [P])',
      ),
    ).toBe('true')
    const process = node.register('linked', () => undefined)
    const session = erl.session()
    await session.eval(
      `process_flag(trap_exit, true), P = rpc:call('${node.name}', erlang, whereis, [linked]), link(P)`,
    )
    await ask('net_adm:ping(N)')
    process.end(atom('done'))
    expect(await session.eval("receive {'EXIT', P, R} -> R end")).toBe('done')
    expect(await session.eval("link(P), receive {'EXIT', P, R2} -> R2 end")).toBe('noproc')
  })

  it('end by exit signals, but for normal', async () => {
    const process = node.register('mortal', () => undefined)
    const session = erl.session()
    await session.eval(
      `P = rpc:call('${node.name}', erlang, whereis, [mortal]), M = monitor(process, P), exit(P, normal)`,
    )
    expect(await session.eval(`rpc:call('${node.name}', erlang, is_process_alive, [P])`)).toBe(
      'true',
    )
    expect(await session.eval('exit(P, because), receive {_, M, _, _, R} -> R end')).toBe('because')
    expect(process.isAlive).toBe(false)
    expect(node.whereis('mortal')).toBeUndefined()
  })
})
