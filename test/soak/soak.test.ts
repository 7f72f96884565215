import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { FarNode } from '../helpers/far-node.js'
import { MemorySlope } from '../helpers/memory-slope.js'
import { namespaceTrouble, Wire } from '../helpers/net-namespace.js'
import { seeded } from '../helpers/seeded.js'
import { expectFooting, type Footing, settledTraffic, startTrafficAt } from '../helpers/traffic.js'

const minutes = Number(process.env.BEAMLINK_SOAK_MINUTES ?? 10)
const seed = Number(process.env.BEAMLINK_SOAK_SEED || Date.now() % 1_000_000)
const tickTimeS = 4
const epmdPort = 4369
const largeBytes = 256 * 1024
/** In a run that is long enough to tell. */
const steepestMebibytesPerMinute = 3
const longEnoughMinutes = 5

const root = path.join(__dirname, '../..')
const soak = readFileSync(path.join(__dirname, '../fixtures/soak.erl'), 'utf8')
const draw = seeded(seed)
const between = (least: number, most: number) => least + draw() * (most - least)

let wire: Wire
let ourEpmd: Epmd
let epmd: Epmd
let erl: ErlNode
let far: FarNode

beforeAll(async () => {
  const trouble = namespaceTrouble()
  if (trouble !== undefined) throw new Error(`a soak cuts networks: ${trouble}`)
  wire = await Wire.make()
  ourEpmd = await Epmd.start(epmdPort, { within: wire.left.within, address: wire.leftAddress })
  epmd = await startEpmd()
  erl = await startErl()
  far = await FarNode.start(
    {
      name: `js@${wire.leftAddress}`,
      cookie: testCookie,
      epmd: { port: epmdPort },
      netTicktimeS: tickTimeS,
      connectTimeoutMs: 2_000,
      whenDown: 'wait',
      reconnect: { keep: [erl.name], minMs: 10, maxMs: 500 },
    },
    { within: wire.left.within },
  )
  await far.heard('nodeup')
})

afterAll(async () => {
  await far?.stop()
  await erl?.stop()
  await epmd?.stop()
  await ourEpmd?.stop()
  await wire?.remove()
})

function startEpmd(): Promise<Epmd> {
  return Epmd.start(epmdPort, { within: wire.right.within, address: wire.rightAddress })
}

function startErl(): Promise<ErlNode> {
  return ErlNode.start({
    name: `erl@${wire.rightAddress}`,
    epmdPort,
    within: wire.right.within,
    address: wire.rightAddress,
    args: ['-kernel', 'net_ticktime', String(tickTimeS)],
  })
}

/** What the Erlang side has counted in the lives that are over, and in this one. */
const counted: Record<string, number> = {}

async function countErl(): Promise<void> {
  const printed = await erl.eval(
    `[[iolist_to_binary(io_lib:format("~0p", [K])), V] || {K, V} <- maps:to_list(soak:report())]`,
  )
  for (const [, what = '', count] of printed.matchAll(/\[<<"(.*?)">>,(\d+)\]/g)) {
    counted[what] = (counted[what] ?? 0) + Number(count)
  }
}

async function startLoadAtErl(): Promise<void> {
  await startTrafficAt(erl, far.name)
  await erl.load(soak)
  await erl.eval(`soak:start('${far.name}')`)
}

const faults: Readonly<Record<string, () => Promise<unknown>>> = {
  async 'peer killed and restarted'() {
    await countErl()
    erl.signal('SIGKILL')
    await erl.stop()
    erl = await startErl()
    await startLoadAtErl()
  },
  async 'peer stopped for a while'() {
    erl.signal('SIGSTOP')
    await delay(between(100, 3_000))
    erl.signal('SIGCONT')
  },
  async 'peer stopped beyond the tick time'() {
    erl.signal('SIGSTOP')
    await delay(1_500 * tickTimeS)
    erl.signal('SIGCONT')
  },
  'peer hangs up': () => erl.eval(`erlang:disconnect_node('${far.name}')`),
  'we hang up': () =>
    far.run(async (side, to) => {
      await side.node.disconnect(to)
      await side.node.connect(to)
    }, erl.name),
  'our loop blocked': () =>
    far.run(
      (_side, ms) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
      },
      between(100, 6_000),
    ),
  async 'we are stopped for a while'() {
    far.signal('SIGSTOP')
    await delay(between(100, 3_000))
    far.signal('SIGCONT')
  },
  async 'epmd killed and restarted'() {
    await epmd.kill()
    await delay(between(0, 500))
    epmd = await startEpmd()
  },
  async 'network cut for a while'() {
    await wire.cut()
    await delay(between(100, 2_000))
    await wire.mend()
  },
  async 'network cut beyond the tick time'() {
    await wire.cut()
    await delay(1_500 * tickTimeS)
    await wire.mend()
  },
  async 'network cut one way'() {
    await wire.cut(draw() < 0.5 ? 'left' : 'right')
    await delay(between(100, 1_500 * tickTimeS))
    await wire.mend()
  },
  async 'network slow and out of order'() {
    await wire.impair({ delayMs: between(1, 50), jitterMs: between(1, 30), loss: between(0, 0.02) })
    await delay(between(500, 3_000))
    await wire.mend()
  },
}

it(`${minutes} minutes at full rate under faults of seed ${seed}`, async () => {
  const before = await far.run(async (side, to) => {
    // What many calls to a peer bring into being once is there from the start.
    for (let call = 0; call < 200; call += 1) await side.node.rpc(to, 'erlang', 'node')
    return side.footing()
  }, erl.name)
  // First, so that what Erlang calls is there.
  await far.run(
    (side, to, large) => {
      side.kept.traffic = new side.Traffic(side.node, to, 64, large)
      side.kept.calls = new side.CallLoad(side.node, to)
    },
    erl.name,
    largeBytes,
  )
  await startLoadAtErl()
  const memory = new MemorySlope(far.pid)
  const held: Record<string, number>[] = []
  const made: Record<string, number> = {}
  const kinds = Object.keys(faults)
  const end = performance.now() + minutes * 60_000
  while (performance.now() < end) {
    await delay(between(500, 4_000))
    const kind = kinds[Math.floor(draw() * kinds.length)] as string
    await faults[kind]?.()
    made[kind] = (made[kind] ?? 0) + 1
    await untilConnected()
    held.push(await far.run(() => ({ ...process.memoryUsage() })))
  }
  const calls = await far.run((side) => side.kept.calls?.stop())
  await erl.eval('traffic:stop()')
  const traffic = await settledTraffic(far)
  await countErl()
  const { slope, last } = memory.stop()
  const report = {
    minutes,
    seed,
    faults: Object.values(made).reduce((sum, count) => sum + count, 0),
    faultsByKind: made,
    messages: traffic.acknowledged + traffic.received,
    ...traffic,
    losses: traffic.breaches.length,
    calls: { out: calls?.done, failed: calls?.failed, p50Ms: calls?.p50Ms, p99Ms: calls?.p99Ms },
    callsIn: counted,
    reconnects: far.told.filter(({ event }) => event === 'nodeup').length,
    rssMebibytes: Math.round(last),
    rssSlopeMebibytesPerMinute: Number(slope.toFixed(3)),
    footing: before,
    heldMebibytes: held.filter((_, at) => at % 10 === 0).map(inMebibytes),
  }
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const text = JSON.stringify(report, undefined, 2)
  writeFileSync(path.join(root, '.cache/soak.json'), `${text}\n`)
  process.stdout.write(`${text}\n`)
  expect(calls?.breaches).toEqual([])
  expect(Object.keys(counted).filter((what) => what.startsWith('{wrong'))).toEqual([])
  await erl.stop()
  await expectGone(before)
  if (minutes >= longEnoughMinutes) expect(slope).toBeLessThan(steepestMebibytesPerMinute)
})

/** The load of the peer would go on; without it our side has to stand as before it was connected. */
async function expectGone({ descriptors, ...rest }: Footing): Promise<void> {
  // One descriptor less: the connection.
  await expectFooting(far, { descriptors: descriptors - 1, ...rest })
}

/** Whatever a fault has done, the connection is there again after a while. */
async function untilConnected(): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await far.run((side, to) => side.node.peers.includes(to), erl.name))) {
    if (performance.now() > deadline) {
      throw new Error(`not connected again: ${JSON.stringify(far.told.slice(-3))}`)
    }
    await delay(20)
  }
}

function inMebibytes(held: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(held).map(([kind, bytes]) => [kind, Math.round(bytes / 2 ** 20)]),
  )
}
