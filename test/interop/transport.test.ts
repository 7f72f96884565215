import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Duplex, duplexPair, PassThrough } from 'node:stream'
import { type Drop, ErlangNode, type TransportOptions } from 'beamlink'
import { afterEach, describe, expect, it } from 'vitest'
import { uniqueName } from '../helpers/names.js'
import { deferred, until } from '../helpers/waiting.js'

const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end()
})

async function start(options: Partial<Parameters<typeof ErlangNode.start>[0]> = {}) {
  const node = await ErlangNode.start({
    name: uniqueName('through'),
    cookie: 'secret',
    epmd: 'none',
    listen: false,
    ...options,
  })
  ended.push(() => node.stop())
  return node
}

/** A node whose peers are `node`, by a pair of streams in memory. */
function beside(node: ErlangNode, options: Partial<TransportOptions> = {}): TransportOptions {
  return {
    dial: () => {
      const [ours, theirs] = duplexPair()
      node.accept(theirs, {
        address: 'memory',
        ...(options.packet ? { packet: options.packet } : {}),
      })
      return ours
    },
    ...options,
  }
}

describe('a transport of the user', () => {
  it('may be a Unix socket', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
    ended.push(() => rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'node.sock')
    const called = await start()
    called.expose('shop', { total: (a: number, b: number) => a + b })
    const server = createServer((socket) => called.accept(socket, { address: file }))
    await listening(server, file)
    ended.push(() => server.close())

    const caller = await start({ transport: { dial: () => connect(file) } })
    expect(await caller.rpc(called.name, 'shop', 'total', [40, 2])).toBe(42)
    expect(called.peerAddress(caller.name)).toEqual({ host: file, isIncoming: true })
    expect(caller.address).toBeUndefined()
    // Back the same way: one connection serves both.
    caller.expose('me', { name: () => caller.name })
    expect(String(await called.rpc(caller.name, 'me', 'name', []))).toBe(caller.name)
  })

  it.each([2, 4] as const)(
    'may be a pair in memory, with packets of %i bytes',
    async (packet) => {
      const called = await start()
      called.expose('echo', { size: (bytes: Buffer) => bytes.length })
      const caller = await start({ transport: beside(called, { packet }) })
      expect(await caller.rpc(called.name, 'echo', 'size', [Buffer.alloc(64 << 20)])).toBe(64 << 20)
      const down = until(called, 'nodedown')
      await caller.disconnect(called.name)
      await down
      expect(await caller.rpc(called.name, 'echo', 'size', [Buffer.alloc(3)])).toBe(3)
    },
    30_000,
  )

  it('is asked with the name, what connect was given, and a signal', async () => {
    const called = await start()
    const asked: unknown[] = []
    const { dial } = beside(called)
    const caller = await start({
      transport: {
        dial: (peer, target) => {
          asked.push([peer, target.host, target.port, target.signal.aborted])
          return dial(peer, target)
        },
      },
    })
    await caller.connect(called.name, { host: 'far.example', port: 7 })
    expect(asked).toEqual([[called.name, 'far.example', 7, false]])
  })

  it.each([
    ['throws', () => Promise.reject(new Error('no way')), 'the transport failed: no way'],
    [
      'gives no stream',
      () => 42 as never,
      'what transport.dial gives must be a stream.Duplex, got 42',
    ],
    ['gives an ended stream', () => new PassThrough().destroy(), 'ended'],
  ])('fails the connect when it %s', async (_, dial, message) => {
    const caller = await start({ transport: { dial } })
    await expect(caller.connect('peer@127.0.0.1')).rejects.toMatchObject({
      code: 'ERR_ERL_NOCONNECTION',
      message: expect.stringContaining(message),
    })
  })

  it('that takes too long is told, and its stream destroyed when it comes', async () => {
    const late = deferred<Duplex>()
    const caller = await start({ connectTimeoutMs: 50, transport: { dial: () => late.promise } })
    await expect(caller.connect('peer@127.0.0.1')).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
    const [stream] = duplexPair()
    const closed = until(stream, 'close')
    late.resolve(stream)
    await closed
  })

  it('whose stream breaks takes the connection down, once', async () => {
    const called = await start()
    let stream: Duplex | undefined
    const { dial } = beside(called)
    const caller = await start({
      transport: {
        dial: async (peer, target) => {
          stream = await dial(peer, target)
          return stream
        },
      },
    })
    await caller.connect(called.name)
    const downs: unknown[] = []
    caller.on('nodedown', (name) => downs.push(name))
    const down = until(caller, 'nodedown')
    stream?.destroy(new Error('cut'))
    await down
    expect(downs).toEqual([called.name])
  })

  it('still asks for the cookie', async () => {
    const called = await start()
    const refused = until(called, 'drop', ({ reason }: Drop) => reason === 'refused')
    const caller = await start({ cookie: 'another', transport: beside(called) })
    await expect(caller.connect(called.name)).rejects.toMatchObject({ code: 'ERR_ERL_AUTH' })
    const [drop] = await refused
    expect(drop.peer).toBe(caller.name)
  })
})

describe('accept', () => {
  it('refuses what is no stream, options that nobody knows, and stopped nodes', async () => {
    const node = await start()
    expect(() => node.accept(42 as never)).toThrow('stream must be a stream.Duplex, got 42')
    const [one] = duplexPair()
    expect(() => node.accept(one, { packet: 3 as never })).toThrow('packet must be 2 or 4, got 3')
    expect(() => node.accept(one, { adress: 'x' } as never)).toThrow('did you mean "address"?')
    await node.stop()
    expect(() => node.accept(one)).toThrow('has been stopped')
    expect(one.destroyed).toBe(true)
  })

  it('tells of a stream that says no name', async () => {
    const node = await start()
    const refused = until(node, 'drop', ({ reason }: Drop) => reason === 'refused')
    const [ours, theirs] = duplexPair()
    node.accept(theirs, { address: 'the pipe' })
    ours.end('GET / HTTP/1.1\r\n\r\n')
    const [drop] = await refused
    expect(drop).toMatchObject({ peer: 'the pipe', detail: 'the first packet is no handshake' })
  })
})

function listening(server: Server, file: string): Promise<void> {
  return new Promise((resolve) => {
    server.listen(file, resolve)
  })
}
