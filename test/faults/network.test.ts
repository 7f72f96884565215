import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { FarNode } from '../helpers/far-node.js'
import { namespaceTrouble, Wire } from '../helpers/net-namespace.js'
import {
  expectFooting,
  type Footing,
  settledTraffic,
  startTraffic,
  startTrafficAt,
  untilAcknowledged,
} from '../helpers/traffic.js'

const trouble = namespaceTrouble()
if (trouble !== undefined) process.stderr.write(`skipped: faults of networks: ${trouble}\n`)

const tickTimeS = 4
const epmdPort = 4369

describe.skipIf(trouble !== undefined)('a network between us and an Erlang node', () => {
  let wire: Wire
  const epmds: Epmd[] = []
  let erl: ErlNode
  let far: FarNode
  let footing: Footing

  beforeAll(async () => {
    wire = await Wire.make()
    for (const [side, address] of [
      [wire.left, wire.leftAddress],
      [wire.right, wire.rightAddress],
    ] as const) {
      epmds.push(await Epmd.start(epmdPort, { within: side.within, address }))
    }
    const peer = `erl@${wire.rightAddress}`
    erl = await ErlNode.start({
      name: peer,
      epmdPort,
      within: wire.right.within,
      address: wire.rightAddress,
      args: ['-kernel', 'net_ticktime', String(tickTimeS)],
    })
    far = await FarNode.start(
      {
        name: `js@${wire.leftAddress}`,
        cookie: testCookie,
        epmd: { port: epmdPort },
        netTicktimeS: tickTimeS,
        connectTimeoutMs: 2_000,
        reconnect: { keep: [peer], minMs: 10, maxMs: 500 },
      },
      { within: wire.left.within },
    )
    await far.heard('nodeup')
    await startTrafficAt(erl, far.name)
    footing = await far.run((side) => side.footing())
  })

  afterAll(async () => {
    await far?.stop()
    await erl?.stop()
    for (const epmd of epmds) await epmd.stop()
    await wire?.remove()
  })

  /** Traffic flows while `fault` runs, and again after it; both ledgers are in order. */
  async function under(fault: (since: number) => Promise<void>) {
    await startTraffic(far, erl.name)
    await untilAcknowledged(far, 200)
    await fault(far.told.length)
    await untilAcknowledged(far, 500)
    const report = await settledTraffic(far)
    await expectFooting(far, footing)
    return report
  }

  const pause = (ms: number) =>
    far.run((_side, long) => new Promise<void>((resolve) => setTimeout(resolve, long)), ms)

  it('may be cut for less than the tick time: nothing is lost, and nobody notices', async () => {
    const report = await under(async (since) => {
      await wire.cut()
      await pause(1_500)
      const { right, left } = await wire.mend()
      expect(right.lost + left.lost).toBeGreaterThan(0)
      await untilAcknowledged(far, 1)
      expect(far.told.slice(since)).toEqual([])
    })
    expect(report).toMatchObject({ unknown: 0, missing: 0 })
  })

  it('may be cut for longer: both sides give up, and connect again when it is mended', async () => {
    const report = await under(async (since) => {
      await wire.cut()
      expect(await far.heard('nodedown', undefined, { since })).toEqual([
        erl.name,
        'the peer was silent for the tick time',
      ])
      // epmd is asked first: nothing answers.
      const late = ({ error }: { error: { code: string } }) => error.code === 'ERR_ERL_TIMEOUT'
      await far.heard('redial', (_peer: string, redial: never) => late(redial), { since })
      await expect(
        far.run((side, to) => side.node.ping(to, { timeoutMs: 500 }), erl.name),
      ).resolves.toBe(false)
      await expect(
        far.run(
          (side, to) => side.node.rpc(to, 'erlang', 'node', [], { timeoutMs: 500 }),
          erl.name,
        ),
      ).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
      await wire.mend()
      await far.heard('nodeup', undefined, { since })
    })
    expect(report.unknown).toBeGreaterThan(0)
  })

  it('may carry nothing towards us: the peer is found silent', async () => {
    await under(async (since) => {
      await wire.cut('left')
      expect((await far.heard('nodedown', undefined, { since }))[1]).toBe(
        'the peer was silent for the tick time',
      )
      await wire.mend()
      await far.heard('nodeup', undefined, { since })
    })
  })

  it('may carry nothing towards the peer: it hangs up, or we give it up', async () => {
    await under(async (since) => {
      await wire.cut('right')
      // Its ticks still reach us, and the end of the connection that it gives up.
      expect((await far.heard('nodedown', undefined, { since }))[1]).toMatch(
        /closed|reset|Broken pipe|connected anew|silent/,
      )
      await wire.mend()
      await far.heard('nodeup', undefined, { since })
    })
  })

  it('may be slow, and let frames overtake each other: all comes in order', async () => {
    const report = await under(async (since) => {
      await wire.impair({ delayMs: 30, jitterMs: 40 })
      await untilAcknowledged(far, 1_000)
      const { right, left } = await wire.mend()
      expect(Math.min(right.overtaken, left.overtaken)).toBeGreaterThan(10)
      expect(far.told.slice(since)).toEqual([])
    })
    expect(report).toMatchObject({ unknown: 0, missing: 0 })
  })

  it('may lose every twentieth frame: all comes in order', async () => {
    const report = await under(async (since) => {
      const before = await wire.impair({ loss: 0.05 })
      await untilAcknowledged(far, 1_000)
      const after = await wire.mend()
      expect(after.right.lost + after.left.lost).toBeGreaterThan(
        before.right.lost + before.left.lost,
      )
      expect(far.told.slice(since)).toEqual([])
    })
    expect(report).toMatchObject({ unknown: 0, missing: 0 })
  })
})
