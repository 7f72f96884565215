import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErlangErrorCode } from '../../lib/errors.js'
import { Operation } from '../../lib/native/contract.js'
import { ResolvedDecodeOptions } from '../../lib/native/options.js'
import {
  type ChannelEnd,
  type ChannelUp,
  type Frame,
  type NodeSink,
  type Question,
  type Refusal,
  reactor,
} from '../../lib/native/reactor.js'
import { Atom, atom } from '../../lib/term/atom.js'
import type { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { Arrivals } from '../helpers/waiting.js'

/** One end of a channel: what its node hears. */
class Ear implements NodeSink {
  readonly ports = new Arrivals<number>()
  readonly ups = new Arrivals<ChannelUp>()
  readonly downs = new Arrivals<[channel: number, code: ErlangErrorCode]>()
  readonly drains = new Arrivals<number>()
  readonly refusals = new Arrivals<Refusal>()
  readonly payloads = new Arrivals<Term>()
  onFrame: (frame: Frame) => Term | undefined = (frame) => frame.payload()

  frame(frame: Frame): void {
    reactor.credit(frame.channel, frame.charge)
    const payload = this.onFrame(frame)
    if (payload !== undefined) this.payloads.push(payload)
  }
  channelUp(up: ChannelUp): void {
    this.ups.push(up)
  }
  channelDown(channel: number, { code }: ChannelEnd): void {
    this.downs.push([channel, code])
  }
  dialFailed(channel: number, code: ErlangErrorCode): void {
    this.downs.push([channel, code])
  }
  drained(_: number, cost: number): void {
    this.drains.push(cost)
  }
  listening(port: number): void {
    this.ports.push(port)
  }
  listenFailed(code: ErlangErrorCode, message: string): void {
    throw new Error(`${code}: ${message}`)
  }
  refused(refusal: Refusal): void {
    this.refusals.push(refusal)
  }
  asked(question: Question): void {
    throw new Error(`nobody has told the node to ask: ${question.name}`)
  }
}

function open(name: string, sink: NodeSink, cookie = 'tape'): number {
  return reactor.openNode(
    {
      name,
      cookie,
      creation: 7,
      hidden: true,
      tickTimeMs: 60_000,
      handshakeTimeoutMs: 7_000,
      maxFrameBytes: 128 * 1024 * 1024,
      maxDepth: 10_000,
      maxAtoms: 100_000,
      maxFramesPerSecond: Number.POSITIVE_INFINITY,
      maxQueuedBytes: Number.POSITIVE_INFINITY,
      askBeforeAccept: false,
    },
    sink,
  )
}

const here = new Ear()
const there = new Ear()
const from = new Pid(Atom.of('here@127.0.0.1'), 1, 0, 7)
let nodes: number[] = []
let channel = 0
let port = 0

function send(payload: TermInput, options?: { keys: 'atoms' }): number {
  return reactor.send(channel, Operation.RegSend, [from, atom('name')], payload, options)
}

beforeAll(async () => {
  nodes = [open('here@127.0.0.1', here), open('there@127.0.0.1', there)]
  reactor.ref()
  reactor.listen(nodes[1] as number, '127.0.0.1', 0)
  port = await there.ports.next()
  channel = reactor.dial(nodes[0] as number, {
    address: '127.0.0.1',
    port,
    peer: 'there@127.0.0.1',
    timeoutMs: 5_000,
  })
  await here.ups.next()
})

beforeEach(() => {
  there.onFrame = (frame) => frame.payload()
})

afterAll(() => {
  for (const node of nodes) reactor.closeNode(node)
  reactor.unref()
})

describe('the reactor', () => {
  it('tells both ends what came up', async () => {
    expect(await there.ups.next()).toMatchObject({
      peer: 'here@127.0.0.1',
      creation: 7,
      incoming: true,
    })
  })

  it('brings frames in order, with their fields', async () => {
    there.onFrame = (frame) => [frame.operation, ...frame.fields, frame.payload()]
    for (let i = 0; i < 1_000; i++) send(tuple(i, 'x'.repeat(i % 100)))
    for (let i = 0; i < 1_000; i++) {
      const [operation, sender, name, payload] = (await there.payloads.next()) as Term[]
      expect([operation, sender, name]).toEqual([Operation.RegSend, from, atom('name')])
      expect(payload).toEqual(tuple(i, Buffer.from('x'.repeat(i % 100))))
    }
  })

  it('brings a frame that is sent while another is written, before that and behind all others', async () => {
    const nesting = {
      get inner() {
        send('inner')
        return Buffer.alloc(10)
      },
    }
    for (let i = 0; i < 3; i++) {
      send('before')
      send(nesting)
      send('after')
    }
    const outer = new Map([[Buffer.from('inner'), Buffer.alloc(10)]])
    for (let i = 0; i < 3; i++) {
      expect(await there.payloads.next()).toEqual(Buffer.from('before'))
      expect(await there.payloads.next()).toEqual(Buffer.from('inner'))
      expect([...((await there.payloads.next()) as TermMap)]).toEqual([...outer])
      expect(await there.payloads.next()).toEqual(Buffer.from('after'))
    }
  })

  it('brings small and large frames in the order in which they were sent', async () => {
    const sizes = [1, 70_000, 2, 3, 200_000, 4, 1_000_000, 5]
    for (const size of sizes) {
      send(Buffer.alloc(size))
      send(Array.from({ length: size % 50_000 }, () => 1000))
    }
    for (const size of sizes) {
      expect((await there.payloads.next()) as Buffer).toHaveLength(size)
      expect((await there.payloads.next()) as Term[]).toHaveLength(size % 50_000)
    }
  })

  it('brings what was sent before a frame that has no Erlang form, and what was sent after', async () => {
    send(1)
    expect(() => send([2, [() => 3]] as unknown as Term)).toThrow('has no Erlang form')
    send(4)
    expect([await there.payloads.next(), await there.payloads.next()]).toEqual([1, 4])
  })

  it('brings frames without payload', async () => {
    there.onFrame = (frame) => [frame.operation, frame.hasPayload]
    reactor.send(channel, Operation.Link, [from, from])
    expect(await there.payloads.next()).toEqual([Operation.Link, false])
  })

  it('reads the payload as the receiver asks', async () => {
    there.onFrame = (frame) =>
      frame.payload(new ResolvedDecodeOptions({ binaries: 'utf8', maps: 'object' }))
    send({ key: ['text'] }, { keys: 'atoms' })
    expect(await there.payloads.next()).toEqual({ key: ['text'] })
  })

  it('gives the bytes of the payload', async () => {
    there.onFrame = (frame) => [frame.raw(), frame.payload()]
    send([1, 'two'])
    const [raw, payload] = (await there.payloads.next()) as [Buffer, Term]
    expect(raw.toString('hex')).toBe('6c0000000261016d0000000374776f6a')
    expect(payload).toEqual([1, Buffer.from('two')])
  })

  it('keeps what was read when later frames take the memory', async () => {
    for (let i = 0; i < 500; i++) send(Buffer.alloc(1_000, i))
    const all: Term[] = []
    for (let i = 0; i < 500; i++) all.push(await there.payloads.next())
    for (const [i, binary] of all.entries()) expect(binary).toEqual(Buffer.alloc(1_000, i))
  })

  it('refuses to read a frame that has been delivered', async () => {
    let kept: Frame | undefined
    there.onFrame = (frame) => {
      kept = frame
      return 'seen'
    }
    send('gone')
    await there.payloads.next()
    expect(() => kept?.payload()).toThrow(/delivered/)
    expect(() => kept?.raw()).toThrow(TypeError)
  })

  it.each([40_000, 65_535, 65_536, 3_000_000])(
    'brings a binary of %i bytes, as a view of its frame',
    async (length) => {
      const content = Buffer.alloc(length, 'content')
      send(tuple(1, content))
      const [, binary] = (await there.payloads.next()) as unknown as [number, Buffer]
      expect(binary.equals(content)).toBe(true)
      expect(binary.buffer.byteLength).toBeGreaterThan(length)
      expect(binary.buffer.byteLength).toBeLessThan(length + 1_000)
    },
  )

  it('brings large frames among small ones in order', async () => {
    for (let i = 0; i < 60; i++) send([i, i % 3 === 0 ? Buffer.alloc(50_000, i) : 'small'])
    for (let i = 0; i < 60; i++) {
      const [number, binary] = (await there.payloads.next()) as [number, Buffer]
      expect([number, binary.length]).toEqual([i, i % 3 === 0 ? 50_000 : 5])
    }
  })

  it('tells the cost that has been written', async () => {
    const costs = [send('a'), send(Buffer.alloc(200_000))]
    expect(costs[1]).toBeGreaterThan(200_000)
    reactor.drain(channel, 0)
    expect(await here.drains.next()).toBeGreaterThanOrEqual((costs[0] ?? 0) + (costs[1] ?? 0))
    await there.payloads.next()
    await there.payloads.next()
  })

  it('throws at once what cannot be sent, and sends nothing', async () => {
    expect(() => send([1, undefined as never])).toThrow(/\[1\]: undefined/)
    send('next')
    expect(await there.payloads.next()).toEqual(Buffer.from('next'))
  })

  /** What is thrown to nobody goes to `work`. */
  async function catchingAll(work: (thrown: Arrivals<Error>) => Promise<void>): Promise<void> {
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown = new Arrivals<Error>()
    process.on('uncaughtException', thrown.push)
    try {
      await work(thrown)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  }

  it('delivers on when a sink throws, which becomes an uncaught exception', async () => {
    await catchingAll(async (thrown) => {
      there.onFrame = (frame) => {
        const payload = frame.payload()
        if (payload === 1) throw new Error('from the sink')
        return payload
      }
      for (const i of [0, 1, 2, 1, 3]) send(i)
      for (const i of [0, 2, 3]) expect(await there.payloads.next()).toBe(i)
      for (let i = 0; i < 2; i++) expect((await thrown.next()).message).toBe('from the sink')
    })
  })

  it('delivers on when a sink throws at frames that come one by one', async () => {
    await catchingAll(async (thrown) => {
      there.onFrame = (frame) => {
        const payload = frame.payload()
        there.payloads.push(payload)
        if (Number(payload) % 3 === 0) throw new Error(`at ${payload}`)
        return undefined
      }
      for (let i = 0; i < 100; i++) {
        send(i)
        expect(await there.payloads.next()).toBe(i)
        if (i % 3 === 0) expect((await thrown.next()).message).toBe(`at ${i}`)
      }
    })
  })

  it('lets the event loop turn while much is to be delivered', async () => {
    let delivered = 0
    there.onFrame = () => {
      delivered++
      const until = performance.now() + 0.1
      while (performance.now() < until);
      return delivered === 3_000 ? 'all' : undefined
    }
    for (let i = 0; i < 3_000; i++) send(i)
    const turns: number[] = []
    const turn = () => {
      turns.push(delivered)
      if (delivered < 3_000) setImmediate(turn)
    }
    setImmediate(turn)
    await there.payloads.next()
    const steps = turns.map((count, i) => count - (turns[i - 1] ?? 0))
    expect(Math.max(...steps)).toBeLessThan(1_500)
  })

  it('takes frames for a channel that is gone, and drops them', async () => {
    const second = reactor.dial(nodes[0] as number, {
      address: '127.0.0.1',
      port,
      peer: 'other@127.0.0.1',
      timeoutMs: 5_000,
    })
    expect((await here.downs.next())[0]).toBe(second)
    expect(reactor.send(second, Operation.RegSend, [from, atom('x')], 'lost')).toBe(0)
    expect(reactor.send(second, Operation.RegSend, [from, atom('x')], Buffer.alloc(100_000))).toBe(
      0,
    )
  })

  it('tells both ends that a channel is down', async () => {
    reactor.close(channel)
    expect(await here.downs.next()).toEqual([channel, 'ERR_ERL_CLOSED'])
    expect((await there.downs.next())[1]).toMatch(/^ERR_ERL_(CLOSED|NOCONNECTION)$/)
  })
})
