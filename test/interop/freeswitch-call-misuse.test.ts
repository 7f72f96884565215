import type { Call } from 'beamlink/freeswitch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErlNode } from '../helpers/erl-node.js'
import { callTools } from '../helpers/freeswitch/call-tools.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'

/** Sends the messages about calls and XML with elements that make no sense, and such of all sizes. */
const misuser = `
  -module(misuser).
  -export([run/2]).
  run(Uuid, Count) ->
    rand:seed(exsss, {1, 2, 3}),
    [fs:send(message(Uuid)) || _ <- lists:seq(1, Count)],
    length(fs:drain(500)).
  message(Uuid) ->
    list_to_tuple([pick([handlecall, sendmsg, session_event, session_nixevent, session_setevent, bind,
      fetch_reply, rex, make_ref(), session_noevents]) | [any(Uuid) || _ <- lists:seq(1, rand:uniform(5) - 1)]]).
  any(Uuid) ->
    pick([[], <<>>, "", foo, '', 5, -1, 1 bsl 70, 1.5, self(), make_ref(), fun() -> ok end, {}, {a}, #{}, #{a => b},
      [a | b], [{"a", "b"} | c], [{"a", "b"}], [{a, "b"}], [{"a", <<"b">>}], [{}], [[]], [256, 1], [1, 2 | <<>>],
      lists:duplicate(70000, $x), binary:copy(<<"x">>, 70000), <<255, 254>>, [255, 254], <<1:3>>, {make_ref(), self()},
      {make_ref(), foo}, Uuid, list_to_binary(Uuid), 'ALL', 'CUSTOM', true, [{"call-command", "execute"}], [0],
      [{lists:duplicate(2000, $k), "v"}], lists:duplicate(5000, {"k", "v"}), directory]).
  pick(List) -> lists:nth(rand:uniform(length(List)), List).`

describe('misuse of calls', () => {
  let bench: HostBench
  let other: ErlNode
  let call: Call

  beforeAll(async () => {
    bench = await HostBench.start()
    other = await bench.another()
    for (const erl of [bench.erl, other]) await erl.load(callTools)
    await other.load(misuser)
    call = bench.host.call('target')
  })
  afterAll(async () => {
    await other.stop()
    await bench.stop()
  })

  it('by one peer touches neither the host nor the session of another', async () => {
    const session = bench.session()
    await session.eval(`H = fs:handler(), ok = fs:at(H, fun() -> fs:ask({handlecall, "target"}) end),
      {H, {call, _}} = fs:next(), ok = fs:at(H, fun() -> fs:ask({session_setevent, 'GENERAL'}) end)`)
    const answered = await other.session().eval('misuser:run("target", 1500)', 60_000)
    expect(Number(answered)).toBeGreaterThan(500)
    call.emit({ name: 'GENERAL' })
    call.emit({ name: 'API' })
    call.end()
    expect(await session.eval('[calls:brief(M) || {_, M} <- calls:take(2)]')).toBe(
      '["GENERAL",{call_hangup,"target"}]',
    )
    expect(await other.session().eval('element(1, fs:ask(getpid))')).toBe('ok')
    expect(bench.node.stats().drops.unsupported).toBe(0)
  }, 90_000)

  it('by going away in the middle of it all leaves nothing behind', async () => {
    const leaver = await bench.another()
    const outcomes = []
    try {
      await leaver.load(misuser)
      const session = leaver.session()
      await session.eval('register(asked, self())')
      for (let i = 0; i < 20; i++) {
        const each = bench.host.call(`leaving-${i}`)
        if (i % 2 === 0) await session.eval(`fs:ask({handlecall, "leaving-${i}"})`)
        else outcomes.push(each.attach(`asked:! ${leaver.name}`))
      }
      await session.eval('fs:send({bind, directory}), fs:drain(100)')
      outcomes.push(bench.host.fetchOutcome('directory'))
      for (let i = 0; i < 20; i++) bench.host.callOf(`leaving-${i}`)?.emit({ name: 'GENERAL' })
    } finally {
      leaver.signal('SIGKILL')
    }
    for (const outcome of await Promise.all(outcomes)) {
      expect(['noconnection', 'nothing']).toContain(outcome.kind)
    }
    for (let i = 0; i < 20; i++) expect(bench.host.callOf(`leaving-${i}`)?.handlers).toEqual([])
    expect((await bench.host.run('erlang', 'bindings')).output).not.toContain(leaver.name)
    await leaver.stop()
  })
})
