import { types } from 'node:util'
import { invalidArgument } from '../errors.js'
import type { Atom } from './atom.js'
import { brandedKind } from './brand.js'
import type { Float } from './float.js'
import type { ImproperList } from './list.js'
import type { TermMap } from './map.js'
import type { AnyTuple } from './tuple.js'

/**
 * Which Erlang type a JavaScript value is, and its parts in one form whatever shape it came in. The
 * one place that knows all shapes: `compare`, `equals`, `format` and the keys of `TermMap` build on it.
 */
export type Kind =
  | 'integer'
  | 'float'
  | 'atom'
  | 'reference'
  | 'fun'
  | 'export'
  | 'port'
  | 'pid'
  | 'tuple'
  | 'map'
  | 'list'
  | 'binary'
  | 'bitstring'
  | 'local'
  | 'raw'

/**
 * The Erlang type of a value.
 *
 * Errors: TypeError for what has no Erlang form: undefined, NaN, a function, an instance of a class.
 */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'number':
      return kindOfNumber(value)
    case 'string':
      return 'binary'
    case 'bigint':
      return 'integer'
    case 'boolean':
      return 'atom'
    case 'object':
      return value === null ? 'atom' : kindOfObject(value)
    default:
      throw invalidArgument('term', 'a value with an Erlang form', value)
  }
}

function kindOfNumber(value: number): Kind {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? 'float' : 'integer'
  if (Number.isFinite(value)) return 'float'
  throw invalidArgument('term', 'a value with an Erlang form', value)
}

function kindOfObject(value: object): Kind {
  if (Array.isArray(value)) return 'list'
  const branded = brandedKind(value)
  if (branded !== undefined) {
    return branded === 'improper' || branded === 'charlist' ? 'list' : branded
  }
  if (types.isUint8Array(value)) return 'binary'
  if (types.isMap(value) || isPlainObject(value)) return 'map'
  throw invalidArgument('term', 'a value with an Erlang form', value)
}

/** An object literal or one without prototype, of any realm. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The number of an integer or float; -0 as 0, since Erlang's `0.0 =:= -0.0` holds up to OTP 26. */
export function numberOf(value: unknown): number | bigint {
  if (typeof value === 'number') return value + 0
  return typeof value === 'bigint' ? value : (value as Float).value + 0
}

/** The name of an atom; `null` is `nil`. */
export function atomNameOf(value: unknown): string {
  if (value === null) return 'nil'
  return typeof value === 'boolean' ? String(value) : (value as Atom).name
}

export function tupleElementsOf(value: unknown): readonly unknown[] {
  return (value as AnyTuple).elements
}

/** A list's elements, and its tail when that is not `[]`. */
export interface ListParts {
  readonly elements: readonly unknown[]
  readonly isProper: boolean
  /** Meaningful when not `isProper`. */
  readonly tail: unknown
}

export function listPartsOf(value: unknown): ListParts {
  if (Array.isArray(value)) return { elements: value, isProper: true, tail: undefined }
  if (brandedKind(value as object) === 'charlist') {
    return { elements: codePointsOf(String(value)), isProper: true, tail: undefined }
  }
  const { elements, tail } = value as ImproperList
  if (kindOf(tail) !== 'list') return { elements, isProper: false, tail }
  return joined(elements, tail)
}

/** Follows tails that are lists themselves: `[1|[2|3]]` is `[1,2|3]`. */
function joined(head: readonly unknown[], rest: unknown): ListParts {
  const elements = [...head]
  let tail: unknown = rest
  while (kindOf(tail) === 'list') {
    if (brandedKind(tail as object) !== 'improper') {
      const last = listPartsOf(tail)
      return { elements: elements.concat(last.elements), isProper: true, tail: undefined }
    }
    const cell = tail as ImproperList
    for (const element of cell.elements) elements.push(element)
    tail = cell.tail
  }
  return { elements, isProper: false, tail }
}

export function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0)
}

/** A map's entries as [key, value, key, value, …]. A plain object's keys are binaries. */
export function mapEntriesOf(value: unknown): readonly unknown[] {
  if (brandedKind(value as object) === 'map') return (value as TermMap).toFlat()
  const entries = types.isMap(value) ? [...value] : Object.entries(value as object)
  return entries.flat()
}

/** The bytes of a binary or bitstring. */
export function bytesOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  return types.isUint8Array(value) ? value : (value as { bytes: Uint8Array }).bytes
}
