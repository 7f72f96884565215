import { once } from 'node:events'
import { FreeSwitch, type FreeSwitchOptions } from 'beamlink/freeswitch'
import { afterEach, describe, expect, it } from 'vitest'
import { ClientBench } from '../helpers/freeswitch/client-bench.js'
import { withDeadline } from '../helpers/waiting.js'

describe('a client', () => {
  const benches: ClientBench[] = []
  async function start(
    options: { client?: FreeSwitchOptions; isDown?: boolean } = {},
  ): Promise<ClientBench> {
    const bench = await ClientBench.start(options)
    benches.push(bench)
    return bench
  }
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop()
  })

  it('throws into the reader what onGap throws, and serves the others', async () => {
    const bench = await start()
    const onGap = () => {
      throw new Error('on purpose')
    }
    const failing = bench.fs.events({ names: ['HEARTBEAT'], onGap })
    const other = bench.fs.events({ names: ['MESSAGE'] })
    await Promise.all([failing.ready, other.ready])
    const ended = expect(withDeadline(failing.next(), 'its end')).rejects.toThrow('on purpose')
    const restored = once(bench.fs, 'restored')
    await bench.stopHost()
    await ended
    await bench.startHost()
    await withDeadline(restored, 'the subscription')
    bench.host.emit({ name: 'MESSAGE' })
    const { value } = await withDeadline(other.next(), 'an event')
    expect(value?.name).toBe('MESSAGE')
  })

  it('rejects a call that it waits for when it is closed', async () => {
    const { fs, hostNode } = await start()
    const asked = new Promise<void>((resolve) => hostNode.registerFallback(() => resolve()))
    const call = fs.handleCall('silence', { timeoutMs: Number.POSITIVE_INFINITY })
    await asked
    await fs.close()
    await expect(withDeadline(call, 'the refusal')).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
    })
  })

  it('stops dialling for a reader that has gone before it came about', async () => {
    const bench = await start({ isDown: true, client: { whenDown: 'wait' } })
    const events = bench.fs.events({ names: ['HEARTBEAT'] })
    const logs = bench.fs.logs()
    events.close()
    await events.return()
    logs.close()
    await logs.return()
    await bench.startHost()
    const up = once(bench.fs, 'up', { signal: AbortSignal.timeout(500) })
    await expect(up).rejects.toThrow('aborted')
    const next = bench.fs.events({ names: ['HEARTBEAT'] })
    await withDeadline(next.ready, 'the next reader')
  })

  it('shares its node with many others without a warning', async () => {
    const { clientNode, hostName } = await start()
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    const before = [clientNode.getMaxListeners(), clientNode.listenerCount('nodeup')]
    const clients = Array.from({ length: 30 }, () => new FreeSwitch(clientNode, hostName))
    await clients[0]?.api('echo', 'x')
    for (const client of clients) await client.close()
    process.off('warning', warned)
    expect(warnings).toEqual([])
    expect([clientNode.getMaxListeners(), clientNode.listenerCount('nodeup')]).toEqual(before)
  })
})
