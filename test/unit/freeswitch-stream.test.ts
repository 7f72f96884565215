import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Gap, Stream } from '../../lib/freeswitch/client/stream.js'

interface Item {
  readonly number: number
}

function streamOf(options: Partial<ConstructorParameters<typeof Stream>[0]> = {}) {
  const seen = { closed: 0 }
  const stream = new Stream<Item>({ queueLimit: 3, ...options }, () => {
    seen.closed += 1
  })
  return { stream, seen }
}

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

async function numbersOf(stream: Stream<Item>): Promise<number[]> {
  const numbers: number[] = []
  for await (const { number } of stream) numbers.push(number)
  return numbers
}

describe('a stream of items', () => {
  it('throws into its reader what it failed with, once, after what was waiting', async () => {
    const { stream } = streamOf()
    stream.push({ number: 1 })
    stream.fail(new RangeError('no more'))
    stream.push({ number: 2 })
    expect(await stream.next()).toEqual({ done: false, value: { number: 1 } })
    await expect(stream.next()).rejects.toThrow('no more')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await expect(stream.ready).rejects.toThrow('no more')
  })

  it('throws the reason of its signal, and drops what was waiting', async () => {
    const controller = new AbortController()
    const { stream, seen } = streamOf({ signal: controller.signal })
    stream.push({ number: 1 })
    controller.abort(new Error('enough'))
    await expect(stream.next()).rejects.toThrow('enough')
    expect(seen.closed).toBe(1)
  })

  it('shares one listener on its signal with others, which ends them all', async () => {
    const { signal, abort } = abortable()
    const streams = Array.from({ length: 20 }, () => streamOf({ signal }).stream)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    for (const stream of streams.slice(1, 10)) stream.close()
    abort()
    expect(streams.every(({ isClosed }) => isClosed)).toBe(true)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('is over at once with a signal that is aborted already', async () => {
    const { stream } = streamOf({ signal: AbortSignal.abort(new Error('before')) })
    expect(stream.isClosed).toBe(true)
    await expect(stream.next()).rejects.toThrow('before')
  })

  it('loses the newest above its limit, and says where and how many', async () => {
    const gaps: Gap[] = []
    const { stream } = streamOf({ onGap: (gap) => gaps.push(gap) })
    for (let number = 1; number <= 6; number += 1) stream.push({ number })
    expect(stream.lost).toBe(0)
    await stream.next()
    await stream.next()
    stream.push({ number: 7 })
    stream.end()
    expect(await numbersOf(stream)).toEqual([3, 7])
    expect(gaps).toEqual([{ why: 'overflow', lost: 3 }])
    expect(stream.lost).toBe(3)
    expect(stream.gaps).toBe(1)
  })

  it('tells of a lost connection between the items before and after it', async () => {
    const order: unknown[] = []
    const { stream } = streamOf({ onGap: ({ why }) => order.push(why) })
    stream.push({ number: 1 })
    stream.gap('disconnected')
    stream.push({ number: 2 })
    stream.end()
    for await (const { number } of stream) order.push(number)
    expect(order).toEqual([1, 'disconnected', 2])
  })

  it('serves readers in the order in which they asked, and ends them all', async () => {
    const { stream } = streamOf()
    const reads = [stream.next(), stream.next(), stream.next()]
    stream.push({ number: 1 })
    stream.end()
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: { number: 1 } },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
  })

  it('is closed, once, when its loop is left', async () => {
    const { stream, seen } = streamOf()
    stream.push({ number: 1 })
    stream.push({ number: 2 })
    for await (const { number } of stream) if (number === 1) break
    stream.close()
    expect(stream.isClosed).toBe(true)
    expect(seen.closed).toBe(1)
    expect(stream.queueLength).toBe(0)
  })

  it('keeps its order over thousands of items', async () => {
    const { stream } = streamOf({ queueLimit: 10_000 })
    for (let number = 0; number < 5_000; number += 1) stream.push({ number })
    stream.end()
    expect(await numbersOf(stream)).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
  })
})
