import {
  type Atom,
  type Bindings,
  erl,
  type MailboxProcess,
  type ParseOptions,
  type Pattern,
  type Pid,
  parse,
  pattern,
  type Tagged,
  type Term,
  type TermInput,
} from 'beamlink'
import { expectTypeOf, it } from 'vitest'

declare const term: Term
declare const self: MailboxProcess

it('parse gives a term, and knows its options', () => {
  expectTypeOf(parse('ok', { syntax: 'elixir', node: 'shop@127.0.0.1' })).toEqualTypeOf<Term>()
  expectTypeOf<{ syntax: 'lisp' }>().not.toExtend<ParseOptions>()
})

it('erl gives a term for terms, and an input for inputs', () => {
  expectTypeOf(erl`{ok, ${term}, ${1}}`).toEqualTypeOf<Term>()
  expectTypeOf(erl`{ok, ${{ a: new Uint8Array(1) }}}`).toEqualTypeOf<TermInput>()
  // @ts-expect-error undefined is no term
  erl`{ok, ${undefined}}`
})

it('a pattern binds terms, or what it is told', () => {
  expectTypeOf(pattern`{ok, Value}`).toEqualTypeOf<Pattern<Bindings, Term>>()
  expectTypeOf(pattern`{ok, Value}`.match(term)).toEqualTypeOf<Bindings | undefined>()
  const told = pattern<{ Value: number; From: Pid }>`{ok, Value, From}`
  const found = told.match(term)
  if (found !== undefined) {
    expectTypeOf(found.Value).toEqualTypeOf<number>()
    expectTypeOf(found.From).toEqualTypeOf<Pid>()
    // @ts-expect-error no variable has that name
    void found.Other
  }
})

it('a pattern narrows to the shape that it is told, in an if and in receive', () => {
  const wanted = pattern<{ Value: Term }, Tagged<'ok', 2>>`{ok, Value}`
  if (wanted(term)) expectTypeOf(term[0]).toEqualTypeOf<Atom<'ok'>>()
  expectTypeOf(self.receive({ match: wanted })).toEqualTypeOf<Promise<Tagged<'ok', 2>>>()
  expectTypeOf(self.receive({ match: pattern`{ok, _}` })).toEqualTypeOf<Promise<Term>>()
  expectTypeOf([term].filter(wanted)).toEqualTypeOf<Tagged<'ok', 2>[]>()
})
