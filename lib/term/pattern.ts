import { inspect } from 'node:util'
import { invalidArgument } from '../errors.js'
import type { Compilation, Match } from './syntax/binding.js'
import { compileMatch } from './syntax/match.js'
import { isTemplate, readTemplate } from './syntax/template.js'
import type { Term } from './term.js'

/** What the variables of a pattern stand for, by their names. */
export type Bindings = Readonly<Record<string, Term>>

/**
 * A pattern is a function that says whether a term matches: give it to `receive({ match })`, `filter`,
 * or `if`, where it narrows to `Shape`.
 */
export interface Pattern<B extends object = Bindings, Shape extends Term = Term> {
  (term: unknown): term is Shape
  /** What the variables stand for, `{}` where there are none; undefined when the term does not match. */
  match(term: unknown): B | undefined
  /** The names, in the order in which they are bound. */
  readonly variables: readonly string[]
  /** The template. */
  toString(): string
}

interface Compiled {
  readonly matches: Match
  readonly compilation: Compilation
}

/** One place in a program has one array of strings, however often it is run. */
const compiled = new WeakMap<TemplateStringsArray, Compiled>()

/**
 * A pattern in Erlang's syntax: pattern`{ok, Value}` matches what `erl` would make, and binds.
 *
 *   Value, Value      a variable stands for any term, for equal ones where it stands twice
 *   _                 any term
 *   ${value}          that very term
 *   [H | T]           T is the rest of the list
 *   #{key := V}       a map that has the key, whatever else it has
 *   <<"id:", N:16, Rest/binary>>   sizes may be variables that stand further left
 *
 * Types: what the variables stand for is as you say, pattern<{ Value: number }>`{ok, Value}`; nothing
 *        checks that. Without it they are `Term`s.
 * Errors: TermSyntaxError for a template that is no pattern; TypeError for a value that has no Erlang
 *         form or does not fit where it stands.
 */
export function pattern<B extends object = Bindings, Shape extends Term = Term>(
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
): Pattern<B, Shape> {
  const { matches, compilation } = compiled.get(strings) ?? compile(strings)
  for (const check of compilation.checks) check(values)
  const bindingsOf = (term: unknown): Map<string, unknown> | undefined => {
    const run = { values, bindings: new Map<string, unknown>() }
    return matches(term, run) ? run.bindings : undefined
  }
  const isMatch = (term: unknown): term is Shape => bindingsOf(term) !== undefined
  const match = (term: unknown): B | undefined => {
    const bindings = bindingsOf(term)
    return bindings === undefined ? undefined : (Object.fromEntries(bindings) as B)
  }
  const text = compilation.source.text
  return Object.assign(isMatch, {
    match,
    variables: [...compilation.variables],
    toString: () => text,
    [inspect.custom]: () => `pattern\`${text}\``,
  })
}

function compile(strings: TemplateStringsArray): Compiled {
  if (!isTemplate(strings)) {
    throw invalidArgument('pattern', 'used as a tag, pattern`{ok, Value}`', strings)
  }
  const { root, source } = readTemplate(strings, true)
  const compilation: Compilation = { source, variables: new Set(), checks: [] }
  const made = { matches: compileMatch(root, compilation), compilation }
  compiled.set(strings, made)
  return made
}
