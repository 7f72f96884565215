import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { equals } from '../../lib/term/compare.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Turns the event loop and collects garbage until `isDone`; the test's timeout is the deadline. */
async function collectUntil(isDone: () => boolean): Promise<void> {
  do {
    await turn()
    collectGarbage()
  } while (!isDone())
}

describe('atom', () => {
  it.each([[undefined], [null], [1], [{}], [Symbol('a')]])('refuses %s as a name', (name) => {
    expect(() => atom(name as unknown as string)).toThrow(/^name of an atom must be a string, got /)
    expect(() => atom(name as unknown as string)).toThrow(TypeError)
  })

  it('refuses 256 characters with a RangeError, however many bytes or code units they take', () => {
    const rule = /^name of an atom must be at most 255 characters long/
    for (const character of ['a', 'é', '\u{1f600}']) {
      expect(() => atom(character.repeat(256))).toThrow(rule)
      expect(() => atom(character.repeat(256))).toThrow(RangeError)
      expect(atom(character.repeat(255))).toBeInstanceOf(Atom)
    }
  })

  it.each(['\ud800', 'a\udc00', '\udc00\ud800'])('refuses lone surrogates (%j)', (name) => {
    expect(() => atom(name)).toThrow(TypeError)
    expect(() => Atom.of(name)).toThrow(/without lone surrogates/)
  })

  it('gives booleans for true and false, which Atom.of does not', () => {
    expect(atom('true')).toBe(true)
    expect(atom('false')).toBe(false)
    expect(Atom.of('true')).toMatchObject({ kind: 'atom', name: 'true' })
  })

  it('gives one object for one name', () => {
    expect(atom('ok')).toBe(atom('ok'))
    expect(atom('')).toBe(Atom.of(''))
    expect(atom('ok')).not.toBe(atom('Ok'))
    expect(atom('\u{1f600}').name).toBe('\u{1f600}')
  })

  it('prints as its name in text and JSON', () => {
    expect(`${atom('ok')}`).toBe('ok')
    expect(JSON.stringify({ status: atom('ok') })).toBe('{"status":"ok"}')
  })

  it('is recognised when another copy of the package made it', async () => {
    vi.resetModules()
    const other = await import('../../lib/term/atom.js')
    const foreign = other.atom('ok')
    expect(foreign).not.toBe(atom('ok'))
    expect(Atom.is(foreign)).toBe(true)
    expect(equals(foreign, atom('ok'))).toBe(true)
  })

  it('is not confused with plain data of the same shape', () => {
    expect(Atom.is({ kind: 'atom', name: 'ok', bookId: -1 })).toBe(false)
    expect(Atom.is(null)).toBe(false)
    expect(Atom.is('ok')).toBe(false)
  })
})

describe('the table of atoms', () => {
  it('lets go of an atom that nobody holds, and makes a new one for its name', async () => {
    const gone = new WeakRef<Atom>(atom('only here'))
    await collectUntil(() => gone.deref() === undefined)
    expect(atom('only here')).toMatchObject({ name: 'only here', bookId: -1 })
  })

  it('keeps an atom that someone holds', async () => {
    const held = atom('held on to')
    held.bookId = 7
    const witness = new WeakRef<Atom>(atom('a witness'))
    await collectUntil(() => witness.deref() === undefined)
    expect(atom('held on to')).toBe(held)
    expect(atom('held on to').bookId).toBe(7)
  })

  it('gives back the memory of 100,000 names', async () => {
    await collectUntil(() => true)
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 100_000; i++) atom(`passing ${i}`)
    const grown = () => process.memoryUsage().heapUsed - before
    expect(grown()).toBeGreaterThan(8 << 20)
    await collectUntil(() => grown() < 4 << 20)
  })
})
