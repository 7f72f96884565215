import { types } from 'node:util'
import { EncodeError } from '../errors.js'
import type { Atom } from '../term/atom.js'
import { brandedKind } from '../term/brand.js'
import type { Float } from '../term/float.js'
import type { Charlist, ImproperList } from '../term/list.js'
import type { TermMap } from '../term/map.js'
import type { RawTerm } from '../term/raw.js'
import type { AnyTuple } from '../term/tuple.js'
import { hasSymbolKeys, isAtomName, isPlainObject, isWellFormed, maxBigBytes } from './encodable.js'
import { repeatedKey } from './equal-keys.js'
import type { EncodeOptions } from './options.js'
import type { RawTerms } from './raw-terms.js'

/** A value on the way from the root to what cannot be encoded. */
interface Step {
  readonly value: unknown
  readonly from: Step | undefined
  readonly label: string
}

/**
 * The error for a value that cannot be encoded. Looks for the first such part, since the writer, who
 * met it, keeps no path while all goes well.
 */
export function refusal(root: unknown, options: EncodeOptions, raws: RawTerms): EncodeError {
  const waiting: Step[] = [{ value: root, from: undefined, label: '' }]
  const seen = new Set<unknown>()
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const reason = objection(step.value, options) ?? rawObjection(step, raws)
    if (reason !== undefined) {
      const path = pathTo(step)
      return new EncodeError(path === '' ? reason : `${path}: ${reason}`)
    }
    // An object is as good or bad the second time; and it may contain itself.
    if (seen.has(step.value)) continue
    if (typeof step.value === 'object') seen.add(step.value)
    for (const [label, value] of parts(step.value).reverse()) {
      waiting.push({ value, from: step, label })
    }
  }
  // A getter gave something else than before.
  return new EncodeError('a part of the value has no Erlang form')
}

function pathTo(step: Step): string {
  const labels: string[] = []
  for (let at: Step | undefined = step; at !== undefined; at = at.from) labels.push(at.label)
  return labels.reverse().join('').replace(/^\./, '')
}

/** Why bytes that would be written as they are have no Erlang form, or none within another value. */
function rawObjection({ value, from }: Step, raws: RawTerms): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const kind = brandedKind(value)
  if (kind !== 'raw' && kind !== 'local' && kind !== 'fun') return undefined
  return raws.objection((value as RawTerm).bytes, from === undefined)
}

/** Why a value itself has no Erlang form; undefined when it has one, or its parts decide. */
function objection(value: unknown, options: EncodeOptions): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return 'undefinedAs' in options ? undefined : 'undefined has no Erlang form (see undefinedAs)'
    case 'function':
    case 'symbol':
      return `a ${typeof value} has no Erlang form`
    case 'number':
      return Number.isFinite(value) ? undefined : `${value} has no Erlang form`
    case 'string':
      return isWellFormed(value) ? undefined : 'the text has a lone surrogate, so no UTF-8 form'
    case 'bigint':
      return isBeyondErlang(value)
        ? `an integer of more than ${maxBigBytes} bytes, which no Erlang has room for`
        : undefined
    case 'object':
      return value === null ? undefined : objectObjection(value, options)
    default:
      return undefined
  }
}

function isBeyondErlang(value: bigint): boolean {
  const magnitude = value < 0n ? -value : value
  return BigInt.asUintN(8 * maxBigBytes, magnitude) !== magnitude
}

function objectObjection(value: object, options: EncodeOptions): string | undefined {
  if (Array.isArray(value)) return undefined
  if (types.isMap(value)) return mapObjection(value, options)
  const kind = brandedKind(value)
  if (kind !== undefined) return brandedObjection(value, kind)
  if (types.isUint8Array(value) || types.isAnyArrayBuffer(value) || types.isDataView(value)) {
    return undefined
  }
  if (!isPlainObject(value)) {
    const name = value.constructor?.name ?? ''
    return `${name === '' ? 'an instance of a class' : `a value of class ${name}`} has no Erlang form`
  }
  if (hasSymbolKeys(value)) return 'an object with symbol keys has no Erlang form'
  if (options.keys === 'atoms' && !Object.keys(value).every(isAtomName)) {
    return 'a key is no atom (at most 255 characters, no lone surrogates)'
  }
  return Object.keys(value).every(isWellFormed) ? undefined : 'a key has a lone surrogate'
}

function mapObjection(
  map: ReadonlyMap<unknown, unknown>,
  options: EncodeOptions,
): string | undefined {
  const position = repeatedKey(map, options)
  if (position === undefined) return undefined
  return `key(${position}) is the same Erlang term as a key before it`
}

function brandedObjection(value: object, kind: string): string | undefined {
  if (kind === 'atom' && !isAtomName((value as Atom).name)) {
    return 'the atom has no valid name (at most 255 characters, no lone surrogates)'
  }
  if (kind === 'float' && !Number.isFinite((value as Float).value)) {
    return `a float of ${(value as Float).value} has no Erlang form`
  }
  if (kind === 'charlist' && !isWellFormed((value as Charlist).text)) {
    return 'the charlist has a lone surrogate'
  }
  return undefined
}

type Part = readonly [label: string, value: unknown]

function parts(value: unknown): Part[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return Array.from(value, indexed)
  if (types.isMap(value)) return mapParts(value)
  switch (brandedKind(value)) {
    case undefined:
      return isPlainObject(value) ? objectParts(value) : []
    case 'tuple':
      return (value as AnyTuple).elements.map(indexed)
    case 'improper': {
      const { elements, tail } = value as ImproperList
      return [...elements.map(indexed), ['.tail', tail]]
    }
    case 'map':
      return mapParts(value as TermMap)
    default:
      return []
  }
}

function indexed(value: unknown, index: number): Part {
  return [`[${index}]`, value]
}

function objectParts(object: object): Part[] {
  return Object.entries(object).map(([key, value]) => [keyLabel(key), value])
}

function mapParts(map: ReadonlyMap<unknown, unknown>): Part[] {
  let position = 0
  return [...map].flatMap(([key, value]): Part[] => {
    position++
    const label = typeof key === 'string' ? keyLabel(key) : `.value(${position})`
    return [
      [`.key(${position})`, key],
      [label, value],
    ]
  })
}

function keyLabel(key: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
