import type { Call, CallCommand, CallOptions, Release } from 'beamlink/freeswitch'
import { EventHost } from 'beamlink/freeswitch'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { callTools } from '../helpers/freeswitch/call-tools.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'
import { Arrivals, deferred } from '../helpers/waiting.js'

describe('calls of an event host', () => {
  let bench: HostBench
  let session: ErlSession
  let commands: Arrivals<CallCommand>
  let releases: Arrivals<Release>
  let calls: Call[]
  let count = 0

  /** A call that ends with the test, and expects commands and releases. */
  function call(options: CallOptions = {}, uuid = `call-${++count}`): Call {
    const made = bench.host.call(uuid, {
      headers: { 'Channel-Name': 'null/x', variable_shop: 'e', Both: ['a', 'b'] },
      state: 'CS_EXECUTE',
      sendmsg: commands.push,
      released: releases.push,
      ...options,
    })
    calls.push(made)
    return made
  }

  beforeAll(async () => {
    bench = await HostBench.start()
    await bench.erl.load(callTools)
  })
  afterAll(() => bench.stop())
  beforeEach(() => {
    session = bench.session()
    for (const each of calls ?? []) each.end()
    calls = []
    commands = new Arrivals()
    releases = new Arrivals()
  })

  it('refuses calls that make no sense', () => {
    const { host } = bench
    call({}, 'twice')
    expect(() => host.call('twice')).toThrow(/uuid must be one that no other call has, got "twice"/)
    expect(() => host.call('')).toThrow(RangeError)
    expect(() => host.call(5 as never)).toThrow(/uuid must be a string/)
    expect(() => host.call('x', { sendmsg: 1 } as never)).toThrow(/sendmsg must be a function/)
    expect(() => host.call('x', { whenHandlerDies: 'wiat' } as never)).toThrow(/whenHandlerDies/)
    expect(() => host.call('x', { whenNodeIsLost: {} } as never)).toThrow(/whenNodeIsLost/)
    expect(() => host.call('x', { header: {} } as never)).toThrow(/did you mean "headers"/)
    expect(() => host.call('x', { headers: { a: null } as never })).toThrow(TypeError)
    expect(host.callOf('x')).toBeUndefined()
    expect(() => new EventHost(bench.node, { handlecallOrder: 'loose' } as never)).toThrow(
      /handlecallOrder must be one of 'both', 'strict'/,
    )
    expect(() => new EventHost(bench.node, { attachTimeoutMs: -1 })).toThrow(/attachTimeoutMs/)
  })

  it.each([
    ['{handlecall, "no-such-uuid"}', '{error,badsession}'],
    ['{handlecall, h, "no-such-uuid"}', '{error,badsession}'],
    ['{handlecall, "no-such-uuid", h}', '{error,badsession}'],
    ['{handlecall, []}', '{error,baduuid}'],
    ['{handlecall, <<>>}', '{error,baduuid}'],
    ['{handlecall, 5}', '{error,baduuid}'],
    ['{handlecall}', '{error,badarg}'],
    ['{handlecall, foo}', '{error,badarg}'],
    ['{handlecall, "known", "known"}', '{error,badarg}'],
    ['{handlecall, foo, bar}', '{error,badarg}'],
    ['{handlecall, \'\', "known"}', '{error,badarg}'],
    ['{handlecall, a, "known", b}', '{error,badarg}'],
    ['{sendmsg, "known"}', '{error,badarg}'],
    ['{sendmsg, foo, []}', '{error,badarg}'],
    ['{sendmsg, 5, []}', '{error,badarg}'],
    ['{sendmsg, <<>>, []}', '{error,badarg}'],
    ['{sendmsg, [], []}', '{error,nosession}'],
    ['{sendmsg, "no-such-uuid", []}', '{error,nosession}'],
    ['{sendmsg, "no-such-uuid", [{a, b}]}', '{error,nosession}'],
    ['{sendmsg, lists:duplicate(256, $u), []}', '{error,nosession}'],
    ['{sendmsg, lists:duplicate(257, $u), []}', '{error,badarg}'],
    ['{sendmsg, "known", foo}', '{error,badarg}'],
    ['{sendmsg, "known", "ab"}', '{error,badarg}'],
    ['{sendmsg, "known", #{}}', '{error,badarg}'],
    ['{sendmsg, "known", [{"call-command", "execute"} | x]}', '{error,badarg}'],
    ['{sendmsg, "known", [{"call-command", <<"execute">>}]}', '{error,badarg}'],
    ['{sendmsg, "known", [{"a", "b", "c"}]}', '{error,badarg}'],
    ['{sendmsg, "known", [{"loops", 3}]}', '{error,badarg}'],
    ['{sendmsg, "known", [{[255, 254], "x"}]}', '{error,badarg}'],
    ['{sendmsg, "known", []}', 'ok'],
    ['{sendmsg, <<"known">>, [{"call-command", "nonsense"}]}', 'ok'],
    ["{session_event, 'ALL'}", '{error,notlistening}'],
    ["{session_nixevent, 'ALL'}", '{error,notlistening}'],
    ["{session_setevent, 'API'}", '{error,notlistening}'],
    ['session_noevents', '{error,notlistening}'],
    ['{session_event}', '{error,badarg}'],
    ['{session_nixevent}', '{error,badarg}'],
    ['{session_setevent}', '{error,badarg}'],
  ])('answers %s with %s', async (message, answer) => {
    call({}, 'known')
    expect(await session.eval(`fs:ask(${message})`)).toBe(answer)
    expect(await session.eval('fs:drain(0)')).toBe('[]')
  })

  it('gives a handler the data first, then the events, and the hangup once and last', async () => {
    const { uuid } = call()
    const made = bench.host.callOf(uuid)
    expect(await session.eval(`{fs:ask({handlecall, "${uuid}"}), calls:data(fs:next())}`)).toBe(
      `{ok,{"${uuid}",["Event-Name","CHANNEL_DATA","mod_erlang_event.c","notify_new_session","646"],[{"Channel-State","CS_EXECUTE"},{"Unique-ID","${uuid}"},{"Channel-Name","null/x"},{"variable_shop","e"},{"Both","ARRAY::a|:b"},{"Content-Type","command/reply"},{"Reply-Text","+OK\\n"}]}}`,
    )
    made?.emit({ name: 'CHANNEL_EXECUTE', headers: { Application: 'set' } })
    bench.host.emit({ name: 'GENERAL', headers: { 'unique-id': uuid } })
    bench.host.emit({ name: 'GENERAL', uuid: 'another' })
    made?.end()
    made?.end()
    made?.emit({ name: 'CHANNEL_DESTROY' })
    expect(await session.eval('[calls:brief(M) || M <- calls:take(3)]')).toBe(
      `["CHANNEL_EXECUTE","GENERAL",{call_hangup,"${uuid}"}]`,
    )
    expect(await session.eval(`fs:ask({handlecall, "${uuid}"})`)).toBe('{error,badsession}')
    expect(made?.isEnded).toBe(true)
  })

  it('links a handler that is a pid, and none that is a name', async () => {
    const { uuid } = call()
    const text = `H = fs:handler(), register(handler, H), L = fun() -> element(2, process_info(H, links)) end,
      ok = fs:ask({handlecall, handler, "${uuid}"}), {H, {call, _}} = fs:next(), None = L(),
      ok = fs:at(H, fun() -> fs:ask({handlecall, "${uuid}"}) end), {H, {call, _}} = fs:next(), {ok, Fs} = fs:ask(getpid),
      {None, L() =:= [Fs]}`
    expect(await session.eval(text)).toBe('{[],true}')
    expect(await session.eval('fs:stop(H)')).toBe('ok')
    expect(await releases.next()).toMatchObject({ reason: 'handlerEnded', next: 'continue' })
  })

  it('takes the name before or after the id, and only before when it is to be strict', async () => {
    const { uuid } = call()
    const text = `register(handler_b, self()), ok = fs:ask({handlecall, "${uuid}", handler_b}), {call, _} = fs:next(), yes`
    expect(await session.eval(text)).toBe('yes')
    expect(bench.host.callOf(uuid)?.handlers).toEqual([{ name: 'handler_b', node: bench.erl.name }])
    const strict = await HostBench.start({ handlecallOrder: 'strict' })
    try {
      strict.host.call('known')
      const ask = `{fs:ask({handlecall, "known", h}), fs:ask({handlecall, h, "known"})}`
      expect(await strict.session().eval(ask)).toBe('{{error,badarg},ok}')
    } finally {
      await strict.stop()
    }
  })

  it('gives the call to whoever of the node attaches next, and does not tell the one before', async () => {
    const { uuid } = call()
    await session.eval(`A = fs:handler(), B = fs:handler(), Attach = fun(P) ->
      ok = fs:at(P, fun() -> fs:ask({handlecall, "${uuid}"}) end), {P, {call, _}} = fs:next() end`)
    await session.eval('Attach(A), Attach(B), Attach(B)')
    bench.host.emit({ name: 'GENERAL', uuid })
    bench.host.callOf(uuid)?.end()
    expect(await session.eval('[{P =:= B, calls:brief(M)} || {P, M} <- calls:take(2)]')).toBe(
      `[{true,"GENERAL"},{true,{call_hangup,"${uuid}"}}]`,
    )
  })

  it('lets handlers at two nodes have the events and the hangup', async () => {
    const made = call()
    const other = await bench.another()
    try {
      await other.load(callTools)
      const there = other.session()
      for (const each of [session, there]) {
        await each.eval(`ok = fs:ask({handlecall, "${made.uuid}"}), {call, _} = fs:next()`)
      }
      made.emit({ name: 'CHANNEL_HANGUP_COMPLETE' })
      made.end()
      for (const each of [session, there]) {
        expect(await each.eval('[calls:brief(M) || M <- calls:take(2)]')).toBe(
          `["CHANNEL_HANGUP_COMPLETE",{call_hangup,"${made.uuid}"}]`,
        )
      }
      expect((await bench.host.run('erlang', `sessions ${other.name}`)).output).toBe(
        `No active sessions for ${other.name}\n`,
      )
    } finally {
      await other.stop()
    }
  })

  it('subscribes a handler to all of its first call, until it says otherwise', async () => {
    const { uuid } = call()
    const second = call()
    const fire = (name: string, more = {}) => bench.host.emit({ name, uuid, ...more })
    const got = (count: number) => session.eval(`[calls:brief(M) || M <- calls:take(${count})]`)
    await session.eval(`ok = fs:ask({handlecall, "${uuid}"}), {call, _} = fs:next()`)
    await session.eval(`ok = fs:ask({handlecall, "${second.uuid}"}), {call, _} = fs:next()`)
    const steps: [command: string, answer: string, events: string][] = [
      ['ok', 'ok', '["API","CUSTOM","GENERAL"]'],
      ['session_noevents', 'ok', '[]'],
      ['session_noevents', 'ok', '[]'],
      ["{session_event, 'api', \"x\", 'GENERAL'}", 'ok', '["API"]'],
      ["{session_event, 'CUSTOM', 'a::b'}", 'ok', '["API","CUSTOM"]'],
      ["{session_nixevent, 'API'}", 'ok', '["CUSTOM"]'],
      ["{session_setevent, 'GENERAL', 'ALL'}", '{error,badarg}', '["GENERAL"]'],
      ["{session_setevent, 'ALL'}", '{error,badarg}', '[]'],
      ["{session_event, 'ALL'}", 'ok', '["API","CUSTOM","GENERAL"]'],
    ]
    for (const [command, answer, events] of steps) {
      if (command !== 'ok') expect(await session.eval(`fs:ask(${command})`)).toBe(answer)
      fire('API')
      fire('CUSTOM', { subclass: 'a::b' })
      fire('GENERAL')
      expect(await got(JSON.parse(events).length)).toBe(events)
    }
    second.emit({ name: 'TALK' })
    expect(await got(1)).toBe('["TALK"]')
    const other = `H = fs:handler(), fs:at(H, fun() -> fs:ask(session_noevents) end)`
    expect(await session.eval(other)).toBe('{error,notlistening}')
  })

  it('tells the sessions of a node, with the states since the attaching', async () => {
    const first = call()
    const second = call()
    const sessions = (node: string) => session.eval(`fs:ask({api, erlang, "sessions ${node}"})`)
    const { name } = bench.erl
    expect(await sessions(name)).toBe(`{ok,"No active sessions for ${name}\\n"}`)
    expect(await sessions('nosuch@h')).toBe('{ok,"Could not find a listener for nosuch@h\\n"}')
    for (const { uuid } of [first, second]) {
      await session.eval(`ok = fs:ask({handlecall, "${uuid}"}), {call, _} = fs:next()`)
    }
    first.state = 'CS_HIBERNATE'
    expect(await sessions(name.toUpperCase())).toBe(
      `{ok,"Outbound session for ${first.uuid} in state CS_HIBERNATE\\nOutbound session for ${second.uuid} in state CS_NEW\\n"}`,
    )
    expect(await session.eval('fs:ask({api, erlang, "sessions"})')).toContain('USAGE')
    expect(await session.eval('fs:ask({api, erlang, "listeners"})')).toContain(
      'outbound sessions: 2 ',
    )
  })

  it('hands commands over by their kinds', async () => {
    const { uuid } = call()
    const send = (headers: string) => session.eval(`fs:ask({sendmsg, "${uuid}", [${headers}]})`)
    const pair = (name: string, value: string) => `{"${name}", "${value}"}`
    expect(
      await send(
        `${pair('call-command', 'execute')}, ${pair('Execute-App-Name', 'playback')}, ${pair('execute-app-arg', 'a b')},
         ${pair('loops', '3')}, ${pair('event-uuid', 'my-id')}, ${pair('hold-bleg', 'true')}, ${pair('lead-frames', '5')}, {"gone", []}`,
      ),
    ).toBe('ok')
    const execute = await commands.next()
    expect(execute).toMatchObject({
      kind: 'execute',
      application: 'playback',
      argument: 'a b',
      loops: 3,
      eventUuid: 'my-id',
      holdsBleg: true,
      locksEvents: false,
      leadFrames: 5,
    })
    expect(execute.headers).not.toContainEqual(['gone', ''])
    expect(execute.from.node.name).toBe(bench.erl.name)
    const hangups = [
      ['user_busy', 'USER_BUSY'],
      ['21', 'CALL_REJECTED'],
      ['nonsense', 'NORMAL_CLEARING'],
      ['99999', 'NORMAL_CLEARING'],
    ] as const
    for (const [sent, cause] of hangups) {
      await send(`${pair('call-command', 'hangup')}, ${pair('hangup-cause', sent)}`)
      expect(await commands.next()).toMatchObject({ kind: 'hangup', cause })
    }
    await send(pair('call-command', 'hangup'))
    expect(await commands.next()).toMatchObject({ cause: 'NORMAL_CLEARING' })
    await send(`${pair('call-command', 'nomedia')}, ${pair('nomedia-uuid', 'u')}`)
    expect(await commands.next()).toMatchObject({ kind: 'nomedia', uuid: 'u' })
    await send(`${pair('call-command', 'unicast')}, ${pair('local-port', '99')}`)
    expect(await commands.next()).toMatchObject({ localPort: 99, remotePort: 8026 })
    await send(
      `${pair('call-command', 'xferext')}, ${pair('application', 'bridge user/1 x')}, ${pair('application', 'park')}`,
    )
    expect(await commands.next()).toMatchObject({
      applications: [
        { name: 'bridge', argument: 'user/1 x' },
        { name: 'park', argument: '' },
      ],
    })
    await send(pair('call-command', 'dance'))
    expect(await commands.next()).toMatchObject({ kind: 'unknown', command: 'dance' })
    await send(pair('call-command', 'execute'))
    expect(await commands.next()).toMatchObject({ kind: 'unknown', command: 'execute' })
  })

  it('runs the commands of a call one at a time, and tells of each when it has run', async () => {
    const first = deferred<void>()
    const ran: string[] = []
    const { uuid } = call({
      sendmsg: async (command) => {
        const { application } = command as { application: string }
        if (application === 'slow') await first.promise
        ran.push(application)
        if (application === 'bad') throw new Error('on purpose')
      },
    })
    await session.eval(`ok = fs:ask({handlecall, "${uuid}"}), {call, _} = fs:next(),
      Run = fun(App) -> fs:ask({sendmsg, "${uuid}", [{"call-command", "execute"}, {"execute-app-name", App}]}) end,
      [ok, ok, ok] = [Run(App) || App <- ["slow", "bad", "quick"]]`)
    expect(await session.eval('fs:drain(100)')).toBe('[]')
    expect(ran).toEqual([])
    first.resolve()
    expect(
      await session.eval(
        '[{proplists:lookup_all("Event-Name", P), proplists:get_value("execute-app-name", P)} || {call_event, {event, [_ | P]}} <- calls:take(3)]',
      ),
    ).toBe(
      `[${['slow', 'bad', 'quick'].map((name) => `{[{"Event-Name","SEND_MESSAGE"},{"Event-Name","PRIVATE_COMMAND"}],"${name}"}`).join()}]`,
    )
    expect(ran).toEqual(['slow', 'bad', 'quick'])
  })

  it('refuses commands when too many wait, and goes on when there is room', async () => {
    const first = deferred<void>()
    const { uuid } = call({ sendmsg: () => first.promise })
    const text = `Run = fun() -> fs:ask({sendmsg, "${uuid}", []}) end, [Run() || _ <- lists:seq(1, 257)], Run()`
    expect(await session.eval(text)).toBe('{error,badmem}')
    first.resolve()
    expect(
      await session.eval(
        '(fun Again(0) -> Run(); Again(N) -> case Run() of ok -> ok; _ -> Again(N - 1) end end)(1000)',
      ),
    ).toBe('ok')
  })
})
