import { deepStrictEqual } from 'node:assert'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { equals } from '../../lib/term/compare.js'
import { float } from '../../lib/term/float.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { anyTerm, ORDERED } from '../helpers/term-samples.js'

const shop = Atom.of('shop@127.0.0.1')
const NO_TERMS: readonly unknown[] = [undefined, Number.NaN, () => 1, Symbol('s'), new Date(0)]

/** The same key in all its shapes; different rows are different keys. */
const KEYS: readonly (readonly TermInput[])[] = [
  [1, 1n],
  [float(1)],
  [1.5, float(1.5)],
  [0],
  [float(0), -0, float(-0)],
  [2n ** 64n],
  [2 ** 64, float(2 ** 64)],
  ['a', Buffer.from('a'), new Uint8Array([97])],
  ['é', Buffer.from('é')],
  ['', Buffer.alloc(0)],
  ['\0', Buffer.of(0)],
  ['\0d1', Buffer.from('\0d1')],
  ['\0ti1;', '\0ti1;'],
  [Buffer.of(0xff)],
  [Buffer.of(0xc3, 0xbf)],
  [atom('a'), Atom.of('a')],
  [true, Atom.of('true')],
  ['true'],
  [null, atom('nil')],
  [charlist('ab'), [97, 98], [97n, 98]],
  [[]],
  [[float(97), 98]],
  [[97, 98, []]],
  [tuple(), tuple()],
  [tuple('a', 1), tuple(Buffer.from('a'), 1n)],
  [tuple('a', float(1))],
  [tuple(tuple('a'), 1)],
  [tuple(tuple('a', 1))],
  [tuple(1, 2, tuple())],
  [tuple(12, tuple())],
  [improper([1], 2), improper([1], 2n)],
  [improper([1], tuple(2))],
  [
    { a: 1, b: 2 },
    new TermMap([
      ['b', 2],
      ['a', 1],
    ]),
    new Map([
      ['b', 2],
      ['a', 1],
    ]),
  ],
  [
    new TermMap([
      [atom('a'), 1],
      [atom('b'), 2],
    ]),
  ],
  [{}, new Map(), new TermMap()],
  [bitstring(Buffer.of(0xa0), 3), bitstring(Buffer.of(0xbf), 3)],
  [bitstring(Buffer.of(0xa0), 4)],
  [new Pid(shop, 1, 2, 3), new Pid(shop, 1, 2, 3)],
  [new Pid(shop, 1, 2, 4)],
  [new Pid(shop, 12, 3, 3)],
  [new Port(shop, 1n, 3), new Port(shop, 1n, 3)],
  [new Reference(shop, [1, 2], 3), new Reference(shop, [1, 2, 0], 3)],
  [new Reference(shop, [12], 3)],
  [externalFun('m', 'f', 1), externalFun('m', 'f', 1)],
  [
    new Fun(Atom.of('m'), 1, 0, 7, Buffer.of(112, 1)),
    new Fun(Atom.of('m'), 1, 0, 7, Buffer.of(112, 1)),
  ],
  [new Fun(Atom.of('m'), 1, 0, 7, Buffer.of(112, 2))],
]

describe('the keys of a TermMap', () => {
  it('refuse what is no term', () => {
    const map = new TermMap([['a', 1]])
    for (const key of NO_TERMS) {
      expect(() => map.set(key as Term, 1)).toThrow(TypeError)
      expect(() => map.get(key as Term)).toThrow(TypeError)
      expect(() => map.set([key as Term], 1)).toThrow(TypeError)
    }
    expect(() => map.set('b', undefined as unknown as Term)).toThrow('value must be a term')
    expect([...map]).toEqual([['a', 1]])
  })

  it('refuse a list that contains itself', () => {
    const endless: Term[] = []
    endless.push(endless)
    expect(() => new TermMap([[endless, 1]])).toThrow(/seems to contain itself/)
  })

  it('match in every shape of the same term, and no other term', () => {
    const map = new TermMap(KEYS.map(([key], row) => [key as Term, row]))
    expect(map.size).toBe(KEYS.length)
    for (const [row, shapes] of KEYS.entries()) {
      for (const shape of shapes) expect([shape, map.get(shape)]).toEqual([shape, row])
    }
  })

  it('match exactly when equals says so', () => {
    for (const left of ORDERED) {
      const map = new TermMap([[left, 1]])
      for (const right of ORDERED) {
        if (map.has(right) !== equals(left, right)) expect([left, right]).toBe('alike')
      }
    }
  })

  it('match atoms and tuples of another copy of the package', async () => {
    vi.resetModules()
    const other = await import('../../lib/term/tuple.js')
    const otherAtom = await import('../../lib/term/atom.js')
    const map = new TermMap([
      [tuple(atom('a'), 1), 'pair'],
      [atom('b'), 'atom'],
    ])
    expect(map.get(other.tuple(otherAtom.atom('a'), 1) as unknown as Term)).toBe('pair')
    expect(map.get(otherAtom.atom('b'))).toBe('atom')
  })

  it('may nest 10,000 levels deep', () => {
    const deep = (): Term => {
      let term: Term = 'bottom'
      for (let i = 0; i < 10_000; i++) term = i % 2 === 0 ? [term] : (tuple(term) as Term)
      return term
    }
    expect(new TermMap([[deep(), 1]]).get(deep())).toBe(1)
  })
})

type Change = (
  ours: TermMap,
  theirs: Map<Term, Term>,
  iterators: readonly [Iterator<Term>, Iterator<Term>],
) => void

const anyKey = fc.integer({ min: 0, max: 120 })

/** One step taken by a `TermMap` and a `Map` alike. */
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 20, arbitrary: anyKey.map((key) => setting(key)) },
  { weight: 20, arbitrary: anyKey.map((key) => deleting(key)) },
  { weight: 10, arbitrary: fc.constant<Change>(advancing) },
  { weight: 10, arbitrary: fc.constant<Change>(flattening) },
  { weight: 1, arbitrary: fc.constant<Change>(clearing) },
)

function setting(key: number): Change {
  return (ours, theirs) => {
    ours.set(key, key + 1)
    theirs.set(key, key + 1)
  }
}

function deleting(key: number): Change {
  return (ours, theirs) => {
    expect(ours.delete(key)).toBe(theirs.delete(key))
  }
}

function advancing(...[, , iterators]: Parameters<Change>): void {
  expect(iterators[0].next()).toEqual(iterators[1].next())
}

function flattening(...[ours, theirs]: Parameters<Change>): void {
  expect(ours.toFlat()).toEqual([...theirs].flat())
}

function clearing(...[ours, theirs]: Parameters<Change>): void {
  ours.clear()
  theirs.clear()
}

describe('a TermMap', () => {
  const abc = () =>
    new TermMap([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])

  it('is a Map, and known across copies of the package', async () => {
    vi.resetModules()
    const other = await import('../../lib/term/map.js')
    expect(new TermMap()).toBeInstanceOf(Map)
    expect(TermMap.is(new other.TermMap())).toBe(true)
    expect(TermMap.is(new Map())).toBe(false)
  })

  it('is told from another by assert.deepStrictEqual', () => {
    const rows = (value: number) => [new TermMap([['a', tuple(value)]])]
    deepStrictEqual(rows(1), rows(1))
    expect(() => deepStrictEqual(rows(1), rows(2))).toThrow()
    const looked = rows(1)
    expect(looked[0]?.has('a')).toBe(true)
    deepStrictEqual(looked, rows(1))
  })

  it('is empty without entries', () => {
    for (const map of [new TermMap(), new TermMap(null), new TermMap([]), TermMap.fromFlat([])]) {
      expect([map.size, map.get('a'), map.has('a'), map.delete('a'), [...map]]).toEqual([
        0,
        undefined,
        false,
        false,
        [],
      ])
    }
  })

  it('keeps key and place of an entry that is set again', () => {
    const map = abc()
    expect(map.set(Buffer.from('a'), 9)).toBe(map)
    expect([...map]).toEqual([
      ['a', 9],
      ['b', 2],
      ['c', 3],
    ])
  })

  it('takes over the flat entries of the wire', () => {
    const map = TermMap.fromFlat([Buffer.from('a'), 1, atom('b'), 2])
    expect([map.size, map.get('a'), map.get(atom('b')), map.get('b')]).toEqual([2, 1, 2, undefined])
    expect(map.toFlat()).toEqual([Buffer.from('a'), 1, atom('b'), 2])
  })

  it('gives entries, keys and values in order, also to forEach', () => {
    const map = abc()
    expect([...map.keys()]).toEqual(['a', 'b', 'c'])
    expect([...map.values()]).toEqual([1, 2, 3])
    expect([...map.entries()]).toEqual([...map])
    const seen: unknown[] = []
    map.forEach(function (this: unknown, value, key, whole) {
      seen.push(this, value, key, whole === map)
    }, 'self')
    expect(seen).toEqual(['self', 1, 'a', true, 'self', 2, 'b', true, 'self', 3, 'c', true])
  })

  it('shows an iterator under way what is deleted, set and cleared', () => {
    const map = abc()
    const keys: Term[] = []
    for (const key of map.keys()) {
      keys.push(key)
      if (key === 'a') map.delete('b')
      if (key === 'c') map.set('d', 4)
      if (key === 'd') map.clear()
    }
    expect([keys, map.size]).toEqual([['a', 'c', 'd'], 0])
    expect(map.set('a', 5).get('a')).toBe(5)
  })

  it('does not grow by entries that come and go', () => {
    const map = new TermMap()
    for (let i = 0; i < 10_000; i++) {
      map.set(i, i)
      if (i >= 10) map.delete(i - 10)
    }
    expect([...map.keys()]).toEqual([9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999])
    expect(map.toFlat().length).toBe(20)
  })

  it('behaves as a Map through any sequence of changes, seen by iterators under way', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 400, size: 'max' }), (changes) => {
        const ours = new TermMap(Array.from({ length: 100 }, (_, i) => [i, i]))
        const theirs = new Map<Term, Term>(ours)
        const iterators = [ours.keys(), theirs.keys()] as const
        for (const change of changes) change(ours, theirs, iterators)
        expect([...ours]).toEqual([...theirs])
        expect(ours.size).toBe(theirs.size)
      }),
      { numRuns: 60 },
    )
  })

  it('finds every key of a random map again by a copy of it', () => {
    fc.assert(
      fc.property(fc.array(anyTerm, { maxLength: 12 }), (keys) => {
        const map = new TermMap(keys.map((key, i) => [key, i]))
        for (const [key, value] of map) expect(new TermMap([...map]).get(key)).toBe(value)
        expect(map.size).toBeLessThanOrEqual(keys.length)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a TermMap shown', () => {
  it('is an object in JSON when every key has a name of its own, __proto__ too', () => {
    const map = new TermMap([
      ['a', 1],
      [atom('b'), [2]],
      [Buffer.from('__proto__'), 3],
      [true, 4],
    ])
    expect(JSON.stringify(map)).toBe('{"a":1,"b":[2],"__proto__":3,"true":4}')
  })

  it.each([
    [[[1, 'x']], '[[1,"x"]]'],
    [
      [
        ['a', 1],
        [atom('a'), 2],
      ],
      '[["a",1],["a",2]]',
    ],
    [[[Buffer.of(0xff), 1]], '[[{"type":"Buffer","data":[255]},1]]'],
  ] as [[Term, Term][], string][])('is an array of pairs in JSON otherwise', (entries, json) => {
    expect(JSON.stringify(new TermMap(entries))).toBe(json)
  })

  it('looks as a Map does in util.inspect, within the depth', () => {
    const map = new TermMap([[atom('a'), new TermMap([['b', tuple(1)]])]])
    expect(inspect(map)).toBe("TermMap(1) { a => TermMap(1) { 'b' => { 1 } } }")
    expect(inspect(map, { depth: 0 })).toBe('TermMap(1) { a => [TermMap] }')
    expect(inspect([map], { depth: 0 })).toBe('[ [TermMap] ]')
  })
})
