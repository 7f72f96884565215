import { types } from 'node:util'
import { invalidArgument } from '../errors.js'
import { Atom, type AtomOf, atom } from './atom.js'
import { BitString } from './bitstring.js'
import { Float } from './float.js'
import { ExternalFun, Fun } from './fun.js'
import { type Charlist, ImproperList } from './list.js'
import type { LocalTerm } from './local.js'
import { TermMap } from './map.js'
import { Pid } from './pid.js'
import { Port } from './port.js'
import type { RawTerm } from './raw.js'
import { Reference } from './reference.js'
import { type AnyTuple, Tuple, type TupleOf } from './tuple.js'

/** What decoding gives. */
export type Term =
  | number
  | bigint
  | boolean
  | Float
  | Atom
  /** With `nil: 'null'`: the atoms nil and undefined. */
  | null
  | AnyTuple
  | Term[]
  | ImproperList
  | Buffer
  /** With `binaries: 'utf8'`: a binary that is valid UTF-8. */
  | string
  | BitString
  | TermMap
  /** With `maps: 'object'`: a map whose keys are all text or atoms. */
  | TermObject
  | Pid
  | Port
  | Reference
  | Fun
  | ExternalFun
  | LocalTerm

/** A map with keys of text or atoms, without prototype. */
export interface TermObject {
  [key: string]: Term
}

/**
 * What encoding takes: every term, and the JavaScript values that have one Erlang form. `undefined` is
 * left out, since it has none unless `undefinedAs` gives one.
 */
export type TermInput =
  | Term
  | Uint8Array
  | Charlist
  | RawTerm
  | readonly TermInput[]
  | TupleOf<TermInput>
  | ReadonlyMap<TermInput, TermInput>
  | TermInputObject

/** A map with keys of text: binaries in Erlang, or atoms with `keys: 'atoms'`. */
export interface TermInputObject {
  readonly [key: string]: TermInput
}

/** A tuple of arity `A`, the limit of literal arities being 32. */
export type TupleOfArity<A extends number> = number extends A ? AnyTuple : Tuple<Repeat<A>>

/** A tuple that begins with the atom `N`. */
export type Tagged<N extends string, A extends number = number> = number extends A
  ? AnyTuple & { readonly 0: AtomOf<N> }
  : Repeat<A> extends readonly [unknown, ...infer Rest]
    ? Tuple<readonly [AtomOf<N>, ...Rest]>
    : never

type Repeat<A extends number, T extends readonly Term[] = readonly []> = T['length'] extends A | 32
  ? T
  : Repeat<A, readonly [...T, Term]>

/**
 * True for an atom, or for the one of that name. Erlang's `true` and `false` are booleans here and
 * answer only to their names.
 */
export function isAtom(value: unknown): value is Atom
export function isAtom<const N extends string>(value: unknown, name: N): value is AtomOf<N>
export function isAtom(value: unknown, name?: string): boolean {
  if (typeof value === 'boolean') return name === String(value)
  return Atom.is(value) && (name === undefined || value.name === name)
}

/** True for a tuple, or for one of that arity. */
export function isTuple(value: unknown): value is AnyTuple
export function isTuple<const A extends number>(value: unknown, arity: A): value is TupleOfArity<A>
export function isTuple(value: unknown, arity?: number): boolean {
  return Tuple.is(value) && (arity === undefined || value.length === arity)
}

/** True for `{Name, …}`, or for one of that arity (the name counted): `isTagged(t, 'ok', 2)`. */
export function isTagged<const N extends string>(value: unknown, name: N): value is Tagged<N>
export function isTagged<const N extends string, const A extends number>(
  value: unknown,
  name: N,
  arity: A,
): value is Tagged<N, A>
export function isTagged(value: unknown, name: string, arity?: number): boolean {
  if (!Tuple.is(value) || (arity !== undefined && value.length !== arity)) return false
  return isAtom(value.elements[0], name)
}

/** True for an integer: a safe one that is not -0, or a bigint. All other numbers are floats. */
export function isInteger(value: unknown): value is number | bigint {
  if (typeof value === 'bigint') return true
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

/** True for a float: a number that is no integer, or a `Float`. */
export function isFloat(value: unknown): value is number | Float {
  if (typeof value === 'number') return Number.isFinite(value) && !isInteger(value)
  return Float.is(value)
}

/** True for a proper list. */
export function isList(value: unknown): value is Term[] {
  return Array.isArray(value)
}

/** True for a list that does not end in `[]`. */
export function isImproperList(value: unknown): value is ImproperList {
  return ImproperList.is(value)
}

/** True for a binary, as bytes or as the string that `binaries: 'utf8'` makes of it. */
export function isBinary(value: unknown): value is Buffer | string {
  return typeof value === 'string' || Buffer.isBuffer(value)
}

/** True for a bitstring that does not end on a byte; others are binaries. */
export function isBitString(value: unknown): value is BitString {
  return BitString.is(value)
}

/** True for a map, as it comes unless `maps` is `object`. */
export function isTermMap(value: unknown): value is TermMap {
  return TermMap.is(value)
}

/** True for the identifier of a process. */
export function isPid(value: unknown): value is Pid {
  return Pid.is(value)
}

/** True for the identifier of a port. */
export function isPort(value: unknown): value is Port {
  return Port.is(value)
}

/** True for a reference, such as a monitor or an alias is. */
export function isReference(value: unknown): value is Reference {
  return Reference.is(value)
}

/** True for a fun of either sort. */
export function isFun(value: unknown): value is Fun | ExternalFun {
  return Fun.is(value) || ExternalFun.is(value)
}

/**
 * The map of an object's own properties, its keys as atoms (values are left as they are):
 * `atomKeys({ name: 'x' })` is `#{name => <<"x">>}`.
 */
export function atomKeys<V extends TermInput>(
  object: Readonly<Record<string, V>>,
): Map<Atom | boolean, V> {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw invalidArgument('object', 'a plain object', object)
  }
  if (types.isMap(object) || TermMap.is(object))
    throw invalidArgument('object', 'a plain object', object)
  return new Map(Object.entries(object).map(([key, value]) => [atom(key), value]))
}
