import { type ApiFunction, EventHost } from 'beamlink/freeswitch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'

describe('an event host', () => {
  let bench: HostBench
  let session: ErlSession
  beforeEach(async () => {
    bench = await HostBench.start()
    session = bench.session()
  })
  afterEach(() => bench.stop())

  it('is the only one of its node, until it is closed', async () => {
    expect(() => new EventHost(bench.node)).toThrow(RangeError)
    bench.host.close()
    bench.host.close()
    const next = new EventHost(bench.node)
    next.api('which', () => 'the next')
    expect(await session.eval('fs:ask({api, which, ""})')).toBe('{ok,"the next"}')
  })

  it('cannot be killed by a peer', async () => {
    await session.eval('{ok, Fs} = fs:ask(getpid), exit(Fs, kill)')
    expect(await session.eval('fs:ask(getpid) =:= {ok, Fs}')).toBe('true')
  })

  it('is closed when another program takes the messages to all names', async () => {
    const call = bench.host.call('taken')
    const { whenEnded } = bench.node.registerFallback(() => undefined)
    expect(call.isEnded).toBe(false)
    bench.node.registerFallback(() => undefined)
    await whenEnded
    expect(call.isEnded).toBe(true)
  })

  it('sends what it has fired, and the end of its calls, before it is closed', async () => {
    const { host } = bench
    const call = host.call('last')
    await session.eval(`
      ok = fs:ask(register_event_handler), ok = fs:ask({event, 'HEARTBEAT'}),
      ok = fs:ask({handlecall, "last"}), {call, _} = fs:next()`)
    for (let n = 0; n < 2_500; n += 1) host.emit({ name: 'HEARTBEAT' })
    host.close()
    expect(call.isEnded).toBe(true)
    expect(
      await session.eval(
        'Count = fun F(N) -> case fs:next() of {event, _} -> F(N + 1); Last -> {N, Last} end end, Count(0)',
      ),
    ).toBe('{2500,{call_hangup,"last"}}')
  })

  it('is closed, and all that waits with it, when its node is stopped', async () => {
    const { host, node } = bench
    await session.eval('ok = fs:ask({bind, directory})')
    const call = host.call('stopped')
    const attached = call.attach(`nobody:! ${bench.erl.name}`)
    const found = host.fetchOutcome('directory')
    await node.stop()
    expect(await found).toMatchObject({ kind: 'nothing' })
    expect(await attached).not.toMatchObject({ kind: 'attached' })
    expect(call.isEnded).toBe(true)
    expect(() => host.call('late')).toThrow(expect.objectContaining({ code: 'ERR_ERL_CLOSED' }))
  })

  it('does not dial a peer that was lost while its command ran', async () => {
    const { host, node } = bench
    const other = await bench.another()
    try {
      let finish: (output: string) => void = () => undefined
      const begun = new Promise<void>((resolve) => {
        const slow: ApiFunction = () => {
          resolve()
          return new Promise((done) => {
            finish = done
          })
        }
        host.api('slow', slow)
      })
      await other.session().eval('fs:send({api, slow, ""})')
      await begun
      await node.disconnect(other.name)
      finish('too late')
      expect(await session.eval('element(1, fs:ask(getpid))')).toBe('ok')
      expect(node.stats().peers).not.toHaveProperty([other.name])
    } finally {
      await other.stop()
    }
  })
})
