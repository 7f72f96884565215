import { describe, expect, it } from 'vitest'
import { ExposedTable } from '../../lib/otp/rpc/exposed.js'

describe('what is exposed', () => {
  it('has names: an array of functions is refused', () => {
    const table = new ExposedTable()
    expect(() => table.expose('m', [() => 1] as never)).toThrow(
      new TypeError('functions must be an object of functions by name, got an array of 1 (object)'),
    )
    expect(table.unexpose('m')).toBe(false)
  })

  it.each([
    ['m'.repeat(256), 'f'],
    ['m', 'f'.repeat(256)],
    ['m', `${'f'.repeat(256)}/2`],
  ])('has names that an atom may have: not %.3s:%.3s', (module, name) => {
    const table = new ExposedTable()
    expect(() => table.expose(module, { [name]: () => 1 })).toThrow(
      /^name of an atom must be at most 255 characters long/,
    )
    expect(table.find(module, name, 2, 'shop@127.0.0.1')).toBeUndefined()
  })
})
