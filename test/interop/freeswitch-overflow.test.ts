import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErlNode } from '../helpers/erl-node.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'

const queueLimit = 100

describe('a peer that does not read its events', () => {
  let bench: HostBench
  let slow: ErlNode
  beforeAll(async () => {
    bench = await HostBench.start({ queueLimit }, { maxQueuedBytes: 256 * 1024 })
    slow = await bench.another()
  })
  afterAll(async () => {
    await slow.stop()
    await bench.stop()
  })

  it('loses what its queue has no room for, hears how much, and holds nobody up', async () => {
    const { host } = bench
    const session = slow.session()
    const quick = bench.session()
    const subscribe = "fs:ask(register_event_handler), fs:ask({event, 'GENERAL', 'TRAP'})"
    expect(await session.eval(subscribe)).toBe('ok')
    expect(await quick.eval(subscribe)).toBe('ok')
    expect(await session.eval("fs:ask({event, 'MESSAGE'})")).toBe('ok')
    slow.signal('SIGSTOP')
    const lost = async (): Promise<number> => {
      const { output } = await host.run('erlang', 'listeners')
      const line = output.split('\n').find((each) => each.includes(slow.name)) ?? ''
      return Number(/events: \d+ \(lost:(\d+)\)/.exec(line)?.[1])
    }
    let sent = 0
    const body = 'x'.repeat(10_000)
    while ((await lost()) < 50) {
      host.emit({ name: 'GENERAL', headers: { n: sent }, body })
      sent += 1
      // The other one keeps up: it has each event before the next is fired.
      expect(await quick.eval('element(1, fs:next())')).toBe('event')
    }
    const before = process.memoryUsage().rss
    for (let n = 0; n < 20_000; n += 1) host.emit({ name: 'MESSAGE', body })
    const count = await lost()
    expect(count).toBeGreaterThan(20_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
    slow.signal('SIGCONT')
    await session.eval(
      'Drain = fun F(N) -> receive {event, _} -> F(N + 1) after 1000 -> N end end, Drain(0)',
    )
    host.emit({ name: 'GENERAL' })
    const told = await session.eval('[V || {event, [_ | L]} <- fs:drain(), {"info", V} <- L]')
    expect(told).toMatch(/^\["lost \d+ events"\]$/)
    expect(await lost()).toBe(0)
  }, 120_000)

  it('has its next command carried out when it reads the answers to those before', async () => {
    const count = 2_000
    let open: (output: string) => void = () => undefined
    let dumps = 0
    const begun = new Promise<void>((resolve) => {
      bench.host.api('gate', () => {
        resolve()
        return new Promise((answer) => {
          open = answer
        })
      })
    })
    bench.host.api('dump', () => {
      dumps += 1
      return 'x'.repeat(50_000)
    })
    await slow
      .session()
      .eval(`fs:send({api, gate, ""}), [fs:send({api, dump, ""}) || _ <- lists:seq(1, ${count})]`)
    await begun
    slow.signal('SIGSTOP')
    open('open')
    for (let turn = 0; turn < 50; turn += 1) await bench.session().eval('fs:ask(getpid)')
    expect(dumps).toBeLessThan(count / 2)
    slow.signal('SIGCONT')
    await expect.poll(() => dumps, { timeout: 60_000 }).toBe(count)
  }, 120_000)
})
