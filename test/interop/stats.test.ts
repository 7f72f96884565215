import type { ErlangNode, NodeOptions } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { freeze } from '../helpers/freeze.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueName } from '../helpers/names.js'
import { until } from '../helpers/waiting.js'

let epmd: Epmd
beforeAll(async () => {
  epmd = await Epmd.start()
})
afterAll(() => epmd.stop())

const started: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()))
})

async function startErl(name: string, args: readonly string[] = []): Promise<ErlNode> {
  const erl = await ErlNode.start({ name, epmdPort: epmd.port, args })
  started.push(erl)
  return erl
}

async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const node = await startBeside({ cookie: testCookie, epmdPort: epmd.port }, options)
  started.push(node)
  return node
}

function statsOf(node: ErlangNode, peer: string) {
  const stats = node.stats().peers[peer]
  if (stats === undefined) throw new Error(`there are no stats of ${peer}`)
  return stats
}

describe('what a node counts of a peer', () => {
  it('starts with nothing, and is nothing again of a peer that could not be reached', async () => {
    const node = await start()
    const nothing = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, ticksIn: 0, ticksOut: 0 }
    expect(node.stats()).toMatchObject({ peers: {}, total: { connections: 0, ...nothing } })
    await expect(node.connect(uniqueName('nobody'))).rejects.toThrow()
    expect(node.stats()).toMatchObject({ peers: {}, total: { connections: 0, ...nothing } })
  })

  it('agrees with what the peer has counted on its side', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    const before = statsOf(node, erl.name)
    for (let i = 0; i < 20; i += 1) {
      await node.send({ name: 'nobody', node: erl.name }, Buffer.alloc(1_000))
    }
    await node.rpc(erl.name, 'erlang', 'node')
    // What the socket of the peer has received since the handshake: Erlang counts in whole packets.
    const seen = await erl.eval(`
      {ok, Info} = net_kernel:node_info('${node.name}'),
      {value, {owner, Owner}} = lists:keysearch(owner, 1, Info),
      Sockets = [P || P <- erlang:ports(), element(2, erlang:port_info(P, connected)) =:= Owner],
      [{ok, [{recv_oct, In}, {send_oct, Out}]}] = [inet:getstat(S, [recv_oct, send_oct]) || S <- Sockets],
      {In, Out}`)
    const after = statsOf(node, erl.name)
    const [received = 0, sent = 0] = Array.from(seen.matchAll(/\d+/g), Number)
    expect(after.framesOut - before.framesOut).toBe(21)
    expect(after.bytesOut - before.bytesOut).toBeGreaterThan(20_000)
    // Their figures have the handshake in them, less than a thousand bytes of it.
    expect(received - after.bytesOut).toBeGreaterThan(0)
    expect(received - after.bytesOut).toBeLessThan(1_000)
    expect(Math.abs(sent - after.bytesIn)).toBeLessThan(1_000)
    expect(after).toMatchObject({ isUp: true, connections: 1, out: 0, unwritten: 0 })
    expect(after.handshakeMs).toBeGreaterThan(0)
    expect(after.handshakeMs).toBeLessThan(7_000)
    expect(after.upSinceMs).toBeCloseTo(Date.now(), -5)
  })

  it('counts ticks both ways', async () => {
    const erl = await startErl(uniqueName('erl'), ['-kernel', 'net_ticktime', '4'])
    const node = await start({ netTicktimeS: 4 })
    await node.connect(erl.name)
    await expect
      .poll(
        () => {
          const { ticksIn, ticksOut } = statsOf(node, erl.name)
          return Math.min(ticksIn, ticksOut)
        },
        { timeout: 15_000, interval: 100 },
      )
      .toBeGreaterThan(0)
  })

  it('goes on where it was when the peer comes back, and is in the sum when it does not', async () => {
    const peer = uniqueName('kept')
    let erl = await startErl(peer)
    const node = await start({ reconnect: { keep: [peer], minMs: 10, maxMs: 200 } })
    if (!node.peers.includes(peer)) await until(node, 'nodeup')
    await node.rpc(peer, 'erlang', 'node')
    const first = statsOf(node, peer)
    const down = until(node, 'nodedown')
    erl.signal('SIGKILL')
    await down
    const up = until(node, 'nodeup', () => true, 20_000)
    erl = await startErl(peer)
    await up
    await node.rpc(peer, 'erlang', 'node')
    const second = statsOf(node, peer)
    expect(second.connections).toBe(2)
    expect(second.framesIn).toBeGreaterThan(first.framesIn)
    expect(second.upSinceMs).toBeGreaterThanOrEqual(first.upSinceMs ?? 0)
    await node.disconnect(peer)
    const { peers, total } = node.stats()
    expect(peers).toEqual({})
    expect(total.connections).toBe(2)
    expect(total.bytesOut).toBeGreaterThanOrEqual(second.bytesOut)
  })

  it('says what was dropped of each peer, by reason', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    await erl.eval(`[{nobody, '${node.name}'} ! I || I <- [1, 2, 3]], ok`)
    await node.ping(erl.name)
    await expect.poll(() => statsOf(node, erl.name).drops).toEqual({ unknownName: 3 })
    expect(node.stats().drops.unknownName).toBe(3)
  })

  it('shows what waits for a peer that does not read', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    await freeze(erl)
    const size = 1024 * 1024
    // More than the kernels hold.
    for (let i = 0; i < 40; i += 1) {
      void node.send({ name: 'nobody', node: erl.name }, Buffer.alloc(size))
    }
    await expect.poll(() => statsOf(node, erl.name).unwritten).toBeGreaterThan(size)
    const { out, unwritten } = statsOf(node, erl.name)
    expect(out).toBeGreaterThanOrEqual(unwritten)
    erl.signal('SIGCONT')
    await node.drained(erl.name)
    await expect.poll(() => statsOf(node, erl.name)).toMatchObject({ out: 0, unwritten: 0 })
  })
})
