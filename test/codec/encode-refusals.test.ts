import { describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { decode, encode } from '../../lib/native/codec.js'
import { Atom, atom } from '../../lib/term/atom.js'
import { Float } from '../../lib/term/float.js'
import { Fun } from '../../lib/term/fun.js'
import { Charlist, ImproperList } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { RawTerm } from '../../lib/term/raw.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

class Money {}

function refusalOf(value: unknown, keys: 'binaries' | 'atoms' = 'binaries'): string {
  try {
    encode(value as TermInput, { keys })
  } catch (error) {
    expect(error).toBeInstanceOf(ErlangError)
    expect(error).toMatchObject({ code: 'ERR_ERL_ENCODE' })
    return (error as ErlangError).message
  }
  return 'encoded'
}

/** As an older copy of the package, whose constructors checked nothing, makes one. */
function unchecked<T extends object>(of: { prototype: T }, fields: object): T {
  return Object.assign(Object.create(of.prototype), fields)
}

const circular: unknown[] = []
circular.push(circular)

describe('values without Erlang form', () => {
  it.each([
    [undefined, 'undefined has no Erlang form (see undefinedAs)'],
    [() => 1, 'a function has no Erlang form'],
    [Symbol('s'), 'a symbol has no Erlang form'],
    [Number.NaN, 'NaN has no Erlang form'],
    [Number.NEGATIVE_INFINITY, '-Infinity has no Erlang form'],
    [new Float(Number.NaN), 'a float of NaN has no Erlang form'],
    ['\ud800', 'the text has a lone surrogate, so no UTF-8 form'],
    [`${'x'.repeat(100)}\udfff`, 'the text has a lone surrogate, so no UTF-8 form'],
    [unchecked(Charlist, { text: '\ud800' }), 'the charlist has a lone surrogate'],
    [new Date(0), 'a value of class Date has no Erlang form'],
    [new Money(), 'a value of class Money has no Erlang form'],
    [new (class {})(), 'an instance of a class has no Erlang form'],
    [new Set([1]), 'a value of class Set has no Erlang form'],
    [/x/, 'a value of class RegExp has no Erlang form'],
    [Promise.resolve(1), 'a value of class Promise has no Erlang form'],
    [new Uint16Array(2), 'a value of class Uint16Array has no Erlang form'],
    [new Float64Array(2), 'a value of class Float64Array has no Erlang form'],
    [{ [Symbol('s')]: 1 }, 'an object with symbol keys has no Erlang form'],
    [{ '\udc00': 1 }, 'a key has a lone surrogate'],
    [2n ** 33_554_368n, 'an integer of more than 4194296 bytes, which no Erlang has room for'],
    [-(2n ** 33_554_368n), 'an integer of more than 4194296 bytes, which no Erlang has room for'],
    [[2n ** 33_554_368n - 1n], 'encoded'],
    [
      [1, new RawTerm(Buffer.of(97))],
      '[1]: the bytes of a RawTerm, LocalTerm or Fun are not one whole term',
    ],
    [
      new RawTerm(Buffer.of(97, 1, 97, 2)),
      'the bytes of a RawTerm, LocalTerm or Fun are not one whole term',
    ],
    [new LocalTerm(Buffer.of(121)), 'encoded'],
  ])('are refused by name: %s', (value, message) => {
    expect(refusalOf(value)).toBe(message)
  })

  it.each([
    [[1, 2, { name: undefined }], '[2].name: undefined'],
    [{ rows: [[1], [1, Number.NaN]] }, 'rows[1][1]: NaN'],
    [{ 'odd key': { x: () => 1 } }, '["odd key"].x: a function'],
    [tuple(atom('ok'), undefined as never), '[1]: undefined'],
    [new Map([['a', new Map([[tuple(), new Date(0)]])]]), 'a.value(1): a value of class Date'],
    [new Map([[undefined, 1]]), 'key(1): undefined'],
    [new TermMap([['a', [new Date(0)] as never]]), 'a[0]: a value of class Date'],
    [new ImproperList([1], undefined as unknown as Term), 'tail: undefined'],
    [[1, 2, 3, Number.POSITIVE_INFINITY], '[3]: Infinity'],
    [[1.5, Number.NaN], '[1]: NaN'],
    [new Array(2), '[0]: undefined'],
    [[1, tuple(new LocalTerm(Buffer.of(121, 1)))], '[1][0]: a local term within another'],
    [{ a: new RawTerm(Buffer.of(121, 1)) }, 'a: a local term within another'],
    [[new RawTerm(Buffer.of(97, 1)), new LocalTerm(Buffer.of(97))], '[1]: the bytes of a RawTerm'],
    [tuple(new Fun(atom('m'), 0, 0, 0, Buffer.of())), '[0]: the bytes of a RawTerm'],
  ])('are named with the path to them', (value, message) => {
    expect(refusalOf(value)).toMatch(message)
  })

  it.each([
    ['text and bytes', ['a', 'b', Buffer.from('a')], 'key(3)'],
    ['a number and a bigint', [1n, 1], 'key(2)'],
    ['null and nil', [null, atom('nil')], 'key(2)'],
    ['two tuples', [tuple(1, 'a'), tuple(1, 'a')], 'key(2)'],
    ['a list and a charlist', [[97], new Charlist('a')], 'key(2)'],
    ['two maps', [new Map([['x', 1]]), { x: 1 }], 'key(2)'],
  ])('are maps with a key twice, which Erlang would end the connection for: %s', (_, keys, at) => {
    const map = new Map((keys as unknown[]).map((key) => [key, 0]))
    expect(refusalOf([map])).toBe(`[0]: ${at} is the same Erlang term as a key before it`)
  })

  it.each([
    ['an integer and a float', [1, new Float(1)]],
    ['bytes and a list of them', ['a', [97], atom('a')]],
    ['bigints and numbers', [1n, 2, 3n, 2n ** 64n]],
    ['containers', [[], tuple(), new Map(), null, tuple([])]],
    ['bytes of two sorts', [new ArrayBuffer(1), Buffer.from([1])]],
  ])('are no maps whose keys are different terms: %s', (_, keys) => {
    const map = new Map((keys as unknown[]).map((key, i) => [key, i]))
    expect((decode(encode(map as never)) as TermMap).size).toBe(keys.length)
  })

  it('are found behind parts that lie deep, and in them', () => {
    let deep: unknown = [Number.NaN]
    for (let i = 0; i < 250; i++) deep = [deep, i]
    expect(refusalOf(deep)).toBe(`${'[0]'.repeat(251)}: NaN has no Erlang form`)
    expect(refusalOf([deep, undefined])).toMatch(/^(\[0\]){252}: NaN|^\[1\]: undefined/)
  })

  it('are keys that are no atoms, with keys: atoms', () => {
    expect(refusalOf({ ['x'.repeat(256)]: 1 }, 'atoms')).toMatch('a key is no atom')
    expect(refusalOf({ '\ud800': 1 }, 'atoms')).toMatch('a key is no atom')
    expect(refusalOf({ ['é'.repeat(255)]: 1 }, 'atoms')).toBe('encoded')
  })

  it('are atoms with names that Erlang does not have', () => {
    expect(refusalOf([new Atom('x'.repeat(256))])).toMatch('[0]: the atom has no valid name')
  })

  it('do not hide behind a getter that gives something else the second time', () => {
    let reads = 0
    const value = {
      get x() {
        return reads++ === 0 ? undefined : 1
      },
    }
    expect(refusalOf(value)).toBe('a part of the value has no Erlang form')
  })

  it('leave the codec in order', () => {
    expect(refusalOf([1, [2, undefined]])).toMatch('[1][1]')
    expect(decode(encode([1, [2, 3]]))).toEqual([1, [2, 3]])
  })
})

describe('values that contain themselves', () => {
  const map = new Map<string, unknown>()
  map.set('self', { again: map })
  const termMap = new TermMap()
  termMap.set('self', [termMap])
  const wide: unknown[] = []
  wide.push(wide, wide, wide)
  const long: unknown[] = []
  let tail = long
  for (let i = 0; i < 250; i++) {
    const next: unknown[] = []
    tail.push(next)
    tail = next
  }
  tail.push(long)

  it.each([
    ['an array', circular],
    ['a map through an object', map],
    ['a TermMap through an array', termMap],
    ['an array several times', wide],
    ['an array after 250 levels', long],
  ])('are refused: %s', (_, value) => {
    expect(refusalOf(value)).toMatch('contains itself')
  })

  it('do not keep a bad part from being found', () => {
    expect(refusalOf([circular, undefined])).toMatch('[1]: undefined')
  })

  it('are not confused with values that come twice', () => {
    const twice = [1, 2]
    expect(decode(encode([twice, [twice, { a: twice }]]))).toHaveLength(2)
  })
})

describe('depth', () => {
  const nested = (levels: number): unknown => {
    let value: unknown = 'end'
    for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value, i] : { key: value }
    return value
  }

  it('is refused above 10,000 levels', () => {
    expect(refusalOf(nested(10_001))).toMatch('nested deeper than 10000 levels')
  })

  it('may be 10,000 levels, which come back', () => {
    const bytes = encode(nested(10_000) as TermInput)
    expect(encode(decode(bytes, { maps: 'object', binaries: 'utf8' }))).toEqual(bytes)
  })

  it('is not taken by what has no parts', () => {
    expect(refusalOf([nested(9_998), [[], Atom.of('x')]])).toBe('encoded')
  })
})
