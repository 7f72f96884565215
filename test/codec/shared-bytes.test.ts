import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { SharedBytes } from '../../lib/native/shared-bytes.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Whether the array survives, after all that can be collected is. */
async function survives(array: WeakRef<Uint8Array>): Promise<boolean> {
  // A WeakRef that has been looked at stays alive for the rest of its turn.
  await new Promise(setImmediate)
  collect()
  return array.deref() !== undefined
}

function pin(shared: SharedBytes, channel: number): [ticket: number, array: WeakRef<Uint8Array>] {
  const array = new Uint8Array(100_000)
  return [shared.pin(channel, [array]), new WeakRef(array)]
}

describe('bytes handed to the reactor', () => {
  it('live until their ticket is released, and no longer', async () => {
    const shared = new SharedBytes()
    const [first, one] = pin(shared, 1)
    const [second, two] = pin(shared, 1)
    const [, three] = pin(shared, 2)
    expect([await survives(one), await survives(two)]).toEqual([true, true])
    shared.release(1, first)
    expect([await survives(one), await survives(two)]).toEqual([false, true])
    shared.release(1, second)
    expect([await survives(two), await survives(three)]).toEqual([false, true])
  })

  it('are let go when their channel is gone', async () => {
    const shared = new SharedBytes()
    const [, one] = pin(shared, 1)
    const [, two] = pin(shared, 2)
    shared.releaseAll(1)
    expect([await survives(one), await survives(two)]).toEqual([false, true])
    shared.release(1, 99)
    shared.releaseAll(3)
  })
})
