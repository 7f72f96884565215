import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { compare, equals } from '../../lib/term/compare.js'
import { float } from '../../lib/term/float.js'
import { charlist, ImproperList, improper } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { RawTerm } from '../../lib/term/raw.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { anyTerm, ORDERED } from '../helpers/term-samples.js'

// The order itself is held against a real Erlang in test/interop/format-order.test.ts.

const NO_TERMS: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  () => 1,
  Symbol('s'),
  new Date(0),
  new (class Order {})(),
  new Set(),
  new ArrayBuffer(1),
  new Float64Array(1),
  new WeakMap(),
]

/** A term nested `levels` deep, made of what `wrap` makes of the level below. */
function nested(levels: number, wrap: (inner: Term) => unknown, bottom: Term = 0): Term {
  let term = bottom
  for (let i = 0; i < levels; i++) term = wrap(term) as Term
  return term
}

const WRAPS: readonly [string, (inner: Term) => unknown][] = [
  ['lists', (inner) => [1, inner]],
  ['tuples', (inner) => tuple(inner)],
  ['improper lists', (inner) => improper([inner], 1)],
  ['tails', (inner) => new ImproperList([1], inner)],
  ['values of maps', (inner) => new TermMap([[1, inner]])],
  ['values of objects', (inner) => ({ a: inner })],
  [
    'keys of maps',
    (inner) => TermMap.fromFlat([inner, 1, new Map([[1, 1]]) as unknown as Term, 2]),
  ],
]

describe.each([
  ['compare', compare as (a: TermInput, b: TermInput) => unknown],
  ['equals', equals as (a: TermInput, b: TermInput) => unknown],
])('%s', (_, relate) => {
  it('refuses what has no Erlang form, at any depth', () => {
    for (const value of NO_TERMS) {
      expect(() => relate(value as Term, 1)).toThrow(TypeError)
      expect(() => relate(1, value as Term)).toThrow(
        /^term must be a value with an Erlang form, got /,
      )
      expect(() => relate([tuple(value as Term)], [tuple(1)])).toThrow(TypeError)
    }
  })

  it('refuses terms that contain themselves', () => {
    const endless = (): Term => {
      const list: Term[] = []
      list.push(list)
      return list
    }
    expect(() => relate(endless(), endless())).toThrow(/seems to contain itself/)
  })

  it.each(WRAPS)('takes 10,000 levels of %s', (_name, wrap) => {
    const [left, right, other] = [0, 0, 7].map((bottom) => nested(10_000, wrap, bottom))
    expect(Number(relate(left as Term, right as Term))).toBe(relate === compare ? 0 : 1)
    expect(Number(relate(left as Term, other as Term))).toBe(relate === compare ? -1 : 0)
  })
})

describe('equals', () => {
  it('tells integers from floats', () => {
    expect(equals(1, float(1))).toBe(false)
    expect(equals(2 ** 53, 2n ** 53n)).toBe(false)
    expect(equals(-0, 0)).toBe(false)
    expect(equals(tuple(1), tuple(float(1)))).toBe(false)
  })

  it.each([
    ['integers of both types', 5, 5n],
    ['a plain float and a Float', 1.5, float(1.5)],
    ['0.0 and -0.0', float(0), float(-0)],
    ['-0 and 0.0', -0, float(0)],
    ['a string and its bytes', 'é', Buffer.from('é')],
    ['bytes of two classes', Buffer.of(1, 2), new Uint8Array([1, 2])],
    ['true and the atom of that name', true, Atom.of('true')],
    ['null and nil', null, atom('nil')],
    ['a charlist and its code points', charlist('a€'), [97, 8364]],
    ['the empty charlist and []', charlist(''), []],
    ['a tail that is a list and the whole list', new ImproperList([1], [2, 3]), [1, 2, 3]],
    [
      'an object and a Map',
      { a: 1, b: [2] },
      new Map<string, Term>([
        ['b', [2]],
        ['a', 1],
      ]),
    ],
    ['a Map and a TermMap', new Map([[tuple(1), 1]]), new TermMap([[tuple(1), 1]])],
    [
      'data that looks like an atom and its map',
      { kind: 'atom', name: 'ok' },
      new Map([
        ['kind', 'atom'],
        ['name', 'ok'],
      ]),
    ],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ] as [string, TermInput, TermInput][])('finds equal: %s', (_, left, right) => {
    expect(equals(left, right)).toBe(true)
    expect(equals(right, left)).toBe(true)
    expect(equals([left, 1], [right, 1])).toBe(true)
    expect(compare(left, right)).toBe(0)
  })

  it.each([
    ['maps of other keys', { a: 1 }, { b: 1 }],
    ['maps of other values', { a: 1 }, { a: 2 }],
    ['a map with more keys', { a: 1 }, { a: 1, b: 2 }],
    ['a list and its beginning', [1, 2], [1]],
    ['a list and an improper one', [1], improper([1], 2)],
    ['an atom and its text', atom('a'), 'a'],
    ['a list and a tuple', [1], tuple(1)],
    ['raw and local bytes', new RawTerm(Buffer.of(106)), new LocalTerm(Buffer.of(106))],
    ['raw bytes and what they mean', new RawTerm(Buffer.of(106)), []],
    ['text and other text', 'a', 'b'],
  ] as [string, TermInput, TermInput][])('tells apart: %s', (_, left, right) => {
    expect(equals(left, right)).toBe(false)
    expect(equals(right, left)).toBe(false)
    expect(compare(left, right)).toBe(-compare(right, left))
    expect(compare(left, right)).not.toBe(0)
  })

  it('finds terms of another copy of the package equal', async () => {
    vi.resetModules()
    const other = await import('../helpers/term-samples.js')
    expect(other.ORDERED.find(Atom.is)).not.toBe(ORDERED.find(Atom.is))
    for (const [i, term] of ORDERED.entries()) {
      const twin = other.ORDERED[i] as TermInput
      expect([term, equals(term, twin), compare(twin, term)]).toEqual([term, true, 0])
    }
  })
})

describe('compare', () => {
  const sample = fc.oneof(anyTerm, fc.constantFrom(...ORDERED))

  it('gives -1, 0 or 1', () => {
    expect([
      compare([1, 2], [9]),
      compare('abc', 'abc'),
      compare(tuple(1, 2, 3), tuple(1)),
    ]).toEqual([-1, 0, 1])
  })

  it('is the same from both sides, and 0 for equal terms', () => {
    fc.assert(
      fc.property(sample, sample, (left, right) => {
        expect(compare(left, right) + compare(right, left)).toBe(0)
        if (equals(left, right)) expect(compare(left, right)).toBe(0)
        expect(compare(left, left)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('sorts characters beyond the basic plane after all others', () => {
    const sorted = ['a', '\ud7ff', '\ue000', '\uffff', '\u{10000}']
    expect([...sorted].reverse().sort(compare)).toEqual(sorted)
    const atoms = sorted.map((name) => atom(name))
    expect([...atoms].reverse().sort(compare)).toEqual(atoms)
    const bytes = sorted.map((text) => Buffer.from(text))
    expect([...bytes].reverse().sort(compare)).toEqual(bytes)
  })

  it('puts unread terms after all others, by their bytes', () => {
    const local = [Buffer.of(121, 1), Buffer.of(121, 2)].map((bytes) => new LocalTerm(bytes))
    const raw = new RawTerm(Buffer.of(97, 0))
    const sorted: TermInput[] = ['zz', ...local, raw]
    expect([...sorted].reverse().sort(compare)).toEqual(sorted)
  })
})
