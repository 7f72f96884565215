import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { erl } from '../../lib/term/erl.js'
import { float } from '../../lib/term/float.js'
import { charlist, improper } from '../../lib/term/list.js'
import { TermMap } from '../../lib/term/map.js'
import { type Bindings, type Pattern, pattern } from '../../lib/term/pattern.js'
import { Pid } from '../../lib/term/pid.js'
import type { TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { anyTerm } from '../helpers/term-samples.js'

const ok = atom('ok')
const pid = new Pid(Atom.of('shop@127.0.0.1'), 87, 0, 5)

describe('pattern refuses', () => {
  it.each([
    ['a variable as a key', () => pattern`#{Key := 1}`, 'a known term, which Key is not'],
    ['a rest in the middle', () => pattern`<<A/binary, B>>`, 'a size for a binary'],
    ['a size that is bound later', () => pattern`<<A:N, N>>`, 'bound further left, not N'],
    ['a value in a string', () => pattern`"a ${1}"`, 'no value inside a string'],
    ['what is no term', () => pattern`{ok, `, 'a term'],
    ['a variable for a module', () => pattern`fun M:f/1`, 'the module of a fun'],
  ] as [string, () => unknown, string][])('%s', (_, run, expected) => {
    expect(run).toThrow(SyntaxError)
    expect(run).toThrow(expected)
  })

  it.each([
    ['a string in place of a template', () => pattern('{ok, X}' as never)],
    ['values without an Erlang form', () => pattern`{ok, ${undefined}}`],
    ['values that fit no segment', () => pattern`<<${atom('a')}:16, Rest/binary>>`],
    ['keys without an Erlang form', () => pattern`#{${Symbol('a')} := V}`],
  ] as [string, () => unknown][])('%s with a TypeError', (_, run) => {
    expect(run).toThrow(TypeError)
  })
})

describe('pattern does not match', () => {
  it.each([
    [pattern`{ok, _}`, tuple(ok)],
    [pattern`{ok, _}`, tuple(ok, 1, 2)],
    [pattern`{ok, _}`, [ok, 1]],
    [pattern`ok`, 'ok'],
    [pattern`1`, float(1)],
    [pattern`1.0`, 1],
    [pattern`{X, X}`, tuple(1, 2)],
    [pattern`{X, [X]}`, tuple('a', ['b'])],
    [pattern`${pid}`, new Pid(pid.node, 87, 0, 6)],
    [pattern`[_]`, []],
    [pattern`[_]`, [1, 2]],
    [pattern`[_ | _]`, []],
    [pattern`[_, _ | _]`, improper([1], 2)],
    [pattern`[_]`, improper([1], 2)],
    [pattern`[1 | 2]`, improper([1], 3)],
    [pattern`[]`, tuple()],
    [pattern`#{a := _}`, {}],
    [pattern`#{a := 1}`, new Map([[atom('a'), 2]])],
    [pattern`#{}`, []],
    [pattern`<<"ab", _/binary>>`, 'a'],
    [pattern`<<"ab", _/binary>>`, 'ba'],
    [pattern`<<_>>`, 'ab'],
    [pattern`<<_:16>>`, 'a'],
    [pattern`<<_/binary>>`, bitstring(Buffer.of(0x80), 1)],
    [pattern`<<N, _:N/binary>>`, Buffer.of(3, 1, 2)],
    [pattern`<<_/utf8>>`, Buffer.of(0xff)],
    [pattern`<<_/utf16>>`, Buffer.of(0xd8, 0, 0, 65)],
    [pattern`<<_/float>>`, Buffer.alloc(8, 0xff)],
    [pattern`<<X, X>>`, 'ab'],
    [pattern`<<"a">>`, bitstring(Buffer.of(97, 0x80), 1)],
    [pattern`ok`, undefined as never],
  ] as [Pattern, TermInput][])('%o: %o', (wanted, term) => {
    expect(wanted.match(term)).toBeUndefined()
    expect(wanted(term)).toBe(false)
  })
})

describe('pattern matches and binds', () => {
  it.each([
    [pattern`{ok, Value}`, tuple(ok, 42), { Value: 42 }],
    [pattern`{ok, _, _Ignored}.`, tuple(ok, 1, 2), { _Ignored: 2 }],
    [pattern`{X, [X, Y]}`, tuple('a', [Buffer.from('a'), 1]), { X: 'a', Y: 1 }],
    [pattern`{${pid}, ${[1, 'x']}, Z}`, tuple(pid, [1, 'x'], null), { Z: null }],
    [
      pattern`{true, nil, "ab", <<"é"/utf8>>, 16#FF}`,
      tuple(true, null, charlist('ab'), 'é', 255),
      {},
    ],
    [pattern`[H | T]`, [1, 2, 3], { H: 1, T: [2, 3] }],
    [pattern`[H | T]`, [1], { H: 1, T: [] }],
    [pattern`[H | T]`, improper([1], 2), { H: 1, T: 2 }],
    [pattern`[H | T]`, improper([1, 2], 3), { H: 1, T: improper([2], 3) }],
    [pattern`[A, B | [C]]`, [1, 2, 3], { A: 1, B: 2, C: 3 }],
    [pattern`[H | T]`, charlist('ab'), { H: 97, T: [98] }],
    [pattern`#{}`, { a: 1 }, {}],
    [
      pattern`#{a := A, {k, 1} => #{b := B}}`,
      new TermMap([
        [atom('a'), 1],
        [atom('z'), 0],
        [tuple(atom('k'), 1), new Map([[atom('b'), 2]])],
      ]),
      { A: 1, B: 2 },
    ],
    [pattern`#{name := N, <<"age">> := A}`, { name: 'Ada', age: 36 }, { N: 'Ada', A: 36 }],
    [pattern`#{${tuple(1)} := V}`, new Map([[tuple(1), 'x']]), { V: 'x' }],
    [pattern`<<"id:", Rest/binary>>`, 'id:42', { Rest: '42' }],
    [pattern`<<"id:", Rest/binary>>`, Buffer.from('id:42'), { Rest: Buffer.from('42') }],
    [
      pattern`<<N:16, Body:N/binary, Rest/binary>>`,
      Buffer.from('\0\x02abc'),
      { N: 2, Body: Buffer.from('ab'), Rest: Buffer.from('c') },
    ],
    [
      pattern`<<A:3, B:5, C:4/little, D/bitstring>>`,
      Buffer.of(0b10100001, 0b11110000),
      { A: 5, B: 1, C: 15, D: bitstring(Buffer.of(0), 4) },
    ],
    [pattern`<<A:12/little, _:4>>`, Buffer.of(0x23, 0x10), { A: 0x123 }],
    [pattern`<<A:16/little-signed, B/signed>>`, Buffer.of(0xfe, 0xff, 0xff), { A: -2, B: -1 }],
    [pattern`<<A:64>>`, Buffer.alloc(8, 0xff), { A: 2n ** 64n - 1n }],
    [
      pattern`<<A/float, B:32/float-little>>`,
      Buffer.from('3ff80000000000000000c03f', 'hex'),
      { A: 1.5, B: 1.5 },
    ],
    [
      pattern`<<A/utf8, B/utf16, C/utf16-little, D/utf32, "z">>`,
      Buffer.from('f09f9880d83dde0041000000004 17a'.replace(' ', ''), 'hex'),
      { A: 0x1f600, B: 0x1f600, C: 65, D: 65 },
    ],
    [pattern`<<${'ab'}/binary, ${1}:16, N:${8}>>`, Buffer.from('ab\0\x01\x05'), { N: 5 }],
    [pattern`<<X, X>>`, 'aa', { X: 97 }],
  ] as [Pattern, TermInput, Bindings][])('%#: %o', (wanted, term, bindings) => {
    expect(wanted.match(term)).toEqual(bindings)
    expect(wanted(term)).toBe(true)
    expect(wanted.variables).toEqual(Object.keys(bindings))
  })

  it('a name that objects have of their own', () => {
    const found = pattern`{__proto__, X}`.match(tuple(atom('evil'), 1))
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
    expect(Object.keys(found ?? {})).toEqual(['__proto__', 'X'])
  })

  it('with the values of each run of one place', () => {
    const from = (id: number) => pattern`{${id}, What}`
    const [one, two] = [from(1), from(2)]
    const term = tuple(1, 'x')
    expect([one.match(term), two.match(term)]).toEqual([{ What: 'x' }, undefined])
  })

  it('what erl makes of the same values', () => {
    fc.assert(
      fc.property(anyTerm, anyTerm, (a, b) => {
        const term = erl`{a, [${a} | ${b}], #{${a} => ${b}}}`
        return pattern`{a, [${a} | ${b}], #{${a} => ${b}}}`(term)
      }),
    )
  })

  it('as a filter, and shows its template', () => {
    const wanted = pattern`{ok, V}`
    expect([tuple(ok, 1), 2, tuple(ok, 3)].filter(wanted)).toHaveLength(2)
    expect(String(wanted)).toBe('{ok, V}')
    expect(inspect(wanted)).toBe('pattern`{ok, V}`')
  })
})
