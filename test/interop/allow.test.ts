import { setImmediate } from 'node:timers/promises'
import type { Allow, Drop, ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { closed, HalfOpen, namePacket } from '../helpers/half-open.js'
import { startBeside } from '../helpers/local-node.js'
import { deferred, until } from '../helpers/waiting.js'

let erl: ErlNode
beforeAll(async () => {
  erl = await ErlNode.start()
})
afterAll(() => erl.stop())

const callers = new HalfOpen()
const nodes: ErlangNode[] = []
afterEach(async () => {
  callers.close()
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(options: Parameters<typeof startBeside>[1] = {}): Promise<ErlangNode> {
  const node = await startBeside(erl, options)
  nodes.push(node)
  return node
}

const ping = (node: ErlangNode) => erl.eval(`net_adm:ping('${node.name}')`)

const nextRefusal = (node: ErlangNode) =>
  until<[Drop]>(node, 'drop', (drop: Drop) => drop.reason === 'refused').then(([drop]) => drop)

function portOf(node: ErlangNode): number {
  return node.address?.port ?? 0
}

describe('a peer that connects', () => {
  it.each([
    ['its name', () => [erl.name]],
    ['a pattern of its name', () => ['*@127.0.0.1']],
    ['its address', () => ['127.0.0.1']],
    ['a network', () => ['10.0.0.0/8', '127.0.0.0/8']],
    ['a list of FreeSWITCH', () => ['loopback.auto']],
    ['both', () => [{ name: erl.name, address: '127.0.0.1' }]],
    ['a function', () => () => true],
    ['a function that takes its time', () => () => setImmediate(true)],
  ] as [string, () => Allow][])('is let in by %s', async (_, allow) => {
    const node = await start({ allow: allow() })
    expect(await ping(node)).toBe('pong')
    expect(node.stats().drops.refused).toBe(0)
  })

  it.each([
    ['another name', ['friend@127.0.0.1'], 'the allow option does not admit it'],
    ['nothing', [], 'the allow option does not admit it'],
    ['another network', ['10.0.0.0/8'], 'the allow option does not admit it'],
    ['one half of two', [{ name: '*', address: '::1' }], 'the allow option does not admit it'],
    ['a function', () => false, 'the allow function refuses it'],
    ['a rejection', () => Promise.reject(new Error('no')), 'the allow function threw: Error: no'],
    ['no boolean', () => 1 as never, 'the allow function must give a boolean, and gave number'],
  ] as [string, Allow, string][])('is refused by %s, and here that is told', async (...row) => {
    const [, allow, detail] = row
    const node = await start({ allow })
    const told = nextRefusal(node)
    expect(await ping(node)).toBe('pang')
    expect(await told).toEqual({ reason: 'refused', peer: erl.name, address: '127.0.0.1', detail })
    expect(node.stats().drops.refused).toBe(1)
    expect(node.peers).toEqual([])
  })

  it('is not told why: not a byte is answered', async () => {
    const node = await start({ allow: ['10.0.0.0/8'] })
    const socket = await callers.add(portOf(node), { bytes: namePacket('a@127.0.0.1') })
    const heard: Buffer[] = []
    socket.on('data', (chunk) => heard.push(chunk))
    await closed(socket)
    expect(Buffer.concat(heard)).toHaveLength(0)
  })

  it('is known by the address it comes from, not by its name', async () => {
    const seen: unknown[] = []
    const node = await start({
      allow: (caller) => {
        seen.push(caller)
        return false
      },
    })
    const told = nextRefusal(node)
    await callers.add(portOf(node), { from: '127.0.0.9', bytes: namePacket('a@127.0.0.1') })
    expect(await told).toMatchObject({ peer: 'a@127.0.0.1', address: '127.0.0.9' })
    expect(seen).toEqual([{ name: 'a@127.0.0.1', address: '127.0.0.9' }])
  })

  it('is not asked about when it is we who dial', async () => {
    const node = await start({ allow: [] })
    await node.connect(erl.name)
    expect(node.peers).toEqual([erl.name])
  })

  it('is refused when nobody says in time whether it may', async () => {
    const node = await start({ handshakeTimeoutMs: 200, allow: () => new Promise(() => undefined) })
    const told = nextRefusal(node)
    expect(await ping(node)).toBe('pang')
    expect(await told).toMatchObject({
      peer: erl.name,
      detail: 'the allow option did not say in time whether it may connect',
    })
  })
})

describe('setAllow', () => {
  it('holds from then on, and for those who connect', async () => {
    const node = await start()
    expect(await ping(node)).toBe('pong')
    node.setAllow([])
    expect(node.peers).toEqual([erl.name])
    await node.disconnect(erl.name)
    expect(await ping(node)).toBe('pang')
    node.setAllow(['*@127.0.0.1'])
    expect(await ping(node)).toBe('pong')
    await node.disconnect(erl.name)
    node.setAllow(() => false)
    expect(await ping(node)).toBe('pang')
    node.setAllow(undefined)
    expect(await ping(node)).toBe('pong')
    expect(node.stats().drops.refused).toBe(2)
  })

  it('refuses what is no entry, and then holds on to what there was', async () => {
    const node = await start({ allow: [] })
    expect(() => node.setAllow(['shop'])).toThrow('allow[0] must be')
    expect(() => node.setAllow(7 as never)).toThrow(TypeError)
    expect(await ping(node)).toBe('pang')
  })
})

describe('a node that is stopped while a function decides', () => {
  it('lets nobody in, and breaks nothing', async () => {
    let decide: (yes: boolean) => void = () => undefined
    const asked = deferred<void>()
    const node = await start({
      allow: () => {
        asked.resolve()
        return new Promise((resolve) => {
          decide = resolve
        })
      },
    })
    const answer = ping(node)
    await asked.promise
    await node.stop()
    decide(true)
    expect(await answer).toBe('pang')
  })
})
