import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectOptions, EpmdServer, ErlangNode, type NodeOptions } from 'beamlink'
import { afterEach, describe, expect, it } from 'vitest'
import { testCookie } from '../helpers/erl-node.js'
import { HalfOpen, namePacket } from '../helpers/half-open.js'
import { uniqueName } from '../helpers/names.js'

const flood = new HalfOpen()
const nodes: ErlangNode[] = []
afterEach(async () => {
  flood.close()
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  const name = uniqueName('js')
  const node = await ErlangNode.start({ name, cookie: testCookie, epmd: 'none', ...options })
  nodes.push(node)
  return node
}

/** As many of each as must not matter. */
const count = 1_000
const longTimeout = { handshakeTimeoutMs: 60_000 }

/** Half of them say nothing, half stop after the name that `nameOf` gives. */
async function besiege(port: number, nameOf: (index: number) => string): Promise<void> {
  await flood.addAll(2 * count, (index) => {
    const from = `127.0.0.${1 + (index % 7)}`
    return index % 2 === 0
      ? flood.add(port, { from })
      : flood.add(port, { from, bytes: namePacket(nameOf(index)) })
  })
}

/**
 * How long a good peer takes to connect and to get an answer, in milliseconds: the least of three, since
 * a machine that does something else for a moment says nothing about who is kept out.
 */
async function timeToConnect(
  target: ErlangNode,
  good: ErlangNode,
  to: ConnectOptions = { port: target.address?.port ?? 0 },
): Promise<number> {
  const times: number[] = []
  for (let time = 0; time < 3; time += 1) {
    await good.disconnect(target.name)
    const start = performance.now()
    await good.connect(target.name, to)
    expect(await good.ping(target.name)).toBe(true)
    times.push(performance.now() - start)
  }
  return Math.min(...times)
}

describe('a thousand silent callers and a thousand that stop after their first packet', () => {
  it('do not keep a good peer out for a second', async () => {
    const target = await start(longTimeout)
    const good = await start({ listen: false })
    await besiege(target.address?.port ?? 0, (index) => `c${index}@127.0.0.1`)
    expect(await timeToConnect(target, good)).toBeLessThan(1_000)
  })

  it('do not, in the name of the good peer', async () => {
    const target = await start(longTimeout)
    const good = await start({ listen: false })
    await besiege(target.address?.port ?? 0, () => good.name)
    expect(await timeToConnect(target, good)).toBeLessThan(1_000)
  })

  it('do not, while a slow function says who may connect', async () => {
    let asked = 0
    const target = await start({
      ...longTimeout,
      allow: async ({ name }) => {
        asked += 1
        await pause(100)
        return name.startsWith('js')
      },
    })
    const good = await start({ listen: false })
    await besiege(target.address?.port ?? 0, (index) => `c${index}@127.0.0.1`)
    expect(await timeToConnect(target, good)).toBeLessThan(1_000)
    expect(asked).toBeGreaterThan(count / 4)
  })

  it('do not, when they besiege the epmd of this process too', async () => {
    const server = await EpmdServer.listen(0)
    try {
      const epmd = { port: server.port }
      const target = await start({ epmd })
      await flood.addAll(2 * count, (index) =>
        flood.add(server.port, index % 2 === 0 ? {} : { bytes: Buffer.of(0, 5, 122) }),
      )
      const good = await start({ epmd, listen: false })
      expect(await timeToConnect(target, good, {})).toBeLessThan(1_000)
      const another = await start({ epmd })
      expect(await good.ping(another.name)).toBe(true)
    } finally {
      await Promise.all(nodes.splice(0).map((node) => node.stop()))
      await server.close()
    }
  })
})
