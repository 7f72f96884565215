import { describe, expect, it } from 'vitest'
import { Wakes } from '../../lib/native/wakes.js'

/** Counts the wakes that come later than the frame they are for. */
function start() {
  let later = 0
  const wakes = new Wakes(() => {
    later++
  })
  return { wakes, later: () => later }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

describe('when the reactor is woken for frames', () => {
  it('is at once for the first frame of a turn', async () => {
    const { wakes, later } = start()
    expect(wakes.canWait(100)).toBe(false)
    await nextTurn()
    expect(later()).toBe(0)
  })

  it('is once, at the end of the turn, for those that follow', async () => {
    const { wakes, later } = start()
    wakes.canWait(100)
    expect([wakes.canWait(100), wakes.canWait(100)]).toEqual([true, true])
    expect(later()).toBe(0)
    await nextTurn()
    expect(later()).toBe(1)
  })

  it('is at the end of the turn for all answers to events', async () => {
    const { wakes, later } = start()
    wakes.eventsDelivered()
    expect([wakes.canWait(100), wakes.canWait(100)]).toEqual([true, true])
    await nextTurn()
    expect(later()).toBe(1)
  })

  it('comes after the microtasks that answer the same batch', async () => {
    const { wakes, later } = start()
    wakes.eventsDelivered()
    wakes.canWait(100)
    let wokenBefore = -1
    await Promise.resolve().then(() => {
      wokenBefore = later()
      wakes.canWait(100)
    })
    await nextTurn()
    expect([wokenBefore, later()]).toEqual([0, 1])
  })

  it('comes after the microtasks of a turn that begins with a frame', async () => {
    const { wakes, later } = start()
    let wokenBefore = -1
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        wakes.eventsDelivered()
        wakes.canWait(100)
        const answered = Promise.resolve().then(() => Promise.resolve())
        void answered.then(() => {
          wokenBefore = later()
          wakes.canWait(100)
          resolve()
        })
      })
    })
    await nextTurn()
    expect([wokenBefore, later()]).toEqual([0, 1])
  })

  it('does not wait when much has gathered', async () => {
    const { wakes, later } = start()
    wakes.eventsDelivered()
    expect([wakes.canWait(40_000), wakes.canWait(40_000)]).toEqual([true, false])
    await nextTurn()
    expect(later()).toBe(0)
  })

  it('starts afresh in each turn', async () => {
    const { wakes } = start()
    wakes.eventsDelivered()
    wakes.canWait(100)
    await nextTurn()
    expect(wakes.canWait(100)).toBe(false)
  })
})
