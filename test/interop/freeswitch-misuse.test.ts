import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErlNode, ErlSession } from '../helpers/erl-node.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'

describe('a peer that sends what makes no sense', () => {
  let bench: HostBench
  let rude: ErlNode
  let session: ErlSession
  const errors: unknown[] = []

  beforeAll(async () => {
    bench = await HostBench.start()
    bench.host.api('echo', (args) => args)
    bench.node.on('handlerError', ({ error }) => errors.push(error))
    rude = await bench.another()
    session = bench.session()
    await session.eval("fs:ask(register_event_handler), fs:ask({setevent, 'CUSTOM', calm})")
  })
  afterAll(async () => {
    await rude.stop()
    await bench.stop()
  })

  it.each([
    ['{}', '{error,undef}'],
    ['[]', '{error,undef}'],
    ['[a | b]', '{error,undef}'],
    ['#{event => 1}', '{error,undef}'],
    ['<<1:3>>', '{error,undef}'],
    ['self()', '{error,undef}'],
    ['fun() -> ok end', '{error,undef}'],
    ['{constructor, 1}', '{error,undef}'],
    ["'__proto__'", '{error,undef}'],
    ['{"event", \'ALL\'}', '{error,undef}'],
    ['{[event], a}', '{error,undef}'],
    ["{'$gen_call', x, getpid}", '{error,undef}'],
    ["{'$gen_call', {self(), make_ref()}}", '{error,undef}'],
    ["{'EXIT', self(), reason}", '{error,undef}'],
    ['{api, echo, [a]}', '{error,badarg}'],
    ['{api, echo, [255, 254]}', '{error,badarg}'],
    ['{api, echo, {x}}', '{error,badarg}'],
    ['{api, "echo", "x"}', '{error,badarg}'],
    ['{api}', '{error,badarg}'],
    ['{api, echo, lists:duplicate(70000, $x)}', '{error,badarg}'],
    ['{sendevent, \'GENERAL\', [{"k", "v"} | x]}', '{error,badarg}'],
    ['{sendevent, \'GENERAL\', [{[$k | x], "v"}]}', '{error,badarg}'],
    ["{sendevent, 'GENERAL', lists:duplicate(100000, {a, b})}", '{error,badarg}'],
    ["{set_log_level, 'ЖЖ'}", '{error,badarg}'],
    ["{'ЖЖ', 1}", '{error,badarg}'],
  ])('is answered: %s', async (message, answer) => {
    expect(await rude.eval(`fs:ask(${message})`)).toBe(answer)
  })

  it('acts in the name of no process of another node', async () => {
    bench.host.call('mine')
    const answer = await rude.eval(`
      Own = atom_to_binary(node()),
      Forged = binary_to_term(binary:replace(term_to_binary(self()), <<(byte_size(Own)), Own/binary>>, <<7, "x@y.z.z">>)),
      fs:send({'$gen_call', {Forged, make_ref()}, {handlecall, "mine"}}),
      fs:next()`)
    expect(answer).toBe('{error,undef}')
    const { output } = await bench.host.run('erlang', 'listeners')
    expect(output).not.toContain('x@y.z.z')
  })

  it.each(['/^(a|a)*$/', `/^${'a?'.repeat(40)}${'a'.repeat(40)}$/`, '/^(a+)+$/'])(
    'holds nobody up with the filter %s',
    async (pattern) => {
      await rude.eval(`fs:ask(register_event_handler), fs:ask({setevent, 'HEARTBEAT'}),
        fs:ask({filter, 'delete all'}), fs:ask({filter, 'X ${pattern}'})`)
      const before = process.cpuUsage()
      bench.host.emit({ name: 'HEARTBEAT', headers: { X: `${'a'.repeat(39)}b` } })
      expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
    },
  )

  it('holds nobody up with ten thousand processes that are bound, and end at once', async () => {
    await rude.eval(`
      Bind = fun() -> ok = fs:ask({bind, directory}), receive stop -> ok end end,
      register(crowd, spawn(fun() -> [spawn_link(Bind) || _ <- lists:seq(1, 10000)], receive never -> ok end end))`)
    const count = async () => (await bench.host.run('erlang', 'bindings')).output.split('\n').length
    await expect.poll(count, { timeout: 20_000 }).toBe(10_001)
    const before = process.cpuUsage()
    await rude.eval('exit(whereis(crowd), kill)')
    await expect.poll(count, { timeout: 20_000 }).toBe(2)
    expect(process.cpuUsage(before).user).toBeLessThan(4_000_000)
  }, 60_000)

  it('gets no further than its own session', async () => {
    await rude
      .eval(`
      fs:send({filter, lists:foldl(fun(_, T) -> [T] end, [], lists:seq(1, 20000))}),
      fs:send(list_to_tuple([event | [list_to_atom("e" ++ integer_to_list(N)) || N <- lists:seq(1, 5000)]])),
      fs:send(list_to_tuple([filter | [list_to_atom("h" ++ integer_to_list(N) ++ " /(a*)*$/") || N <- lists:seq(1, 2000)]])),
      fs:send({event, 'ALL'}), fs:send(register_event_handler), fs:send(register_log_handler),
      [fs:send({bgapi, echo, "x"}) || _ <- lists:seq(1, 2000)],
      exit(enough)`)
      .catch(() => undefined)
    expect(await session.eval('fs:ask({api, echo, "still here"})')).toBe('{ok,"still here"}')
    bench.host.emit({ name: 'CUSTOM', subclass: 'calm', headers: { n: 1 } })
    expect(await session.eval('{event, L} = fs:next(), lists:last(L)')).toBe('{"n","1"}')
    expect(await rude.eval('fs:ask({api, echo, "too"})')).toBe('{ok,"too"}')
    expect(errors).toEqual([])
  })
})
