import type { Call, CallOptions, Release } from 'beamlink/freeswitch'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { callTools } from '../helpers/freeswitch/call-tools.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'
import { Arrivals } from '../helpers/waiting.js'

describe('the end of a call handler', () => {
  let bench: HostBench
  let session: ErlSession
  let releases: Arrivals<Release>
  let made: Call[] = []
  let count = 0

  function call(options: CallOptions = {}): Call {
    count += 1
    const each = bench.host.call(`end-${count}`, { released: releases.push, ...options })
    made.push(each)
    return each
  }
  /** `H` of the session handles the call. */
  const handled = (each: Call, handler = 'H') =>
    session.eval(
      `ok = fs:at(${handler}, fun() -> fs:ask({handlecall, "${each.uuid}"}) end), {${handler}, {call, _}} = fs:next()`,
    )
  const got = (count: number) => session.eval(`[calls:brief(M) || {_, M} <- calls:take(${count})]`)

  beforeAll(async () => {
    bench = await HostBench.start()
    await bench.erl.load(callTools)
  })
  afterAll(() => bench.stop())
  beforeEach(async () => {
    session = bench.session()
    releases = new Arrivals()
    await session.eval('H = fs:handler()')
  })
  afterEach(() => {
    for (const each of made) each.end()
    made = []
  })

  it('releases every call of it, and lets their dialplans go on', async () => {
    const calls = [call(), call()]
    for (const each of calls) await handled(each)
    await session.eval('fs:stop(H)')
    for (const each of calls) {
      expect(await releases.next()).toMatchObject({
        reason: 'handlerEnded',
        next: 'continue',
        handler: { node: { name: bench.erl.name } },
      })
      expect(each.handlers).toEqual([])
      expect(each.isEnded).toBe(false)
    }
    const { output } = await bench.host.run('erlang', `sessions ${bench.erl.name}`)
    expect(output).toBe(`No active sessions for ${bench.erl.name}\n`)
  })

  it.each(['enough', 'kill'])(
    'is also the exit signal %s of a handler that lives, which gets the hangup',
    async (reason) => {
      const each = call()
      await handled(each)
      await session.eval(`{ok, Fs} = fs:ask(getpid), fs:at(H, fun() -> exit(Fs, ${reason}) end)`)
      expect(await got(1)).toBe(`[{call_hangup,"${each.uuid}"}]`)
      expect(await releases.next()).toMatchObject({ next: 'continue' })
      expect(await session.eval('element(1, fs:ask(getpid))')).toBe('ok')
    },
  )

  it('is not noticed once it has unlinked', async () => {
    const each = call()
    await handled(each)
    await session.eval('{ok, Fs} = fs:ask(getpid), fs:at(H, fun() -> unlink(Fs) end), fs:stop(H)')
    expect(await session.eval('fs:ask(getpid) =:= {ok, Fs}')).toBe('true')
    expect(each.handlers).toHaveLength(1)
    expect(releases.waiting).toBe(0)
  })

  it('comes with the loss of its node, and nothing is sent there', async () => {
    const other = await bench.another()
    try {
      const each = call()
      await other.session().eval(`ok = fs:ask({handlecall, "${each.uuid}"})`)
      await bench.node.disconnect(other.name)
      expect(await releases.next()).toMatchObject({ reason: 'nodeLost', next: 'continue' })
      expect(bench.node.peers).not.toContain(other.name)
      expect(releases.waiting).toBe(0)
    } finally {
      await other.stop()
    }
  })

  it('lets nothing that the program does about it reach the lost node again', async () => {
    const other = await bench.another()
    try {
      const calls: Call[] = []
      const emitAll = () => {
        for (const each of calls) each.emit({ name: 'CHANNEL_EXECUTE' })
        releases.push({} as Release)
      }
      for (let i = 0; i < 3; i++) calls.push(call({ released: emitAll, whenHandlerDies: 'wait' }))
      const there = other.session()
      for (const { uuid } of calls) {
        await there.eval(`ok = fs:ask({handlecall, "${uuid}"}), {call, _} = fs:next()`)
      }
      await bench.node.disconnect(other.name)
      for (let i = 0; i < 3; i++) await releases.next()
      // Whatever would be sent now would dial.
      expect(await session.eval('element(1, fs:ask(getpid))')).toBe('ok')
      expect(bench.node.peers).not.toContain(other.name)
      expect(bench.node.stats().peers).not.toHaveProperty([other.name])
      await session.eval(`fs:send({handlecall, "${calls[0]?.uuid}"})`)
      expect(await session.eval('[calls:brief(M) || M <- calls:take(5), M =/= ok]')).toBe(
        '[{call,"CHANNEL_DATA"},"CHANNEL_EXECUTE","CHANNEL_EXECUTE","CHANNEL_EXECUTE"]',
      )
    } finally {
      await other.stop()
    }
  })

  it('leaves the call to those who handle it too', async () => {
    const other = await bench.another()
    try {
      const each = call()
      await handled(each)
      await other.session().eval(`ok = fs:ask({handlecall, "${each.uuid}"})`)
      await session.eval('fs:stop(H)')
      expect(await releases.next()).toMatchObject({ reason: 'handlerEnded', next: 'handled' })
      await bench.node.disconnect(other.name)
      expect(await releases.next()).toMatchObject({ reason: 'nodeLost', next: 'continue' })
    } finally {
      await other.stop()
    }
  })

  it('asks the program to hang up when it is to', async () => {
    const each = call({ whenHandlerDies: 'hangup', whenNodeIsLost: 'wait' })
    await handled(each)
    await session.eval('fs:stop(H)')
    expect(await releases.next()).toMatchObject({ next: 'hangup' })
    const other = await bench.another()
    try {
      const there = other.session()
      for (const last of [call({ whenHandlerDies: 'hangup' }), each]) {
        await there.eval(`ok = fs:ask({handlecall, "${last.uuid}"}), {call, _} = fs:next()`)
      }
      await bench.node.disconnect(other.name)
      expect([await releases.next(), await releases.next()]).toMatchObject([
        { reason: 'nodeLost', next: 'hangup' },
        { reason: 'nodeLost', next: 'wait' },
      ])
    } finally {
      await other.stop()
    }
  })

  it('ends the call when it is to hang up, and the program does not want to hear of it', async () => {
    const { uuid } = bench.host.call('unheard', { whenHandlerDies: 'hangup' })
    await session.eval(`ok = fs:at(H, fun() -> fs:ask({handlecall, "${uuid}"}) end)`)
    await session.eval('fs:stop(H), fs:send(getpid), [{ok, _}] = [M || {ok, _} = M <- fs:drain()]')
    expect(bench.host.callOf(uuid)).toBeUndefined()
  })

  it.each(['nonode', 'name: node@host', ' '])(
    'refuses another handler that is none: %j',
    (attach) => {
      expect(() => call({ whenHandlerDies: { attach } })).toThrow(/whenHandlerDies\.attach/)
    },
  )

  it('keeps the call and its events for the next handler when it is to wait', async () => {
    const each = call({ whenHandlerDies: 'wait' })
    await handled(each)
    await session.eval('fs:stop(H), H2 = fs:handler()')
    expect(await releases.next()).toMatchObject({ next: 'wait' })
    each.emit({ name: 'CHANNEL_EXECUTE' })
    await handled(each, 'H2')
    each.end()
    expect(await got(2)).toBe(`["CHANNEL_EXECUTE",{call_hangup,"${each.uuid}"}]`)
  })

  it('hands the call to another handler, once', async () => {
    await session.eval('S = fs:handler(), register(spare, S)')
    const each = call({ whenHandlerDies: { attach: `spare ${bench.erl.name}` } })
    await handled(each)
    await session.eval('fs:stop(H)')
    expect(await releases.next()).toMatchObject({ next: 'attach' })
    each.emit({ name: 'CHANNEL_EXECUTE' })
    expect(await session.eval('[{P =:= S, calls:brief(M)} || {P, M} <- calls:take(2)]')).toBe(
      '[{true,{call,"CHANNEL_DATA"}},{true,"CHANNEL_EXECUTE"}]',
    )
    await session.eval('unregister(spare), H3 = fs:handler()')
    await handled(each, 'H3')
    await session.eval('fs:stop(H3)')
    expect(await releases.next()).toMatchObject({ next: 'continue' })
  })

  it('lets the dialplan go on when the other handler cannot be reached', async () => {
    const each = call({ whenHandlerDies: { attach: 'spare nosuch@127.0.0.1' } })
    await handled(each)
    await session.eval('fs:stop(H)')
    expect(await releases.next()).toMatchObject({ next: 'attach' })
    expect(await releases.next()).toMatchObject({ reason: 'attachFailed', next: 'continue' })
  })

  it('takes what the options of the host say for calls that say nothing', async () => {
    const waiting = await HostBench.start({ whenHandlerDies: 'wait', monitorHandlers: true })
    try {
      const own = waiting.session()
      const each = waiting.host.call('own', { released: releases.push })
      await own.eval(
        'H = fs:handler(), register(named, H), ok = fs:ask({handlecall, named, "own"}), {H, {call, _}} = fs:next(), fs:stop(H)',
      )
      expect(await releases.next()).toMatchObject({ handler: { name: 'named' }, next: 'wait' })
      await own.eval('ok = fs:ask({handlecall, nobody, "own"})')
      expect(await releases.next()).toMatchObject({ handler: { name: 'nobody' }, next: 'wait' })
      await own.eval('ok = fs:ask({handlecall, "own"})')
      await waiting.node.disconnect(waiting.erl.name)
      expect(await releases.next()).toMatchObject({ reason: 'nodeLost', next: 'wait' })
      expect(each.handlers).toEqual([])
    } finally {
      await waiting.stop()
    }
  })

  it('outlives a program that fails to hear of it', async () => {
    const each = call({
      released: () => {
        throw new Error('on purpose')
      },
    })
    await handled(each)
    await session.eval('fs:ask(register_log_handler), fs:stop(H)')
    expect(await session.eval('fs:next(10000)')).toContain('on purpose')
    expect(await session.eval('fs:ask(nolog)')).toBe('ok')
  })
})
