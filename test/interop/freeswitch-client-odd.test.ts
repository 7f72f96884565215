import { once } from 'node:events'
import { Atom, ErlangNode } from 'beamlink'
import { FreeSwitch } from 'beamlink/freeswitch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { nameSenders } from '../helpers/freeswitch/recorded-switch.js'
import { uniqueName } from '../helpers/names.js'
import { withDeadline } from '../helpers/waiting.js'

/** A switch that answers as no good one does. */
const oddSwitch = `
  -module(odd_switch).
  -export([start/0, loop/0]).

  start() -> register(odd, spawn(odd_switch, loop, [])), ok.

  loop() ->
    receive {Pid, Message} -> answer(Message, Pid) end,
    loop().

  answer({bgapi, early, _}, Pid) -> Pid ! {bgok, "id", "done before"}, Pid ! {ok, "id"};
  answer({bgapi, strange, _}, Pid) -> Pid ! {ok, "id"}, Pid ! {bgmaybe, "id", "x"};
  answer({bgapi, mute, _}, Pid) -> Pid ! {bgok, "id", "done, but not accepted"};
  answer({api, strange, _}, Pid) -> Pid ! {perhaps, "yes"};
  answer({api, denied, _}, Pid) -> Pid ! {error, acldeny};
  answer({api, list, _}, Pid) -> Pid ! {error, [{a, b}]};
  answer({api, latin1, _}, Pid) -> Pid ! {ok, [16#63, 16#e9]};
  answer({api, twice, _}, Pid) -> Pid ! {ok, "one"}, Pid ! {ok, "two"};
  answer({api, late, _}, Pid) -> timer:send_after(100, Pid, {ok, "late"});
  answer({api, Command, _}, Pid) -> Pid ! {ok, atom_to_list(Command)};
  answer({handlecall, "odd order"}, Pid) ->
    Pid ! {call, {event, ["odd order", {"Event-Name", "CHANNEL_DATA"}, {"Unique-ID", "odd order"}]}},
    Pid ! {call_event, {event, ["odd order", {"Event-Name", "CHANNEL_PARK"}]}},
    Pid ! {call_hangup, "odd order"},
    Pid ! ok;
  answer({sendevent, _, _}, _) -> exit(crashed);
  answer(register_event_handler, Pid) -> link(Pid), Pid ! {event, no_event}, Pid ! ok;
  answer({event, _}, Pid) -> Pid ! ok;
  answer({bind, _}, Pid) -> Pid ! {error, badmem};
  answer({session_setevent, _}, Pid) -> Pid ! {error};
  answer(_, _) -> nothing.`

describe('a client of a switch that answers oddly', () => {
  let erl: ErlNode
  let node: ErlangNode
  let fs: FreeSwitch

  beforeAll(async () => {
    erl = await ErlNode.start()
    const epmd = { host: '127.0.0.1', port: erl.epmdPort }
    const own = await ErlangNode.start({ name: uniqueName('client'), cookie: testCookie, epmd })
    node = nameSenders(own)
    fs = new FreeSwitch(node, erl.name, {
      name: 'odd',
      timeoutMs: 500,
      retry: { minMs: 10, maxMs: 50 },
    })
    await erl.load(oddSwitch)
    await erl.eval('odd_switch:start()')
  })
  afterAll(async () => {
    await fs.close()
    await node.stop()
    await erl.stop()
  })

  it('rejects with ERR_ERL_PROTOCOL what is no answer', async () => {
    const code = 'ERR_ERL_PROTOCOL'
    await expect(fs.api('strange')).rejects.toMatchObject({ code })
    await expect(fs.api('list')).rejects.toMatchObject({ code })
    await expect((await fs.bgapi('strange')).result).rejects.toMatchObject({ code })
  })

  it('tells that an access list has turned it away', async () => {
    await expect(fs.api('denied')).rejects.toMatchObject({
      code: 'ERR_ERL_REFUSED',
      reason: new Atom('acldeny'),
    })
  })

  it('gives the result of a job that overtakes its acceptance', async () => {
    const job = await fs.bgapi('early')
    expect([job.id, await job.result]).toEqual(['id', 'done before'])
    await expect(fs.bgapi('mute', '', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
  })

  it('takes no answer for that to another request', async () => {
    await expect(fs.api('late', '', { timeoutMs: 10 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
    expect(await fs.api('twice')).toBe('one')
    expect(await fs.api('next')).toBe('next')
    expect(await fs.api('latin1')).toBe('cé')
  })

  it('takes a call that comes, and goes, before it is told that it may have it', async () => {
    const call = await fs.handleCall('odd order')
    const names: (string | undefined)[] = []
    for await (const event of call) names.push(event.name)
    expect(names).toEqual(['CHANNEL_PARK'])
    expect(call.isOpen).toBe(false)
  })

  it('is told why a section cannot be bound', async () => {
    await expect(fs.fetchHandler('directory', () => undefined)).rejects.toMatchObject({
      reason: new Atom('badmem'),
    })
  })

  it('registers again when the process of the switch ends, though the connection stays', async () => {
    const events = fs.events({ names: ['GENERAL'] })
    await events.ready
    const restored = once(fs, 'restored')
    await expect(fs.sendEvent({ name: 'GENERAL' }, { timeoutMs: 50 })).rejects.toThrow()
    await erl.eval('odd_switch:start()')
    await withDeadline(restored, 'the client to be restored', 15_000)
    expect(fs.isUp).toBe(true)
    events.close()
  })
})
