import { describe, expectTypeOf, it } from 'vitest'
import { type Atom, atom } from '../../lib/term/atom.js'
import { elixir, struct } from '../../lib/term/elixir.js'
import { type Float, float } from '../../lib/term/float.js'
import type { ExternalFun, Fun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { TermMap } from '../../lib/term/map.js'
import type { Pid } from '../../lib/term/pid.js'
import {
  atomKeys,
  isAtom,
  isBinary,
  isFloat,
  isFun,
  isInteger,
  isList,
  isPid,
  isTagged,
  isTermMap,
  isTuple,
  type Tagged,
  type Term,
  type TermInput,
} from '../../lib/term/term.js'
import { type AnyTuple, type Tuple, tuple } from '../../lib/term/tuple.js'

declare const term: Term
declare const name: string

describe('atom', () => {
  it('keeps its name in its type', () => {
    expectTypeOf(atom('ok')).toEqualTypeOf<Atom<'ok'>>()
    expectTypeOf(atom('ok').name).toEqualTypeOf<'ok'>()
    expectTypeOf(atom(name)).toEqualTypeOf<Atom>()
    expectTypeOf<Atom<'ok'>>().toExtend<Atom>()
    expectTypeOf<Atom<'ok'>>().not.toExtend<Atom<'error'>>()
  })

  it('is a boolean for the names of booleans', () => {
    expectTypeOf(atom('true')).toEqualTypeOf<true>()
    expectTypeOf(atom('false')).toEqualTypeOf<false>()
  })

  it('takes strings only', () => {
    // @ts-expect-error a number is no name
    atom(1)
  })
})

describe('tuple', () => {
  const ok = tuple(atom('ok'), 42, 'text')

  it('knows the type of each position, by index and by destructuring', () => {
    const [tag, count, text] = ok
    expectTypeOf(tag).toEqualTypeOf<Atom<'ok'>>()
    expectTypeOf(count).toEqualTypeOf<42>()
    expectTypeOf(text).toEqualTypeOf<'text'>()
    expectTypeOf(ok[1]).toEqualTypeOf<42>()
    expectTypeOf(ok.length).toEqualTypeOf<3>()
    expectTypeOf(ok.kind).toEqualTypeOf<'tuple'>()
  })

  it('may have nothing beyond its arity', () => {
    const [, , , fourth] = ok
    expectTypeOf<undefined>().toExtend<typeof fourth>()
  })

  it('is a term, one of known arity where that is asked for, and no array', () => {
    expectTypeOf(ok).toExtend<Term>()
    expectTypeOf(ok).toExtend<AnyTuple>()
    expectTypeOf(ok).toExtend<Tuple<readonly [Atom, number, string]>>()
    expectTypeOf(ok).not.toExtend<Tuple<readonly [Atom, number]>>()
    expectTypeOf(ok).not.toExtend<Term[]>()
    // @ts-expect-error a tuple has no methods of an array
    ok.map((element: unknown) => element)
    // @ts-expect-error nor can it be changed
    ok[1] = 42
  })

  it('of inputs is an input and no term', () => {
    const request = tuple(atom('put'), { key: 1 }, charlist('abc'))
    expectTypeOf(request).toExtend<TermInput>()
    expectTypeOf(request).not.toExtend<Term>()
  })

  it('of any arity gives terms or nothing', () => {
    const any = term as AnyTuple
    expectTypeOf(any[0]).toEqualTypeOf<Term | undefined>()
    for (const element of any) expectTypeOf(element).toEqualTypeOf<Term>()
    const [first] = any
    expectTypeOf(first).toExtend<Term | undefined>()
  })

  it('takes values with an Erlang form only', () => {
    // @ts-expect-error a function is no term
    tuple(atom('ok'), () => 1)
    // @ts-expect-error undefined is no term
    tuple(undefined)
  })
})

describe('guards', () => {
  it('narrow to a tuple by its tag and arity', () => {
    if (isTagged(term, 'ok', 2)) {
      const [tag, value] = term
      expectTypeOf(tag).toEqualTypeOf<Atom<'ok'>>()
      expectTypeOf(value).toEqualTypeOf<Term>()
      expectTypeOf(term.length).toEqualTypeOf<2>()
      if (isTagged(value, 'error', 3)) expectTypeOf(value[2]).toEqualTypeOf<Term>()
    }
    if (isTagged(term, 'true', 1)) expectTypeOf(term[0]).toEqualTypeOf<true>()
    expectTypeOf<Tagged<'ok', 2>>().toExtend<AnyTuple>()
  })

  it('narrow to a tuple of any arity by its tag', () => {
    if (isTagged(term, 'ok')) {
      expectTypeOf(term[0]).toEqualTypeOf<Atom<'ok'>>()
      expectTypeOf(term[1]).toEqualTypeOf<Term | undefined>()
    }
  })

  it('narrow to tuples, with and without arity', () => {
    if (isTuple(term)) expectTypeOf(term).toEqualTypeOf<AnyTuple>()
    if (isTuple(term, 3)) {
      const [, , third] = term
      expectTypeOf(third).toEqualTypeOf<Term>()
    }
  })

  it('narrow to atoms, with and without a name', () => {
    if (isAtom(term)) expectTypeOf(term.name).toEqualTypeOf<string>()
    if (isAtom(term, 'ok')) expectTypeOf(term.name).toEqualTypeOf<'ok'>()
    if (isAtom(term, 'true')) expectTypeOf(term).toEqualTypeOf<true>()
  })

  it('narrow to the other types of terms', () => {
    if (isInteger(term)) expectTypeOf(term).toEqualTypeOf<number | bigint>()
    if (isFloat(term)) expectTypeOf(term).toEqualTypeOf<number | Float>()
    if (isBinary(term)) expectTypeOf(term).toEqualTypeOf<Buffer | string>()
    if (isList(term)) expectTypeOf(term).toEqualTypeOf<Term[]>()
    if (isPid(term)) expectTypeOf(term).toEqualTypeOf<Pid>()
    if (isFun(term)) expectTypeOf(term).toEqualTypeOf<Fun | ExternalFun>()
  })

  it('narrow to containers, also with what JavaScript offers', () => {
    if (isTermMap(term)) expectTypeOf(term.get(tuple(1, 'a'))).toEqualTypeOf<Term | undefined>()
    if (Array.isArray(term)) expectTypeOf(term).toEqualTypeOf<Term[]>()
    if (typeof term === 'string') expectTypeOf(term).toEqualTypeOf<string>()
  })
})

describe('TermInput', () => {
  it('takes every term and every JavaScript value with one Erlang form', () => {
    expectTypeOf<Term>().toExtend<TermInput>()
    const input: TermInput = {
      list: [1, 2n, 1.5, float(1), 'text', true, null],
      bytes: new Uint8Array(1),
      nested: new Map<TermInput, TermInput>([[tuple(1), [atom('a')]]]),
      tagged: tuple(atom('ok'), { a: [charlist('abc')] }),
      map: new TermMap([
        [atom('a'), 1],
        ['b', { c: 2 }],
      ]),
      tail: improper([1], 2),
      record: atomKeys({ id: 1 }),
      struct: struct('Shop.Order', { id: elixir('Shop') }),
    }
    expectTypeOf(input).toExtend<TermInput>()
  })

  it('refuses undefined, functions, symbols and dates', () => {
    expectTypeOf<undefined>().not.toExtend<TermInput>()
    expectTypeOf<() => void>().not.toExtend<TermInput>()
    expectTypeOf<symbol>().not.toExtend<TermInput>()
    expectTypeOf<Date>().not.toExtend<TermInput>()
  })
})
