import { describe, expect, it } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { BitString, bitstring } from '../../lib/term/bitstring.js'
import { elixir, struct } from '../../lib/term/elixir.js'
import { Float, float } from '../../lib/term/float.js'
import { ExternalFun, externalFun, Fun } from '../../lib/term/fun.js'
import { Charlist, charlist, ImproperList, improper } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { RawTerm } from '../../lib/term/raw.js'
import { Reference } from '../../lib/term/reference.js'
import { atomKeys } from '../../lib/term/term.js'
import { Tuple, tuple } from '../../lib/term/tuple.js'

const shop = Atom.of('shop@127.0.0.1')
const bytes = Buffer.of(1, 2)

const INSTANCES = [
  { class: Atom, value: atom('ok') },
  { class: Pid, value: new Pid(shop, 87, 0, 5) },
  { class: Reference, value: new Reference(shop, [1, 2, 3], 5) },
  { class: Port, value: new Port(shop, 6n, 5) },
  { class: Fun, value: new Fun(atom('m'), 1, 0, 7, bytes) },
  { class: ExternalFun, value: externalFun('lists', 'map', 2) },
  { class: Tuple, value: tuple(1, 2) },
  { class: ImproperList, value: improper([1], 2) },
  { class: Charlist, value: charlist('abc') },
  { class: BitString, value: bitstring(bytes, 3) },
  { class: Float, value: float(1) },
  { class: LocalTerm, value: new LocalTerm(bytes) },
  { class: RawTerm, value: new RawTerm(bytes) },
]

describe('is', () => {
  it.each(INSTANCES)('of $class.name knows its instances and nothing else', (own) => {
    for (const { value } of INSTANCES) expect(own.class.is(value)).toBe(value === own.value)
    const copied = { ...own.value, ...{ kind: own.value.kind } }
    for (const other of [copied, [], new Map(), null, undefined, 1, 'ok', bytes]) {
      expect(own.class.is(other)).toBe(false)
    }
  })
})

describe('constructors', () => {
  const loose = (made: (...parts: never[]) => unknown) => made as (...parts: unknown[]) => unknown
  const pid = loose((...parts: ConstructorParameters<typeof Pid>) => new Pid(...parts))
  const port = loose((...parts: ConstructorParameters<typeof Port>) => new Port(...parts))
  const ref = loose((...parts: ConstructorParameters<typeof Reference>) => new Reference(...parts))
  const fun = loose((...parts: ConstructorParameters<typeof Fun>) => new Fun(...parts))
  const raw = loose((...parts: ConstructorParameters<typeof RawTerm>) => new RawTerm(...parts))

  it.each([
    [pid, ['shop@127.0.0.1', 87, 0, 5], TypeError, 'node must be an Atom'],
    [pid, [shop, '87', 0, 5], TypeError, 'id must be an integer from 0 to 4294967295, got "87"'],
    [pid, [shop, -1, 0, 5], RangeError, 'id must be'],
    [pid, [shop, 87, 0.5, 5], RangeError, 'serial must be'],
    [pid, [shop, 87, 0, 2 ** 32], RangeError, 'creation must be'],
    [port, [shop, 6, 5], TypeError, 'id must be a bigint, got 6 (number)'],
    [port, [shop, 2n ** 64n, 5], RangeError, 'id must be'],
    [port, [shop, -1n, 5], RangeError, 'id must be'],
    [port, [shop, 6n, Number.NaN], RangeError, 'creation must be'],
    [ref, [shop, 'abc', 5], TypeError, 'words must be an array of numbers'],
    [ref, [shop, [], 5], RangeError, 'words must be an array of 1 to 5 numbers'],
    [ref, [shop, [1, 2, 3, 4, 5, 6], 5], RangeError, 'words must be an array of 1 to 5 numbers'],
    [ref, [shop, [1, 1n], 5], TypeError, 'a word must be'],
    [ref, [shop, [1], -5], RangeError, 'creation must be'],
    [fun, ['m', 1, 0, 7, bytes], TypeError, 'module must be an Atom'],
    [fun, [atom('m'), 1, 0, 7, 'bytes'], TypeError, 'bytes must be a Uint8Array'],
    [raw, ['abc'], TypeError, 'bytes must be a Uint8Array'],
  ])('refuse what the wire has no room for: %o of %o', (make, parts, type, message) => {
    expect(() => make(...parts)).toThrow(type)
    expect(() => make(...parts)).toThrow(message)
  })

  it('take the largest of everything', () => {
    const most = 2 ** 32 - 1
    expect(new Pid(shop, most, most, most)).toMatchObject({ id: most, serial: most })
    expect(new Port(shop, 2n ** 64n - 1n, most).id).toBe(2n ** 64n - 1n)
    expect(new Reference(shop, [0, most, 0, most, 0], most).words).toHaveLength(5)
  })
})

describe('float', () => {
  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]])(
    'refuses %s with a RangeError, as Erlang has no such float',
    (value) => {
      expect(() => float(value)).toThrow(RangeError)
    },
  )

  it.each([['1'], [1n], [null], [undefined]])('refuses %s with a TypeError', (value) => {
    expect(() => float(value as unknown as number)).toThrow(TypeError)
  })

  it('counts as its number in arithmetic and JSON', () => {
    expect(Number(float(2)) + 1).toBe(3)
    expect(JSON.stringify([float(2.5)])).toBe('[2.5]')
  })
})

describe('bitstring', () => {
  it.each([0, 8, -1, 1.5, Number.NaN])('refuses %s bits of the last byte', (bits) => {
    expect(() => bitstring(bytes, bits)).toThrow(RangeError)
  })

  it('refuses what is no bytes, and no bytes at all', () => {
    expect(() => bitstring('ab' as unknown as Uint8Array, 3)).toThrow(TypeError)
    expect(() => bitstring(new Uint8Array(0), 3)).toThrow(RangeError)
  })

  it('shares the bytes it is given', () => {
    const source = new Uint8Array([9, 1, 0xe0]).subarray(1)
    expect(bitstring(source, 3)).toMatchObject({ bytes: Buffer.of(1, 0xe0), bits: 3 })
    expect(bitstring(source, 3).bytes.buffer).toBe(source.buffer)
  })
})

describe('improper', () => {
  it('refuses no elements, and a tail that would make the list proper', () => {
    expect(() => improper([], 1)).toThrow('elements must be an array with one element or more')
    for (const tail of [[], [1], charlist('a'), improper([1], 2)]) {
      expect(() => improper([1], tail)).toThrow('tail must be no list')
    }
  })

  it('keeps elements and tail', () => {
    expect(improper([1, 2], 'end')).toMatchObject({ elements: [1, 2], tail: 'end' })
  })
})

describe('charlist', () => {
  it('refuses what is no text', () => {
    expect(() => charlist(1 as unknown as string)).toThrow(TypeError)
    expect(() => charlist('\ud800')).toThrow(TypeError)
  })

  it('keeps its text', () => {
    expect(String(charlist('héllo'))).toBe('héllo')
  })
})

describe('externalFun', () => {
  it('refuses bad names and arities', () => {
    expect(() => externalFun('m', 'f', 256)).toThrow(RangeError)
    expect(() => externalFun('m', 'f', -1)).toThrow(RangeError)
    expect(() => externalFun('m', 'f', '1' as unknown as number)).toThrow(TypeError)
    expect(() => externalFun('m'.repeat(256), 'f', 1)).toThrow(RangeError)
  })

  it('names module, function and arity, also of a module called true', () => {
    const fun = externalFun('true', 'go', 0)
    expect([fun.module.name, fun.function.name, fun.arity]).toEqual(['true', 'go', 0])
  })
})

describe('tuple', () => {
  it('is no array, and its elements are not properties of its own', () => {
    const pair = tuple(1, 2)
    expect(Array.isArray(pair)).toBe(false)
    expect(Object.keys(pair)).toEqual(['elements'])
    expect('map' in pair).toBe(false)
  })

  it('gives undefined outside its arity', () => {
    const pair = tuple(1, 2)
    expect(Reflect.get(pair, 2)).toBeUndefined()
    expect(Reflect.get(tuple(), 0)).toBeUndefined()
  })

  it('knows length, index and order of its elements', () => {
    const triple = tuple(atom('ok'), 'x', 3)
    const [tag, name, count] = triple
    expect([tag, name, count]).toEqual([atom('ok'), 'x', 3])
    expect([triple[0], triple[1], triple[2]]).toEqual([tag, name, count])
    expect(triple.length).toBe(3)
  })

  it('indexes every element of a tuple of 1000', () => {
    const large = tuple(...Array.from({ length: 1000 }, (_, i) => i))
    for (const [i, element] of [...large].entries()) expect([element, large[i]]).toEqual([i, i])
  })
})

describe('elixir', () => {
  it.each(['shop', '', 'Shop.', '.Shop', 'Shop..Orders', 'Shop.orders', 'Shop Orders', 'Shöp'])(
    'refuses %j, which is no alias',
    (alias) => {
      expect(() => elixir(alias)).toThrow(TypeError)
    },
  )

  it('puts Elixir. before an alias, once', () => {
    expect(elixir('Shop.Orders')).toBe(atom('Elixir.Shop.Orders'))
    expect(elixir('Elixir.Shop.Orders')).toBe(atom('Elixir.Shop.Orders'))
  })

  it('makes a struct with atom keys', () => {
    expect([...struct('Shop.Order', { id: 1, note: null })]).toEqual([
      [atom('__struct__'), atom('Elixir.Shop.Order')],
      [atom('id'), 1],
      [atom('note'), null],
    ])
  })
})

describe('atomKeys', () => {
  it.each([[null], [undefined], [1], [[1]], [new Map()], [new TermMap()]])(
    'refuses %s',
    (object) => {
      expect(() => atomKeys(object as unknown as Record<string, number>)).toThrow(TypeError)
    },
  )

  it('refuses a key that is too long for an atom', () => {
    expect(() => atomKeys({ ['k'.repeat(256)]: 1 })).toThrow(RangeError)
  })

  it('makes atoms of the own keys alone, and leaves values as they are', () => {
    const inner = { deep: 1 }
    const object = Object.assign(Object.create({ inherited: 1 }), { name: inner, true: 2 })
    expect([...atomKeys(object)]).toEqual([
      [atom('name'), inner],
      [true, 2],
    ])
  })
})

describe('JSON', () => {
  it('shows terms as what a reader of JSON can use', () => {
    const term = [
      ...[new Pid(shop, 87, 0, 5), new Reference(shop, [1, 2, 3], 5), new Port(shop, 6n, 5)],
      ...[tuple(atom('ok'), 1), externalFun('m', 'f', 1), bitstring(bytes, 3), charlist('abc')],
      ...[improper([1], 2), new Fun(atom('m'), 1, 0, 7, bytes), new LocalTerm(bytes)],
    ]
    expect(JSON.parse(JSON.stringify(term))).toEqual([
      ...['<shop@127.0.0.1.87.0>', '#Ref<shop@127.0.0.1.3.2.1>', '#Port<shop@127.0.0.1.6>'],
      ...[['ok', 1], 'fun m:f/1', '<<1,0:3>>', 'abc'],
      ...[{ elements: [1], tail: 2 }, '#Fun<m.0.7>', '#Local<2 bytes>'],
    ])
  })
})

describe('a raw term', () => {
  it('is refused with the version byte, which would end the connection it is sent over', () => {
    expect(() => new RawTerm(Buffer.of(131, 97, 1))).toThrow(
      new RangeError(
        'bytes must be a term without its version byte: encode(…).subarray(1), got 131 (number)',
      ),
    )
  })
})
