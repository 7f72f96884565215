import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { type Effort, repeat, slopeOf, startLeakServices } from '../helpers/leaks.js'

/** `npm run test:leaks` sets it; else it is seconds' worth, which shows what leaks a lot. */
const isFull = process.env.BEAMLINK_LEAKS === 'full'

interface Case extends Effort {
  readonly thing: string
  /** Resident bytes that one time may leave behind. */
  readonly bytesEach: number
}

const brief: Case[] = [
  { thing: 'messages', rounds: 9, times: 4_000, bytesEach: 400 },
  { thing: 'connects', rounds: 9, times: 25, bytesEach: 100_000 },
  { thing: 'pairs', rounds: 9, times: 25, bytesEach: 100_000 },
  { thing: 'starts', rounds: 9, times: 4, bytesEach: 300_000 },
  { thing: 'workers', rounds: 6, times: 2, bytesEach: 2_000_000 },
]

const full: Case[] = [
  { thing: 'messages', rounds: 25, times: 40_000, bytesEach: 10 },
  { thing: 'connects', rounds: 25, times: 400, bytesEach: 300 },
  { thing: 'pairs', rounds: 25, times: 400, bytesEach: 500 },
  { thing: 'starts', rounds: 25, times: 40, bytesEach: 2_000 },
  { thing: 'workers', rounds: 25, times: 40, bytesEach: 10_000 },
]

describe('what a process holds', () => {
  let erl: ErlNode
  beforeAll(async () => {
    erl = await ErlNode.start()
    await startLeakServices(erl)
  })
  afterAll(() => erl.stop())

  it.each(isFull ? full : brief)(
    'stays the same through $rounds times $times $thing',
    async ({ thing, rounds, times, bytesEach }) => {
      const started = performance.now()
      const holdings = await repeat(thing, { rounds, times }, erl)
      const seconds = (performance.now() - started) / 1000
      const settled = holdings.slice(Math.floor(rounds / 2))
      const slope = slopeOf(settled.map(({ rss }) => rss)) / times
      const [first, last] = [settled[0], settled.at(-1)]
      process.stdout.write(
        `${thing}: ${rounds * times} in ${seconds.toFixed(1)} s, ${slope.toFixed(1)} B each, ` +
          `${JSON.stringify(first)} to ${JSON.stringify(last)}\n`,
      )
      expect(last?.descriptors).toBe(first?.descriptors)
      expect(last?.threads).toBe(first?.threads)
      expect(slope).toBeLessThan(bytesEach)
    },
    isFull ? 1_800_000 : 60_000,
  )
})
