import { Atom } from '../term/atom.js'
import { Float } from '../term/float.js'
import { ImproperList } from '../term/list.js'
import { TermMap } from '../term/map.js'
import type { Term } from '../term/term.js'
import { Tuple } from '../term/tuple.js'
import { orNull } from './atom-values.js'
import { ResolvedDecodeOptions } from './options.js'

/** The same options, but with one value for each term, so that no two keys merge. */
export function exactly(options: ResolvedDecodeOptions): ResolvedDecodeOptions {
  return new ResolvedDecodeOptions({
    ...options,
    integers: options.integers === 'number' ? 'auto' : options.integers,
    floats: 'wrap',
    nil: 'atom',
  })
}

/** A place that holds a value still to be looked at. */
interface Place {
  readonly holder: object
  readonly key: string | number
  readonly isInKey: boolean
}

/**
 * Turns the values of an exact read into those that `options` ask for, in place; inside map keys
 * only as far as different terms stay different.
 */
export function relax(values: Term[], options: ResolvedDecodeOptions): Term[] {
  const places: Place[] = []
  pushAll(places, values, false)
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const holder = place.holder as Record<string | number, Term>
    const value = holder[place.key] as Term
    const relaxed = relaxOne(value, options, place.isInKey)
    holder[place.key] = openParts(places, relaxed, place.isInKey)
  }
  return values
}

function relaxOne(value: Term, options: ResolvedDecodeOptions, isInKey: boolean): Term {
  if (value instanceof Float) {
    if (options.floats === 'wrap' || (isInKey && Number.isSafeInteger(value.value))) return value
    return value.value
  }
  if (typeof value === 'bigint') {
    return options.integers === 'number' && !isInKey ? Number(value) : value
  }
  if (value instanceof Atom && options.nil === 'null') {
    return isInKey && value.name === 'undefined' ? value : orNull(value)
  }
  return value
}

/** Notes the parts of a value; a map becomes a new one, whose parts can still change. */
function openParts(places: Place[], value: Term, isInKey: boolean): Term {
  if (Array.isArray(value)) pushAll(places, value, isInKey)
  else if (value instanceof Tuple) pushAll(places, value.elements, isInKey)
  else if (value instanceof TermMap) return openMap(places, value, isInKey)
  else if (value instanceof ImproperList) {
    pushAll(places, value.elements, isInKey)
    places.push({ holder: value, key: 'tail', isInKey })
  } else if (isPlainObject(value)) {
    for (const key of Object.keys(value)) places.push({ holder: value, key, isInKey })
  }
  return value
}

function openMap(places: Place[], map: TermMap, isInKey: boolean): TermMap {
  const flat = [...map.toFlat()]
  for (let key = 0; key < flat.length; key++) {
    places.push({ holder: flat, key, isInKey: isInKey || key % 2 === 0 })
  }
  return TermMap.fromFlat(flat)
}

/** As `maps: 'object'` makes them. */
function isPlainObject(value: Term): value is { [key: string]: Term } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
}

function pushAll(places: Place[], holder: readonly Term[], isInKey: boolean): void {
  for (let key = 0; key < holder.length; key++) places.push({ holder, key, isInKey })
}
