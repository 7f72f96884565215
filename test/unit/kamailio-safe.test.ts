import {
  atom,
  bitstring,
  charlist,
  encode,
  float,
  format,
  improper,
  RawTerm,
  type TermInput,
  tuple,
} from 'beamlink'
import { kamailioSafe, type SafeOptions } from 'beamlink/kamailio'
import { describe, expect, it } from 'vitest'

const safe = (term: TermInput, options?: SafeOptions) => format(kamailioSafe(term, options))

describe('what kamailioSafe refuses', () => {
  it.each<[TermInput, string]>([
    [[], 'term must be a list that is not empty'],
    ['', 'term must be a string that is not empty'],
    [tuple(1, [], 2), 'term[1] must be a list that is not empty'],
    [{ a: {} }, 'term.a must be a map that is not empty'],
    [
      tuple(1, [atom('x')], 2),
      'term[1] must be no list, since Kamailio cannot read what follows one',
    ],
    [{ a: [atom('x')], b: 1 }, 'term.a must be no list'],
    [tuple(1, tuple(2 ** 31)), 'term[1][0] must be an integer of 32 bits'],
    [2n ** 40n, 'term must be an integer of 32 bits'],
    ['x'.repeat(65_536), 'term must be a string of at most 65535 bytes'],
  ])('%o: RangeError that says what and where', (term, message) => {
    expect(() => kamailioSafe(term)).toThrow(RangeError)
    expect(() => kamailioSafe(term)).toThrow(message)
  })

  it.each<[TermInput, string]>([
    [tuple(1, bitstring(Buffer.from([0x80]), 1)), 'term[1] must be an atom, integer, string'],
    [improper([1], 2), 'term must be an atom, integer, string'],
    [tuple(1, undefined as unknown as TermInput), 'term[1] must be an atom, integer, string'],
    [new Date(0) as unknown as TermInput, 'term must be an atom, integer, string'],
  ])('%o: TypeError that says what and where', (term, message) => {
    expect(() => kamailioSafe(term)).toThrow(TypeError)
    expect(() => kamailioSafe(term)).toThrow(message)
  })

  it('refuses options that are none', () => {
    expect(() => kamailioSafe(1, { integers: 16 } as unknown as SafeOptions)).toThrow(RangeError)
    expect(() => kamailioSafe(1, { empty: 1 } as unknown as SafeOptions)).toThrow('unknown option')
    expect(() => kamailioSafe(1, { emptyAs: [] })).toThrow('emptyAs must be')
  })
})

describe('what kamailioSafe makes of terms', () => {
  it.each<[TermInput, string]>([
    [atom('a'), 'a'],
    [true, 'true'],
    [null, 'undefined'],
    [-(2 ** 31), '-2147483648'],
    ['text', '"text"'],
    ['é', format([0xc3, 0xa9])],
    [Buffer.from('bytes'), '"bytes"'],
    [charlist('é'), format([0xc3, 0xa9])],
    [1.5, '"1.5"'],
    [float(2), '"2"'],
    [{ a: 'x', b: 2 }, '{"a","x","b",2}'],
    [new Map([[atom('k'), 'v']]), '{k,"v"}'],
    [tuple(1, [atom('a'), atom('b')]), '{1,[a,b]}'],
    [[atom('a'), [atom('b'), [atom('c')]]], '[a,[b,[c]]]'],
    [tuple(tuple(1, 'x'), 'y'), '{{1,"x"},"y"}'],
    [tuple(1, 'x'.repeat(3), 5), '{1,"xxx",5}'],
  ])('%o becomes %s', (term, text) => {
    expect(safe(term)).toBe(text)
  })

  it('reads a term that was encoded already', () => {
    expect(safe(new RawTerm(encode(tuple(1, 'x')).subarray(1)))).toBe('{1,"x"}')
  })

  it('puts what was chosen in the place of what is empty', () => {
    const options = { emptyAs: 'none' }
    expect(safe([], options)).toBe('"none"')
    expect(safe(tuple('', {}, [], 1), options)).toBe('{"none","none","none",1}')
  })

  it('makes tuples of inner lists, and takes 64 bits, where that is chosen', () => {
    expect(safe(tuple([atom('a')], 1), { innerLists: 'tuples' })).toBe('{{a},1}')
    expect(safe(2 ** 40, { integers: 64 })).toBe('1099511627776')
  })
})
