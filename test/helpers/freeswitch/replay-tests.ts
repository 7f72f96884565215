import type { EventHostOptions, TextEncoding } from 'beamlink/freeswitch'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareReplies } from './compare.js'
import { Replay, recordedCases } from './replay.js'
import { setups } from './replay-setup.js'

/** One test for each recorded case of a part of the recording, done in order against one switch. */
export function replays(options: {
  readonly encoding: TextEncoding
  readonly from: string
  readonly to: string
  readonly hostOptions?: EventHostOptions
}): void {
  const { encoding, from, to, hostOptions = {} } = options
  const all = recordedCases()
  let replay: Replay
  beforeAll(async () => {
    replay = await Replay.start({ encoding, hostOptions })
  })
  afterAll(() => replay.stop())

  it.each(all.slice(all.indexOf(from), all.indexOf(to) + 1))('%s', async (name) => {
    const { recorded, other } = await replay.expected(name)
    const { isTrimmed } = recorded
    const anyOrder = setups[name]?.anyOrder ?? false
    if (name === 'two_nodes_listeners') await replay.startSecondNode()
    const { replies, tookMs } = await replay.run(name)
    // Timers may be early by the part of a millisecond that is cut off.
    expect(tookMs + 2).toBeGreaterThanOrEqual(setups[name]?.leastMs ?? 0)
    const asRecorded = compareReplies(recorded.replies, replies, {
      encoding,
      isTrimmed,
      anyOrder,
    })
    if (other === undefined) {
      expect(asRecorded).toBeUndefined()
    } else {
      expect(compareReplies(other, replies, { encoding, isTrimmed: true })).toBeUndefined()
      expect(asRecorded, 'answered as recorded, though listed as a difference').toBeDefined()
    }
  })
}
