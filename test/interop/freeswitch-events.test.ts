import { EventHost } from 'beamlink/freeswitch'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'

describe('events of an event host', () => {
  let bench: HostBench
  let session: ErlSession

  beforeAll(async () => {
    bench = await HostBench.start({
      hostname: 'fsbox',
      coreUuid: 'core',
      ipv4: '127.0.0.1',
      ipv6: '::1',
    })
    bench.host.api('echo', (args) => args)
  })
  afterAll(() => bench.stop())
  beforeEach(async () => {
    session = bench.session()
    await session.eval(
      "fs:ask(noevents), fs:ask({nixevent, 'ALL'}), fs:ask({setevent, none}), fs:ask(noevents), fs:ask({filter, 'delete all'})",
    )
  })

  it('refuses what is no event', () => {
    const { host } = bench
    expect(() => host.emit({ name: 'NOSUCH' })).toThrow(/name must be the name of one of/)
    expect(() => host.emit({ name: 'ALL' })).toThrow(RangeError)
    expect(() => host.emit({ name: 'API', headers: [['', 'x']] })).toThrow(/headers\[0\]/)
    expect(() => host.emit({ name: 'API', headers: { a: null } as never })).toThrow(
      "headers['a'] must be",
    )
    expect(() => host.emit({ name: 'API', headers: new Map() as never })).toThrow(TypeError)
    expect(() => host.emit({ name: 'API', headers: { a: Number.NaN } })).toThrow(TypeError)
    expect(() => host.emit({ name: 'API', subclass: 'a::b' })).toThrow(/subclass must be given/)
    expect(() => new EventHost(bench.node, { onHandlerError: 1 } as never)).toThrow(TypeError)
    expect(() => host.emit({ name: 'API', body: 5 } as never)).toThrow(/body must be a string/)
    expect(() => host.emit({ name: 'API', bdy: 'x' } as never)).toThrow(/did you mean "body"/)
    expect(() => new EventHost(bench.node, { queueLimit: 0 })).toThrow(/queueLimit/)
    expect(() => new EventHost({} as never)).toThrow('node must be an ErlangNode')
    expect(() => new EventHost(bench.node)).toThrow('node must be a node without an event host')
  })

  it.each([
    ['{event}', '{error,badarg}'],
    ['{nixevent}', '{error,badarg}'],
    ['{setevent}', '{error,badarg}'],
    ["{setevent, 'ALL'}", '{error,badarg}'],
    ['{filter}', '{error,badarg}'],
    ['{register_event_handler, "x"}', '{error,badarg}'],
    ['noevents', '{error,notlistening}'],
    ["{sendevent, 'GENERAL'}", '{error,badarg}'],
    ["{sendevent, 'GENERAL', x}", '{error,badarg}'],
    ['{sendevent, \'GENERAL\', [{<<"k">>, "v"}]}', '{error,badarg}'],
    ['{sendevent, \'GENERAL\', [{"k", "v", x}]}', '{error,badarg}'],
    ['{sendevent, \'GENERAL\', [{"k", [255, 254]}]}', '{error,badarg}'],
    ['{sendevent, \'GENERAL\', [{lists:duplicate(1024, $k), "v"}]}', '{error,badarg}'],
    ['{sendevent, \'CUSTOM\', [{"k", "v"}]}', '{error,badarg}'],
    ["{sendevent, 'NOSUCH', []}", 'timeout'],
  ])('answers %s with %s', async (message, answer) => {
    expect(await session.eval(`fs:send(${message}), fs:next(500)`)).toBe(answer)
  })

  it('delivers nothing until somebody registers', async () => {
    expect(await session.eval("fs:ask({event, 'API'})")).toBe('ok')
    expect(await session.eval('{fs:ask({api, echo, "x"}), fs:drain()}')).toBe('{{ok,"x"},[]}')
  })

  it('gives events their headers in the order of FreeSWITCH', async () => {
    await session.eval("fs:ask(register_event_handler), fs:ask({event, 'CUSTOM', 'a::b'})")
    const event = bench.host.emit({
      name: 'custom',
      subclass: 'a::b',
      uuid: 'abc',
      headers: { One: 'é', Two: ['a', 'b'], Three: 3 },
      body: 'the body',
      source: { file: 'x.c', func: 'f', line: 7 },
    })
    expect(
      await session.eval('{event, [Id | Pairs]} = fs:next(), {Id, [K || {K, _} <- Pairs]}'),
    ).toBe(
      '{"abc",["Event-Subclass","Event-Name","Core-UUID","FreeSWITCH-Hostname","FreeSWITCH-Switchname","FreeSWITCH-IPv4","FreeSWITCH-IPv6","Event-Date-Local","Event-Date-GMT","Event-Date-Timestamp","Event-Calling-File","Event-Calling-Function","Event-Calling-Line-Number","Event-Sequence","Unique-ID","One","Two","Three","body"]}',
    )
    expect(
      await session.eval(
        '[proplists:get_value(K, Pairs) || K <- ["Event-Subclass", "Two", "Three", "body"]]',
      ),
    ).toBe('["a::b","ARRAY::a|:b","3","the body"]')
    expect(await session.eval('[195, 169] =:= proplists:get_value("One", Pairs)')).toBe('true')
    expect(event.get('unique-id')).toBe('abc')
  })

  it('fires what is sent, with values decoded and empty ones left out', async () => {
    await session.eval("fs:ask(register_event_handler), fs:ask({event, 'MESSAGE', 'CUSTOM'})")
    await session.eval(`
      Last = fun(N) -> receive {event, [_ | Pairs]} -> lists:nthtail(length(Pairs) - N, Pairs) after 3000 -> timeout end end,
      Ask = fun(Term) -> fs:send(Term), receive ok -> ok after 3000 -> timeout end end`)
    expect(
      await session.eval(
        `ok = Ask({sendevent, message, [{"gone", []}, {"k", "a%20b%ff"}, {"body", []}, {"k", "2"}]}), Last(3)`,
      ),
    ).toBe('[{"k","a b%ff"},{"k","2"},{"body",[]}]')
    expect(
      await session.eval(
        `ok = Ask({sendevent, 'CUSTOM', '', [{"Event-Subclass", "x"}, {"k", "1"}]}), Last(14)`,
      ),
    ).toMatch(/^\[\{"Event-Name","CUSTOM"\}.*\{"k","1"\}\]$/s)
  })

  it('has one handler, which the next to register replaces, untold', async () => {
    await session.eval(`
      A = fs:handler(), B = fs:handler(),
      [fs:at(P, fun() -> fs:ask(register_event_handler) end) || P <- [A, B]],
      fs:ask({event, 'GENERAL'})`)
    bench.host.emit({ name: 'GENERAL', headers: { n: '1' } })
    expect(
      await session.eval('[begin fs:stop(A), B =:= P end || {P, {event, _}} <- fs:drain()]'),
    ).toBe('[true]')
    expect(await session.eval('fs:ask({api, erlang, "handlers"})')).toContain('GENERAL')
    expect(await session.eval('fs:stop(B), fs:drain(100), fs:ask(noevents)')).toBe(
      '{error,notlistening}',
    )
    const { output } = await bench.host.run('erlang', 'handlers')
    expect(output).toBe(`Listener ${bench.erl.name}:\n${'-'.repeat(32)}\nCUSTOM:\n\n`)
  })

  it('takes an exit signal of the handler for its death', async () => {
    await session.eval(`
      process_flag(trap_exit, true), fs:ask(register_event_handler), fs:ask({event, 'GENERAL'}),
      {ok, Pid} = fs:ask(getpid), exit(Pid, over)`)
    expect(await session.eval('fs:ask(noevents)')).toBe('{error,notlistening}')
  })

  it('delivers to a registered name', async () => {
    await session.eval(`
      H = fs:handler(), register(evh, H), fs:ask({register_event_handler, evh}), fs:ask({event, 'GENERAL'})`)
    bench.host.emit({ name: 'GENERAL' })
    expect(await session.eval('{H, {event, [undefined | _]}} = fs:next(), fs:stop(H), yes')).toBe(
      'yes',
    )
    expect(await session.eval('fs:ask(noevents)')).toBe('ok')
  })

  it('filters, and tells what it made of each filter', async () => {
    await session.eval("fs:ask(register_event_handler), fs:ask({event, 'GENERAL'})")
    expect(
      await session.eval(
        "fs:ask({filter, 'X-Test one', \"no atom\", 'add X', 'ADD k -v w', one, 'delete Nope'})",
      ),
    ).toBe(
      `{filter_command_processing_log,[{"added","X-Test","one"},'-ERR invalid syntax','-ERR invalid syntax',` +
        `{"added","k","-v w"},'-ERR invalid syntax',{"deleted","Nope",[]}]}`,
    )
    bench.host.emit({ name: 'GENERAL', headers: { 'x-test': 'ONE', k: 'V W' } })
    bench.host.emit({ name: 'GENERAL', headers: { 'x-test': 'two' } })
    bench.host.emit({ name: 'GENERAL', headers: { 'x-test': 'ONE', k: 'w', n: 'this' } })
    expect(await session.eval('[lists:last(L) || {event, L} <- fs:drain()]')).toBe('[{"n","this"}]')
  })

  it('sends events of huge header lists whole', async () => {
    await session.eval(`
      fs:ask(register_event_handler), fs:ask({event, 'GENERAL'}),
      fs:send({sendevent, 'GENERAL', [{"k" ++ integer_to_list(N), "value"} || N <- lists:seq(1, 50000)]}),
      receive ok -> ok after 5000 -> timeout end`)
    expect(await session.eval('receive {event, L} -> length(L) after 5000 -> timeout end')).toBe(
      '50014',
    )
  })
})

describe('an event host that writes events as proplists', () => {
  it('puts no id in front, in events and in the data of calls', async () => {
    const bench = await HostBench.start({ eventShape: 'proplist' })
    try {
      const session = bench.session()
      await session.eval("fs:ask(register_event_handler), fs:ask({event, 'GENERAL'})")
      bench.host.emit({ name: 'GENERAL', uuid: 'one', headers: { k: 'v' } })
      expect(
        await session.eval(
          '{event, L} = fs:next(), M = maps:from_list(L), [maps:get(K, M) || K <- ["Unique-ID", "k"]]',
        ),
      ).toBe('["one","v"]')
      bench.host.call('two')
      expect(
        await session.eval(
          'fs:ask({handlecall, "two"}), {call, {event, [{Name, Value} | _]}} = fs:next(), {Name, Value}',
        ),
      ).toBe('{"Event-Name","CHANNEL_DATA"}')
    } finally {
      await bench.stop()
    }
  })
})

describe('an event host with several event handlers per node', () => {
  let bench: HostBench
  beforeAll(async () => {
    bench = await HostBench.start({ eventHandlers: 'many', encoding: 'binary' })
  })
  afterAll(() => bench.stop())

  it('gives each its own events, and takes commands of others for the last one', async () => {
    const session = bench.session()
    await session.eval(`
      A = fs:handler(), B = fs:handler(),
      fs:at(A, fun() -> [fs:ask(T) || T <- [register_event_handler, {event, 'GENERAL'}, {filter, 'n 1'}]] end),
      fs:at(B, fun() -> [fs:ask(T) || T <- [register_event_handler, {event, 'MESSAGE'}]] end),
      fs:ask({event, 'GENERAL'})`)
    for (const n of ['1', '2']) bench.host.emit({ name: 'GENERAL', headers: { n } })
    bench.host.emit({ name: 'MESSAGE', headers: { n: '3' } })
    await session.eval(
      'All = fs:drain(), Of = fun(P) -> [lists:last(L) || {Q, {event, L}} <- All, P =:= Q] end',
    )
    expect(await session.eval('{Of(A), Of(B)}')).toBe(
      '{[{<<"n">>,<<"1">>}],[{<<"n">>,<<"1">>},{<<"n">>,<<"2">>},{<<"n">>,<<"3">>}]}',
    )
    const { output } = await bench.host.run('erlang', 'handlers')
    expect(output.match(/^Listener .* <.*>:$/gm)).toHaveLength(2)
    expect(
      await session.eval('fs:stop(A), fs:drain(100), fs:at(B, fun() -> fs:ask(noevents) end)'),
    ).toBe('ok')
  })
})
