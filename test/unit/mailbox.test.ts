import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Operation } from '../../lib/native/contract.js'
import { defaultDecodeOptions, resolveDecodeOptions } from '../../lib/native/options.js'
import { AbortListeners } from '../../lib/node/abort-listeners.js'
import { Deadlines } from '../../lib/node/deadlines.js'
import { type Drop, Drops } from '../../lib/node/drops.js'
import { Identity } from '../../lib/node/identity.js'
import { parseNodeName } from '../../lib/node/node-name.js'
import { type MailboxOptions, MailboxProcess } from '../../lib/node/process/mailbox-process.js'
import { Processes } from '../../lib/node/process/processes.js'
import { Seekers } from '../../lib/node/process/seekers.js'
import { atom } from '../../lib/term/atom.js'
import { RawTerm } from '../../lib/term/raw.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { frameOf, RecordedRoute } from '../helpers/recorded-route.js'

const identity = new Identity(parseNodeName('name', 'web@127.0.0.1'))

let route: RecordedRoute
let drops: Drop[]
let options: MailboxOptions
let process: MailboxProcess

function start(changes: Partial<MailboxOptions> = {}): MailboxProcess {
  const outlet = { route: () => route, send: () => Promise.resolve() }
  const processes = new Processes(identity, undefined, outlet)
  const started = new MailboxProcess(identity.nextPid(), processes, { ...options, ...changes })
  processes.add(started)
  return started
}

beforeEach(() => {
  route = new RecordedRoute('shop@127.0.0.1')
  drops = []
  options = {
    decode: defaultDecodeOptions,
    drops: new Drops((drop) => drops.push(drop)),
    deadlines: new Deadlines(),
    aborts: new AbortListeners(),
    seekers: new Seekers(),
  }
  process = start()
})

function deliver(...messages: Term[]): void {
  for (const message of messages) {
    const frame = Object.assign(frameOf(Operation.Send, [process.pid], message), { charge: 10 })
    process.deliver(frame, undefined, route)
  }
}

const isEven = (message: Term): message is number => Number(message) % 2 === 0

/** What a settled promise holds; 'pending' for one that is not. */
function stateOf(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, new Promise((resolve) => setImmediate(resolve, 'pending'))])
}

describe('receive refuses', () => {
  it.each([
    [{ timeoutMs: -1 }, 'timeoutMs must be a number ≥ 0, got -1 (number)'],
    [{ timeoutMs: '5' }, 'timeoutMs must be a number ≥ 0, got "5" (string)'],
    [{ match: atom('ok') }, 'match must be a function, got an instance of Atom (object)'],
    [{ signal: {} }, 'signal must be an AbortSignal'],
    [{ timeout: 5 }, 'unknown option "timeout" of receive; did you mean "timeoutMs"?'],
    [7, 'options must be an object, got 7 (number)'],
  ])('%o', async (bad, message) => {
    await expect(process.receive(bad as never)).rejects.toThrow(message)
  })

  it('an ended process, which says why', async () => {
    process.exit(tuple(atom('bad'), 1))
    await expect(process.receive()).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
      reason: tuple(atom('bad'), 1),
      message: expect.stringContaining('has ended: {bad,1}'),
    })
  })
})

describe('receive', () => {
  it('takes messages in order, and waits for those that are not there', async () => {
    deliver(1, 2)
    expect(await process.receive()).toBe(1)
    expect(await process.receive()).toBe(2)
    const third = process.receive()
    expect(await stateOf(third)).toBe('pending')
    deliver(3)
    expect(await third).toBe(3)
  })

  it('leaves what does not match where it is', async () => {
    deliver(1, 2, 3, 4, 5)
    expect(await process.receive({ match: isEven })).toBe(2)
    expect(await process.receive({ match: isEven })).toBe(4)
    expect([await process.receive(), await process.receive()]).toEqual([1, 3])
    expect(process.queueLength).toBe(1)
  })

  it('serves those who wait in order, each with what it wants', async () => {
    const first = process.receive({ match: isEven })
    const second = process.receive()
    const third = process.receive()
    deliver(1, 3, 6, 8)
    expect(await Promise.all([first, second, third])).toEqual([6, 1, 3])
    expect(await process.receive()).toBe(8)
  })

  it('does not ask a match about what it has turned down', async () => {
    const match = vi.fn(isEven)
    deliver(...Array.from({ length: 1_000 }, () => 1))
    for (let round = 0; round < 100; round += 1) {
      expect(await process.receive({ match, timeoutMs: 0, orElse: 'none' })).toBe('none')
    }
    expect(match).toHaveBeenCalledTimes(1_000)
    deliver(3, 2)
    expect(await process.receive({ match })).toBe(2)
    expect(match).toHaveBeenCalledTimes(1_002)
    expect(process.queueLength).toBe(1_001)
  })

  it('finds what came before with another match', async () => {
    deliver(1, 2, 3)
    expect(await process.receive({ match: isEven })).toBe(2)
    expect(await process.receive({ match: (message) => message === 1 })).toBe(1)
    expect(await process.receive({ match: (message) => message === 3 })).toBe(3)
  })

  it('keeps order and count however messages are taken', async () => {
    const expected: number[] = []
    for (let i = 0; i < 2_000; i += 1) {
      deliver(i)
      expected.push(i)
      if (i % 3 !== 0) continue
      const wanted = expected.splice((i * 7) % expected.length, 1)[0]
      expect(await process.receive({ match: (message) => message === wanted })).toBe(wanted)
    }
    expect(process.queueLength).toBe(expected.length)
    for (const next of expected) expect(await process.receive()).toBe(next)
    expect(process.queueLength).toBe(0)
  })

  it('rejects with what match throws, and the message stays', async () => {
    const match = () => {
      throw new RangeError('no')
    }
    deliver(1)
    await expect(process.receive({ match })).rejects.toThrow('no')
    expect(await process.receive()).toBe(1)
    const [waiting, next] = [process.receive({ match }), process.receive()]
    deliver(2)
    await expect(waiting).rejects.toThrow('no')
    expect(await next).toBe(2)
  })
})

describe('a receive that ends without a message', () => {
  it('rejects with ERR_ERL_TIMEOUT and leaves nothing behind', async () => {
    const late = process.receive({ timeoutMs: 1 })
    await expect(late).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
    deliver(1)
    expect(process.queueLength).toBe(1)
  })

  it.each([[undefined], [null], ['else']])('gives orElse, here %o', async (orElse) => {
    expect(await process.receive({ timeoutMs: 0, orElse })).toBe(orElse)
    expect(await process.receive({ timeoutMs: 1, orElse })).toBe(orElse)
  })

  it('with 0 looks at what is there', async () => {
    deliver(1)
    expect(await process.receive({ timeoutMs: 0 })).toBe(1)
    await expect(process.receive({ timeoutMs: 0 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
  })

  it('rejects with the reason of the signal, and leaves nothing behind', async () => {
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const waiting = process.receive({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(removed).toHaveBeenCalledOnce()
    deliver(1)
    expect(process.queueLength).toBe(1)
    await expect(process.receive({ signal: controller.signal })).rejects.toThrow('enough')
    expect(process.queueLength).toBe(1)
  })

  it('rejects with ERR_ERL_CLOSED when the process ends', async () => {
    const waiting = process.receive()
    process.exit(atom('why'))
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED', reason: atom('why') })
  })
})

describe('the bytes of a message', () => {
  it('are given back when it is taken, not before', async () => {
    deliver(1, 2)
    expect(route.consumedBytes).toBe(0)
    await process.receive()
    expect(route.consumedBytes).toBe(10)
    const waiting = process.receive({ match: (message) => message === 3 })
    deliver(3)
    await waiting
    expect(route.consumedBytes).toBe(20)
  })

  it('are given back when the process ends, and the messages are counted', () => {
    deliver(1, 2)
    process.exit()
    expect(route.consumedBytes).toBe(20)
    expect(drops).toMatchObject([{ reason: 'unknownProcess', peer: route.name, count: 2 }])
  })
})

describe('a mailbox read as', () => {
  const exit = tuple(atom('EXIT'), new Identity(parseNodeName('name', 'a@b.c')).nextPid(), 'why')

  it('raw gives all its messages as bytes', async () => {
    process = start({ decode: 'raw' })
    deliver(tuple(atom('ok'), 1))
    process.notify(exit)
    const [message, own] = [await process.receive(), await process.receive()]
    expect([RawTerm.is(message), RawTerm.is(own)]).toEqual([true, true])
  })

  it('Elixir gives texts as strings, in messages of its own node too', async () => {
    process = start({ decode: resolveDecodeOptions('elixir') })
    deliver('text')
    process.notify(exit)
    expect(await process.receive()).toBe('text')
    expect(await process.receive()).toMatchObject({ elements: [atom('EXIT'), exit[1], 'why'] })
  })
})

describe('iterating over messages', () => {
  it('gives each, until the process ends', async () => {
    deliver(1, 2)
    const seen: Term[] = []
    for await (const message of process) {
      seen.push(message)
      if (message === 2) setImmediate(deliver, 3)
      if (message === 3) setImmediate(() => process.exit(atom('done')))
    }
    expect(seen).toEqual([1, 2, 3])
    for await (const message of process) seen.push(message)
    expect(seen).toHaveLength(3)
  })

  it('leaves the rest in the mailbox when it is left', async () => {
    deliver(1, 2, 3)
    for await (const message of process) if (message === 2) break
    expect(await process.receive()).toBe(3)
  })
})
