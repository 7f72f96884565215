import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../lib/native/codec.js'
import type { DecodeOptions } from '../../lib/native/options.js'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { equals } from '../../lib/term/compare.js'
import { Float, float } from '../../lib/term/float.js'
import { externalFun } from '../../lib/term/fun.js'
import { improper } from '../../lib/term/list.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { Tuple, tuple } from '../../lib/term/tuple.js'
import { externalFormat } from '../helpers/external-format.js'

/** As Erlang would send it and the options make of it. */
function read(term: TermInput, options?: DecodeOptions | 'elixir'): Term {
  return decode(externalFormat(term), options)
}

function map(...entries: [TermInput, TermInput][]): TermMap {
  return new TermMap(entries)
}

describe('refused options', () => {
  it.each([
    ['an unknown name', { integer: 'auto' }, /decode option.*"integer"/],
    ['an unknown choice', { floats: 'float' }, /floats.*'number', 'wrap'.*"float"/],
    ['an unknown preset', 'erlang', /'elixir'.*"erlang"/],
    ['null', null, /null/],
  ])('are %s for decode', (_, options, message) => {
    expect(() => decode(encode(1), options as DecodeOptions)).toThrow(TypeError)
    expect(() => decode(encode(1), options as DecodeOptions)).toThrow(message)
  })

  it.each([
    ['an unknown name', { key: 'atoms' }, /encode option.*"key"/],
    ['an unknown choice', { keys: 'strings' }, /keys.*'binaries', 'atoms'.*"strings"/],
    ['a text', 'atoms', /"atoms"/],
  ])('are %s for encode', (_, options, message) => {
    expect(() => encode(1, options as never)).toThrow(TypeError)
    expect(() => encode(1, options as never)).toThrow(message)
  })

  it('are no bytes', () => {
    expect(() => decode('text' as never)).toThrow(/bytes must be a Uint8Array, got "text"/)
    expect(() => decode([131, 97, 1] as never)).toThrow(TypeError)
  })
})

describe('integers', () => {
  const integers = [0, -1, 2 ** 31, -(2 ** 53) + 1, 2n ** 53n, -(2n ** 63n), 2n ** 64n, 10n ** 40n]

  it('are numbers when safe and bigints beyond, by default', () => {
    expect(read(integers)).toEqual(integers)
  })

  it('are all bigints with integers: bigint, in lists of every form', () => {
    const options = { integers: 'bigint' } as const
    expect(read(integers, options)).toEqual(integers.map(BigInt))
    expect(read([1, 2, 3], options)).toEqual([1n, 2n, 3n])
    expect(decode(Buffer.from('836b00020102', 'hex'), options)).toEqual([1n, 2n])
    expect(read(tuple(7, atom('a'), 8), options)).toEqual(new Tuple([7n, atom('a'), 8n]))
  })

  it('are all numbers with integers: number, rounded where need be', () => {
    expect(read(integers, { integers: 'number' })).toEqual(integers.map(Number))
  })

  it('leave the arity of a fun alone', () => {
    expect(read(externalFun('m', 'f', 3), { integers: 'bigint' })).toMatchObject({ arity: 3 })
  })
})

describe('floats', () => {
  it('are numbers by default, and Float with floats: wrap', () => {
    expect(read([float(1), float(1.5), float(2)])).toEqual([1, 1.5, 2])
    const wrapped = read([float(1), tuple(float(1.5))], { floats: 'wrap' }) as [Float, Tuple]
    expect(wrapped[0]).toBeInstanceOf(Float)
    expect(encode(wrapped)).toEqual(encode([float(1), tuple(float(1.5))]))
  })

  it('of -0 stay floats either way', () => {
    expect(Object.is(read(float(-0)), -0)).toBe(true)
    expect(encode(read(float(-0)))).toEqual(encode(float(-0)))
  })
})

describe('nil', () => {
  it('is an atom by default, and null with nil: null, as undefined is', () => {
    const term = [Atom.of('nil'), Atom.of('undefined'), Atom.of('null')]
    expect(read(term)).toEqual(term)
    expect(read(term, { nil: 'null' })).toEqual([null, null, Atom.of('null')])
  })

  it('stays the atom it is in the name of a node, a module or a function', () => {
    const pid = new Pid(Atom.of('nil'), 1, 2, 3)
    expect(read([pid], { nil: 'null' })).toEqual([pid])
    const fun = externalFun('undefined', 'nil', 0)
    expect(read([fun, Atom.of('nil')], { nil: 'null' })).toEqual([fun, null])
  })
})

describe('binaries', () => {
  const texts = ['', 'a', 'short', 'a text of some length, all ASCII', 'Zoë', '€', '😀', '\ufffd']

  it('are Buffers by default', () => {
    expect(read(texts)).toEqual(texts.map((text) => Buffer.from(text)))
  })

  it('are strings where they are UTF-8, with binaries: utf8', () => {
    const broken = [Buffer.of(0xff), Buffer.of(0xc3), Buffer.of(0xed, 0xa0, 0x80)]
    expect(read([...texts, ...broken], { binaries: 'utf8' })).toEqual([...texts, ...broken])
  })

  it('are strings of any length', () => {
    const long = [20_000, 70_000, 300_000].flatMap((n) => ['x'.repeat(n), 'é'.repeat(n)])
    const broken = Buffer.concat([Buffer.alloc(9_000, 'x'), Buffer.of(0x80)])
    expect(read([...long, broken, 'end'], { binaries: 'utf8' })).toEqual([...long, broken, 'end'])
  })

  it('with a byte order mark keep it', () => {
    expect(read('\ufeffx', { binaries: 'utf8' })).toBe('\ufeffx')
  })

  it('leave bitstrings alone', () => {
    const bits = bitstring(Buffer.from('ab'), 3)
    expect(read(bits, { binaries: 'utf8' })).toEqual(bits)
  })
})

describe('maps', () => {
  const objects = { maps: 'object', binaries: 'utf8' } as const

  it('are TermMaps by default, in the order of the wire', () => {
    const term = read(map(['b', 1], ['a', 2])) as TermMap
    expect(term).toBeInstanceOf(TermMap)
    expect([...term.keys()].map(String)).toEqual(['b', 'a'])
    expect(term.get('a')).toBe(2)
  })

  it('are objects without prototype with maps: object, when keys are text or atoms', () => {
    const term = read(map(['a', 1], [atom('b'), map(['c', []])], [true, 3]), objects)
    expect(term).toEqual({ a: 1, b: { c: [] }, true: 3 })
    expect(Object.getPrototypeOf(term)).toBe(null)
  })

  it('have the text of binary keys as keys also when values are Buffers', () => {
    expect(read(map(['é', 'v']), { maps: 'object' })).toEqual({ é: Buffer.from('v') })
  })

  it.each([
    ['two keys have the same text', map(['a', 1], [atom('a'), 2])],
    ['a key is __proto__', map(['__proto__', 1])],
    ['a key is a number', map(['a', 1], [1, 2])],
    ['a key is no text', map([Buffer.of(0xff), 1])],
    ['a key is a tuple', map([tuple(), 1])],
  ])('stay TermMaps with maps: object when %s', (_, term) => {
    const result = read(term, objects)
    expect(result).toBeInstanceOf(TermMap)
    expect(equals(result, term)).toBe(true)
  })
})

describe('keys that JavaScript would merge', () => {
  it.each([
    ['a float and an integer', map([1, 'i'], [float(1), 'f'])],
    ['floats in tuples', map([tuple(1), 'i'], [tuple(float(1)), 'f'])],
    ['floats in lists', map([[1, 2], 'i'], [[float(1), float(2)], 'f'])],
    ['floats in improper lists', map([improper([1], 2), 'i'], [improper([1], float(2)), 'f'])],
    ['floats in maps', map([map([1, 2]), 'i'], [map([1, float(2)]), 'f'])],
    ['floats in maps as keys', map([map([1, 2]), 'i'], [map([float(1), 2]), 'f'])],
  ])('are kept apart: %s', (_, term) => {
    const result = read(term) as TermMap
    expect(result.size).toBe(2)
    expect(equals(result, term)).toBe(true)
  })

  it('are kept apart with integers: number', () => {
    const options = { integers: 'number' } as const
    const term = map([2n ** 64n, 2n ** 64n], [2n ** 64n + 1n, [float(2), 2n ** 64n]])
    const result = read([float(3), term, 2n ** 70n], options) as [number, TermMap, number]
    expect([...result[1].keys()]).toEqual([2n ** 64n, 2n ** 64n + 1n])
    expect([...result[1].values()]).toEqual([2 ** 64, [2, 2 ** 64]])
    expect([result[0], result[2]]).toEqual([3, 2 ** 70])
  })

  it('are kept apart with nil: null', () => {
    const nil = Atom.of('nil')
    const none = Atom.of('undefined')
    const result = read(map([nil, nil], [none, tuple(none)], ['x', 1]), { nil: 'null' }) as TermMap
    expect([...result.keys()]).toEqual([null, none, Buffer.from('x')])
    expect([...result.values()]).toEqual([null, tuple(null), 1])
  })

  it('become two properties with nil: null and maps: object', () => {
    const term = [map([Atom.of('nil'), 1], [Atom.of('undefined'), float(2)]), float(3)]
    const result = read(term, { nil: 'null', maps: 'object' })
    expect(result).toEqual([{ nil: 1, undefined: 2 }, 3])
  })

  it('cost nothing elsewhere: floats that are values stay numbers', () => {
    const result = read([float(1), map(['a', float(2)], [tuple(3), [float(4)]])]) as Term[]
    expect(result[0]).toBe(1)
    expect([...(result[1] as TermMap).values()]).toEqual([2, [4]])
  })

  it('stay as they are where floats are wrapped anyhow', () => {
    const term = map([1, float(1)], [float(1), 2])
    expect(equals(read(term, { floats: 'wrap' }), term)).toBe(true)
  })
})

describe('the elixir preset', () => {
  it('gives strings, objects and null', () => {
    const term = map(
      [atom('name'), 'Zoë'],
      [atom('age'), Atom.of('nil')],
      [atom('raw'), Buffer.of(255)],
    )
    expect(read(term, 'elixir')).toEqual({ name: 'Zoë', age: null, raw: Buffer.of(255) })
  })
})

describe('encode options', () => {
  it('make binaries of keys by default, and atoms with keys: atoms', () => {
    expect(equals(decode(encode({ a: { b: 1 } })), map(['a', map(['b', 1])]))).toBe(true)
    expect(
      equals(
        decode(encode({ a: { b: true } }, { keys: 'atoms' })),
        map([atom('a'), map([atom('b'), true])]),
      ),
    ).toBe(true)
  })

  it.each([
    ['', []],
    ['a', [97]],
    ['é€', [...Buffer.from('é€')]],
    ['é'.repeat(20), [...Buffer.from('é'.repeat(20))]],
    ['x'.repeat(65_535), Array(65_535).fill(120)],
    ['é'.repeat(40_000), [...Buffer.from('é'.repeat(40_000))]],
  ])('make lists of bytes of strings with strings: byteLists', (text, bytes) => {
    const term = [text, tuple(text, Buffer.from('x')), { key: text }]
    const read = decode(encode(term, { strings: 'byteLists' }))
    expect(equals(read, [bytes, tuple(bytes, Buffer.from('x')), map(['key', bytes])])).toBe(true)
  })

  it('refuse a lone surrogate with strings: byteLists too', () => {
    expect(() => encode(['a\ud800'], { strings: 'byteLists' })).toThrow('surrogate')
  })

  it('put undefinedAs for undefined, wherever it is', () => {
    const options = { undefinedAs: atom('undefined') }
    const values = [undefined, { a: undefined }, tuple(undefined as never)] as never
    const none = Atom.of('undefined')
    expect(equals(decode(encode(values, options)), [none, map(['a', none]), tuple(none)])).toBe(
      true,
    )
    expect(equals(decode(encode(undefined as never, options)), none)).toBe(true)
  })
})
