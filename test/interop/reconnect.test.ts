import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { ErlangNode, NodeOptions, Term } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { freeze } from '../helpers/freeze.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueName } from '../helpers/names.js'
import { freePort } from '../helpers/ports.js'
import { deferred, until } from '../helpers/waiting.js'

let epmd: Epmd
beforeAll(async () => {
  epmd = await Epmd.start()
})
afterAll(() => epmd.stop())

const started: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()))
})

async function startErl(name: string, options: { readonly cookie?: string } = {}) {
  const erl = await ErlNode.start({ name, epmdPort: epmd.port, ...options })
  started.push(erl)
  return erl
}

async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const node = await startBeside({ cookie: testCookie, epmdPort: epmd.port }, options)
  started.push(node)
  return node
}

const quick = { minMs: 10, maxMs: 200 }

describe('a peer that is kept', () => {
  it('is connected at the start, and each time it comes back', async () => {
    const peer = uniqueName('kept')
    let erl = await startErl(peer)
    const node = await start({ reconnect: { keep: [peer], ...quick } })
    if (!node.peers.includes(peer)) await until(node, 'nodeup')
    const creations = new Set<string>()
    for (let life = 0; life < 3; life += 1) {
      creations.add(await erl.eval('erlang:system_info(creation)'))
      const down = until(node, 'nodedown')
      erl.signal('SIGKILL')
      expect((await down)[0]).toBe(peer)
      const up = until(node, 'nodeup', (name) => name === peer, 20_000)
      erl = await startErl(peer)
      await up
      expect(await node.rpc(peer, 'erlang', 'node').then(String)).toBe(peer)
    }
    expect(creations.size).toBe(3)
  })

  it('is dialled with growing pauses while it is away, each of them told', async () => {
    const peer = uniqueName('away')
    const node = await start({ reconnect: { keep: [peer], ...quick } })
    const redials: { failures: number; delayMs: number; error: { code: string } }[] = []
    const enough = until(node, 'redial', (name: string, redial: (typeof redials)[number]) => {
      expect(name).toBe(peer)
      redials.push(redial)
      return redial.failures === 6
    })
    await enough
    expect(redials[0]?.error.code).toBe('ERR_ERL_NODE_NOT_FOUND')
    for (const { failures, delayMs } of redials) {
      const longest = Math.min(quick.maxMs, quick.minMs * 2 ** (failures - 1))
      expect(delayMs).toBeGreaterThanOrEqual(longest / 2)
      expect(delayMs).toBeLessThan(longest)
    }
  })

  it('is connected as soon as somebody uses it, whatever pause is due', async () => {
    const peer = uniqueName('away')
    const node = await start({ reconnect: { keep: [peer], minMs: 60_000, maxMs: 60_000 } })
    await until(node, 'redial')
    await startErl(peer)
    expect(await node.ping(peer)).toBe(true)
  })

  it('stays disconnected when the user disconnects it, until it is used again', async () => {
    const peer = uniqueName('kept')
    const erl = await startErl(peer)
    const node = await start({ reconnect: { keep: [peer], ...quick } })
    await node.connect(peer)
    let redials = 0
    node.on('redial', () => {
      redials += 1
    })
    expect(await node.disconnect(peer)).toBe(true)
    // Ten times the pause: another peer is asked meanwhile.
    const other = await startErl(uniqueName('other'))
    expect(await node.ping(other.name)).toBe(true)
    expect([redials, node.peers]).toEqual([0, [other.name]])
    expect(await node.ping(peer)).toBe(true)
    const up = until(node, 'nodeup')
    await erl.eval(`erlang:disconnect_node('${node.name}')`)
    expect((await up)[0]).toBe(peer)
    expect(redials).toBeGreaterThan(0)
  })

  it('may have another cookie at first: attempts go on', async () => {
    const peer = uniqueName('kept')
    const erl = await startErl(peer, { cookie: 'another' })
    const node = await start({ reconnect: { keep: [peer], ...quick } })
    const [, redial] = await until<[string, { error: { code: string } }]>(node, 'redial')
    expect(redial.error.code).toBe('ERR_ERL_AUTH')
    const up = until(node, 'nodeup')
    await erl.eval(`erlang:set_cookie('${node.name}', ${testCookie})`)
    expect((await up)[0]).toBe(peer)
  })

  it('is kept from both sides at once over one connection', async () => {
    const [left, right] = [uniqueName('left'), uniqueName('right')]
    const nodes = await Promise.all([
      start({ name: left, reconnect: { keep: [right], ...quick } }),
      start({ name: right, reconnect: { keep: [left], ...quick } }),
    ])
    for (const node of nodes) if (node.peers.length === 0) await until(node, 'nodeup')
    await Promise.all(nodes.map((node, side) => node.ping(side === 0 ? right : left)))
    expect(nodes.map((node) => node.peers)).toEqual([[right], [left]])
  })

  it('does not keep a node from stopping, nor comes back after that', async () => {
    const peer = uniqueName('away')
    const node = await start({ reconnect: { keep: [peer], ...quick } })
    await until(node, 'redial')
    await node.stop()
    let redials = 0
    node.on('redial', () => {
      redials += 1
    })
    await startErl(peer)
    expect([redials, node.peers]).toEqual([0, []])
  })
})

describe('a connection that is being closed', () => {
  it('is followed by a new one, over which what is sent meanwhile goes', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    const closed = node.disconnect(erl.name)
    expect(node.peers).toEqual([])
    const again = node.disconnect(erl.name)
    await node.send({ name: 'observer', node: erl.name }, 'after')
    expect(await Promise.all([closed, again])).toEqual([true, true])
    expect(await erl.observed.next()).toBe('<<"after">>')
    expect(await node.ping(erl.name)).toBe(true)
    expect(node.stats().drops).toMatchObject({ unwritten: 0, noConnection: 0 })
  })
})

describe('messages over a connection that breaks again and again', () => {
  it('come in order, and none twice', async () => {
    const peer = uniqueName('erl')
    const erl = await startErl(peer)
    const node = await start()
    await erl.eval(`
      register(collector, spawn(fun Collect() ->
        receive
          {From, all} -> From ! {numbers, get()}, Collect();
          N when is_integer(N) -> put(length(get()), N), Collect()
        end
      end)), ok`)
    const to = { name: 'collector', node: peer }
    for (let number = 0; number < 3_000; number += 1) {
      await node.send(to, number).catch(() => undefined)
      if (number % 250 === 249) {
        // Every second time all has been read before; else what Erlang has not read is lost with it.
        if (number % 500 === 249) await node.ping(peer)
        const down = until(node, 'nodedown')
        // Erlang may have it that the connection is not up yet.
        void erl.eval(`
          (fun Hang() -> case erlang:disconnect_node('${node.name}') of
            true -> ok;
            false -> erlang:yield(), Hang()
          end end)()`)
        void node.send(to, 1_000_000 + number)
        await down
      }
    }
    await node.ping(peer)
    const numbers = JSON.parse(
      await erl.eval(`
        collector ! {self(), all},
        receive {numbers, L} -> [N || {_, N} <- lists:sort(L), N < 1000000] end`),
    )
    const sorted = [...numbers].sort((a: number, b: number) => a - b)
    expect(numbers).toEqual(sorted)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.length).toBeGreaterThanOrEqual(1_500)
  })

  it('come in order, and none twice, also when both sides hang up and dial at once', async () => {
    const names = [uniqueName('left'), uniqueName('right')] as const
    const [left, right] = await Promise.all([
      start({ name: names[0], reconnect: { keep: [names[1]], minMs: 1, maxMs: 5 } }),
      start({ name: names[1], reconnect: { keep: [names[0]], minMs: 1, maxMs: 5 } }),
    ])
    const got: Term[][] = [[], []]
    left.register('inbox', (number) => got[0]?.push(number))
    right.register('inbox', (number) => got[1]?.push(number))
    for (let round = 0; round < 100; round += 1) {
      for (let number = round * 10; number < round * 10 + 10; number += 1) {
        void left.send({ name: 'inbox', node: names[1] }, number)
        void right.send({ name: 'inbox', node: names[0] }, number)
      }
      if (round % 3 !== 0) void left.disconnect(names[1])
      if (round % 3 !== 1) void right.disconnect(names[0])
      await left.connect(names[1], { whenDown: 'wait' })
      await right.connect(names[0], { whenDown: 'wait' })
    }
    await Promise.all([left.ping(names[1]), right.ping(names[0])])
    for (const numbers of got) {
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => Number(a) - Number(b)))
      expect(numbers.length).toBeGreaterThan(100)
    }
  })

  it('are counted when the peer has not read them', async () => {
    const erl = await startErl(uniqueName('erl'))
    const node = await start()
    await node.connect(erl.name)
    await freeze(erl)
    const blob = Buffer.alloc(1024 * 1024)
    const count = 60
    for (let sent = 0; sent < count; sent += 1) {
      void node.send({ name: 'nobody', node: erl.name }, blob)
    }
    const down = until(node, 'nodedown')
    erl.signal('SIGKILL')
    await down
    const { unwritten } = node.stats().drops
    expect(unwritten).toBeGreaterThan(0)
    expect(unwritten).toBeLessThanOrEqual(count)
  })
})

describe('a peer that calls us while we ask epmd for it', () => {
  it('stays disconnected when it is disconnected before epmd answers', async () => {
    const held: (() => void)[] = []
    const asked = deferred<void>()
    // Registers at once, and says where a node is when it is let.
    const slow = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', (request) => {
        if (request[2] === 120) socket.write(Buffer.of(118, 0, 0, 0, 0, 1))
        else {
          held.push(() => socket.end(port2Response(right.address?.port ?? 0)))
          asked.resolve()
        }
      })
    })
    slow.listen(0, '127.0.0.1')
    await once(slow, 'listening')
    started.push({ stop: async () => slow.close() })
    const { port } = slow.address() as AddressInfo
    const left = await start({ epmd: { port } })
    const right = await start({ epmd: 'none' })
    const sent = left.send({ name: 'nobody', node: right.name }, 1)
    await asked.promise
    await right.connect(left.name, { port: left.address?.port ?? 0 })
    await sent
    await left.disconnect(right.name)
    let ups = 0
    left.on('nodeup', () => {
      ups += 1
    })
    for (const answer of held) answer()
    // Behind the dial that would come of the answer.
    const third = await start({ epmd: 'none' })
    await left.connect(third.name, { port: third.address?.port ?? 0 })
    await left.ping(third.name)
    await left.ping(third.name)
    expect([ups, left.peers]).toEqual([1, [third.name]])
  })
})

/** Source: OTP's erl_dist_protocol, PORT2_RESP. */
function port2Response(port: number): Buffer {
  const answer = Buffer.from([119, 0, 0, 0, 72, 0, 0, 6, 0, 5, 0, 1, 120, 0, 0])
  answer.writeUInt16BE(port, 2)
  return answer
}

describe('names of peers', () => {
  it('are forgotten when nobody uses them, so that dialling cannot fill the memory', async () => {
    const port = await freePort()
    const node = await start()
    const failures = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        node
          .connect(`none${index}@127.0.0.1`, { port })
          .catch(({ code }: { code: string }) => code),
      ),
    )
    expect(new Set(failures)).toEqual(new Set(['ERR_ERL_NOCONNECTION']))
    expect(node.stats().peers).toEqual({})
  })
})
