import { describe, expect, it } from 'vitest'
import { resolveRestart } from '../../lib/tasks/definition/restart-options.js'
import { Backoff, RestartWindow } from '../../lib/tasks/run/restart-window.js'

describe('the count of restarts', () => {
  it('allows no restart where the limit is 0', () => {
    expect(new RestartWindow(resolveRestart({ restarts: 0 })).add(0)).toBe(false)
  })

  it('allows so many within a period, and more when the first are long past', () => {
    const window = new RestartWindow(resolveRestart({ restarts: 2, periodMs: 1_000 }))
    expect([0, 500, 1_000].map((now) => window.add(now))).toEqual([true, true, false])
    // The one at 0 counts until 1,000, the one at 500 until 1,500.
    expect([1_001, 1_002, 1_501].map((now) => window.add(now))).toEqual([true, false, true])
  })

  it('has no limit with Infinity', () => {
    const window = new RestartWindow(resolveRestart({ restarts: Infinity }))
    expect(Array.from({ length: 1_000 }, () => window.add(0)).every(Boolean)).toBe(true)
  })
})

describe('the pause before a restart', () => {
  it('doubles up to the longest, and is short again after a long life', () => {
    const backoff = new Backoff(resolveRestart({ minMs: 10, maxMs: 50, periodMs: 1_000 }))
    expect([1, 1, 1, 1, 1_001, 1].map((lived) => backoff.next(lived))).toEqual([
      10, 20, 40, 50, 10, 20,
    ])
  })

  it('stays finite however often it doubles', () => {
    const backoff = new Backoff(resolveRestart({ minMs: 0 }))
    for (let restart = 0; restart < 2_000; restart += 1) expect(backoff.next(0)).toBe(0)
  })
})
