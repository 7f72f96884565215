import type { AttachOutcome, Call, CallOptions, Release } from 'beamlink/freeswitch'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { callTools } from '../helpers/freeswitch/call-tools.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

/** What the dialplan calls to have a handler: it starts one that hands over what it gets. */
const asked = `
  -module(asked).
  -export([newcall/1, dead/1, bad/1, to/1]).
  newcall(Ref) -> {Ref, to(whereis(collector))}.
  dead(Ref) -> {Pid, Monitor} = spawn_monitor(fun() -> ok end), receive {'DOWN', Monitor, _, _, _} -> {Ref, Pid} end.
  bad(_) -> exit(no).
  to(To) -> spawn(fun() -> To ! {worker, self()}, loop(To) end).
  loop(To) -> receive {stop, Reason} -> exit(Reason); Any -> To ! {self(), Any}, loop(To) end.`

describe('the application erlang of an event host', () => {
  let bench: HostBench
  let session: ErlSession
  let releases: Arrivals<Release>
  let made: Call[] = []
  let count = 0
  /** The session is what `mod:fun` and `name:!` report to. */
  let collector: string

  function call(options: CallOptions = {}): Call {
    count += 1
    const each = bench.host.call(`out-${count}`, { released: releases.push, ...options })
    made.push(each)
    return each
  }
  const attach = (each: Call, target: string, node = bench.erl.name): Promise<AttachOutcome> =>
    withDeadline(each.attach(`${target} ${node}`), `attach to ${target}`)

  beforeAll(async () => {
    bench = await HostBench.start({ attachTimeoutMs: 1500 })
    await bench.erl.load(callTools)
    await bench.erl.load(asked)
  })
  afterAll(() => bench.stop())
  beforeEach(async () => {
    session = bench.session()
    releases = new Arrivals()
    count += 1
    collector = `handler_${count}`
    await session.eval(
      `catch unregister(collector), register(collector, spawn(fun F() -> receive X -> ${collector} ! X, F() end end)), register(${collector}, self())`,
    )
  })
  afterEach(() => {
    for (const each of made) each.end()
    made = []
  })

  it('lets the dialplan go on for a target that is none', async () => {
    const each = call()
    expect(() => each.attach(5 as never)).toThrow(/target must be a string/)
    expect(() => each.attach('')).toThrow(RangeError)
    expect(await each.attach('handler')).toEqual({ kind: 'badTarget' })
    expect(await each.attach(':! node@h')).toEqual({ kind: 'badTarget' })
    expect(await attach(each, 'handler', 'nosuch@127.0.0.1')).toMatchObject({
      kind: 'noconnection',
      error: { code: 'ERR_ERL_NODE_NOT_FOUND' },
    })
    expect(await attach(each, 'handler', 'no node name at all')).toMatchObject({
      kind: 'noconnection',
    })
    each.end()
    expect(await attach(each, collector)).toEqual({ kind: 'ended' })
  })

  it('gives a call to a registered name, whatever words follow', async () => {
    const each = call()
    expect(await each.attach(`'${collector}'  ${bench.erl.name} and more`)).toEqual({
      kind: 'attached',
      handler: { name: collector, node: bench.erl.name },
    })
    expect(await attach(each, collector)).toEqual({ kind: 'alreadyAttached' })
    each.emit({ name: 'CHANNEL_PARK' })
    each.end()
    expect(await session.eval('[calls:brief(M) || M <- calls:take(3)]')).toBe(
      `[{call,"CHANNEL_DATA"},"CHANNEL_PARK",{call_hangup,"${each.uuid}"}]`,
    )
  })

  it('does not notice that nobody has the name, or that it dies', async () => {
    const each = call()
    expect(await attach(each, 'a:b:c')).toMatchObject({ kind: 'attached' })
    const other = call()
    await session.eval('H = fs:handler(), register(dies, H)')
    await attach(other, 'dies')
    await session.eval('{H, {call, _}} = fs:next(), fs:stop(H)')
    expect(other.handlers).toHaveLength(1)
    expect(releases.waiting).toBe(0)
  })

  it('asks name:! for a pid, and keeps the events meanwhile', async () => {
    const each = call()
    const outcome = attach(each, `${collector}:!`)
    await session.eval(`{get_pid, "${each.uuid}", Ref, Fs} = fs:next()`)
    each.emit({ name: 'CHANNEL_EXECUTE' })
    await session.eval(
      `W = fs:handler(), fs:send({Ref, notapid}), fs:send({Ref}), fs:send({make_ref(), W}), {error, notfound} = fs:next()`,
    )
    expect(await session.eval('fs:send({Ref, W, extra}), ok')).toBe('ok')
    expect(await outcome).toMatchObject({ kind: 'attached' })
    each.emit({ name: 'CHANNEL_PARK' })
    expect(await session.eval('[{W =:= P, calls:brief(M)} || {P, M} <- calls:take(3)]')).toBe(
      '[{true,{call,"CHANNEL_DATA"}},{true,"CHANNEL_EXECUTE"},{true,"CHANNEL_PARK"}]',
    )
    expect(
      await session.eval('{links, L} = process_info(W, links), {L =:= [Fs], fs:ask({Ref, W})}'),
    ).toBe('{true,{error,notfound}}')
  })

  it('takes the pid when it is sent to the pid that asked', async () => {
    const each = call()
    const outcome = attach(each, `${collector}:!`)
    await session.eval('{get_pid, _, Ref, Fs} = fs:next(), W = fs:handler(), Fs ! {Ref, W}, ok')
    expect(await outcome).toMatchObject({ kind: 'attached' })
  })

  it('calls mod:fun for a pid', async () => {
    const each = call()
    expect(await attach(each, 'asked:newcall')).toMatchObject({ kind: 'attached' })
    each.end()
    expect(
      await session.eval(
        '{worker, W} = fs:next(), [{W =:= P, calls:brief(M)} || {P, M} <- calls:take(2)]',
      ),
    ).toBe(`[{true,{call,"CHANNEL_DATA"}},{true,{call_hangup,"${each.uuid}"}}]`)
    expect(
      await session.eval('fs:send({rex, foo}), fs:send({rex}), fs:ask({rex, {make_ref(), W}})'),
    ).toBe('{error,notfound}')
  })

  it.each([
    ['nobody has the name', 'nobody:!'],
    ['there is no such function', 'asked:nosuch'],
    ['the function fails', 'asked:bad'],
  ])('gives up in time when %s', async (_, target) => {
    const each = call()
    expect(await attach(each, target)).toEqual({
      kind: 'timeout',
      hangupCause: 'DESTINATION_OUT_OF_ORDER',
    })
    expect(each.handlers).toEqual([])
  })

  it('finds nobody who waits for an answer that comes late', async () => {
    const each = call()
    expect(await attach(each, `${collector}:!`)).toMatchObject({ kind: 'timeout' })
    expect(await session.eval('{get_pid, _, Ref, _} = fs:next(), fs:ask({Ref, self()})')).toBe(
      '{error,notfound}',
    )
    expect(await session.eval('fs:drain(50)')).toBe('[]')
  })

  it('tells at once of a pid that is dead already', async () => {
    const each = call()
    expect(await attach(each, 'asked:dead')).toMatchObject({ kind: 'attached' })
    expect(await releases.next()).toMatchObject({ reason: 'handlerEnded', next: 'continue' })
  })

  it('gives up waiting when the call ends, or another process takes it', async () => {
    const each = call()
    const outcome = attach(each, `${collector}:!`)
    await session.eval('{get_pid, _, Ref, _} = fs:next()')
    each.end()
    expect(await outcome).toEqual({ kind: 'ended' })
    expect(await session.eval('fs:ask({Ref, self()})')).toBe('{error,notfound}')
    const taken = call()
    const second = attach(taken, `${collector}:!`)
    await session.eval('{get_pid, _, Ref2, _} = fs:next()')
    taken.emit({ name: 'CHANNEL_EXECUTE' })
    await session.eval(`ok = fs:ask({handlecall, "${taken.uuid}"})`)
    expect(await second).toMatchObject({ kind: 'attached' })
    expect(await session.eval('[calls:brief(M) || M <- calls:take(2)]')).toBe(
      '[{call,"CHANNEL_DATA"},"CHANNEL_EXECUTE"]',
    )
    expect(await session.eval('fs:ask({Ref2, self()})')).toBe('{error,notfound}')
    expect(await attach(taken, collector)).toEqual({ kind: 'alreadyAttached' })
  })

  it('dials a node that is not connected, and follows a pid to the node where it lives', async () => {
    const other = await bench.another()
    try {
      await other.load(callTools)
      await other.load(asked)
      const there = other.session()
      await there.eval('register(there, self())')
      const each = call()
      expect(bench.node.peers).not.toContain(other.name)
      expect(await attach(each, 'there', other.name)).toMatchObject({ kind: 'attached' })
      expect(await there.eval('calls:brief(fs:next())')).toBe('{call,"CHANNEL_DATA"}')
      await bench.node.disconnect(other.name)
      expect(await releases.next()).toMatchObject({ reason: 'nodeLost', next: 'continue' })
      const spread = call()
      const outcome = attach(spread, `${collector}:!`)
      await session.eval(
        `{get_pid, _, Ref, _} = fs:next(), fs:send({Ref, rpc:call('${other.name}', erlang, whereis, [there])})`,
      )
      expect(await outcome).toMatchObject({ handler: { node: { name: other.name } } })
      expect(await there.eval('calls:brief(fs:next())')).toBe('{call,"CHANNEL_DATA"}')
      expect((await bench.host.run('erlang', `sessions ${other.name}`)).output).toContain(
        spread.uuid,
      )
    } finally {
      await other.stop()
    }
  })

  it('ends the wait when the node that was asked is lost', async () => {
    const other = await bench.another()
    try {
      await other.session().eval('register(there, spawn(fun() -> receive _ -> halt(0) end end))')
      expect(await attach(call(), 'there:!', other.name)).toMatchObject({
        kind: 'noconnection',
        error: { code: 'ERR_ERL_NOCONNECTION' },
      })
    } finally {
      await other.stop()
    }
  })

  it('writes texts as binaries when it is told to', async () => {
    const binary = await HostBench.start({ encoding: 'binary' })
    try {
      const own = binary.session()
      await own.eval('register(asks, self())')
      const each = binary.host.call('bin', { headers: { variable_a: 'b' } })
      const outcome = each.attach(`asks:! ${binary.erl.name}`)
      await own.eval('{get_pid, <<"bin">>, Ref, _} = fs:next(), fs:send({Ref, self()})')
      expect(await outcome).toMatchObject({ kind: 'attached' })
      each.end()
      expect(
        await own.eval(
          '{call, {event, [Id, Name | Pairs]}} = fs:next(), {Id, Name, lists:nthtail(length(Pairs) - 3, Pairs), fs:next()}',
        ),
      ).toBe(
        '{<<"bin">>,{<<"Event-Name">>,<<"CHANNEL_DATA">>},[{<<"variable_a">>,<<"b">>},{<<"Content-Type">>,<<"command/reply">>},{<<"Reply-Text">>,<<"+OK\\n">>}],{call_hangup,<<"bin">>}}',
      )
    } finally {
      await binary.stop()
    }
  })

  it('ends what is under way when the host is closed, and makes no more calls', async () => {
    const closing = await HostBench.start()
    try {
      await closing.session().eval('register(asks, self())')
      const outcome = closing.host.call('c').attach(`asks:! ${closing.erl.name}`)
      closing.host.close()
      expect(await outcome).toEqual({ kind: 'ended' })
      expect(() => closing.host.call('d')).toThrow(
        expect.objectContaining({ code: 'ERR_ERL_CLOSED' }),
      )
      closing.host.close()
    } finally {
      await closing.stop()
    }
  })

  it('sends messages to names, dialling their node', async () => {
    const other = await bench.another()
    try {
      await other
        .session()
        .eval('register(there, spawn(fun F() -> receive X -> observer ! X, F() end end))')
      await bench.host.sendMessage('there', other.name, 'hello there world')
      expect(await other.observed.next()).toBe('{freeswitch_sendmsg,"hello there world"}')
      await expect(bench.host.sendMessage('there', 'nosuch@127.0.0.1', 'x')).rejects.toMatchObject({
        code: 'ERR_ERL_NODE_NOT_FOUND',
      })
      await expect(bench.host.sendMessage('', other.name, 'x')).rejects.toThrow(/name/)
      await expect(bench.host.sendMessage('there', other.name, 5 as never)).rejects.toThrow(/text/)
    } finally {
      await other.stop()
    }
  })
})
