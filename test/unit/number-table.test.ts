import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberTable } from '../../lib/node/number-table.js'

/** Few keys with few homes, so that they get in each other's way; large ones lie beyond 32 bits. */
const key = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 0, max: 40 }).map((n) => 64 * n + 7),
  fc.integer({ min: 0, max: 40 }).map((n) => 2 ** 40 + 2 ** 18 * n),
)
const step = fc.tuple(fc.constantFrom('set', 'delete', 'get'), key)

describe('a table of numbers', () => {
  it('is what a Map is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const table = new NumberTable<number>()
        const map = new Map<number, number>()
        for (const [at, [what, one]] of steps.entries()) {
          if (what === 'delete') expect(table.delete(one)).toBe(map.delete(one))
          else if (what === 'get') expect(table.get(one)).toBe(map.get(one))
          else {
            table.set(one, at)
            map.set(one, at)
          }
          expect(table.size).toBe(map.size)
        }
        for (const [one, value] of map) expect(table.get(one)).toBe(value)
        expect(table.values().sort()).toEqual([...map.values()].sort())
      }),
      { numRuns: 500 },
    )
  })

  it('has nothing under 0, which marks empty slots', () => {
    const table = new NumberTable<string>()
    table.set(64, 'a')
    expect(table.get(0)).toBeUndefined()
    expect(table.delete(0)).toBe(false)
  })

  it('takes as many as come, while one of the first stays', () => {
    const table = new NumberTable<number>()
    table.set(1, 1)
    for (let n = 2; n <= 50_000; n++) {
      table.set(n, n)
      if (n % 3 !== 0) table.delete(n)
    }
    expect(table.size).toBe(1 + Math.floor(50_000 / 3))
    expect([table.get(1), table.get(2), table.get(49_998)]).toEqual([1, undefined, 49_998])
  })
})
