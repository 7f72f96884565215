/** ETF in JavaScript alone: binaries to Buffers that view the input, maps to flat entries. */

import { Binary, booleanOr, build } from '../lib/term.mjs'
import { decode } from '../pure/decoder.mjs'
import { encode } from '../pure/encoder.mjs'
import { Atom, atomOf, FlatMap, Tuple } from '../pure/terms.mjs'

const same = (value) => value

const mapOf = (pairs) =>
  pairs[0]?.[0] instanceof Atom ? new Map(pairs) : Object.fromEntries(pairs)

const make = {
  atom: booleanOr(atomOf),
  tuple: (elements) => new Tuple(elements),
  list: same,
  binary: (bytes) => bytes.toString('utf8'),
  dict: mapOf,
  integer: same,
  float: same,
}

export const native = (term) => (term instanceof Binary ? term.bytes : build(term, make))

function plainEntries({ entries }) {
  const object = {}
  for (let k = 0; k < entries.length; k += 2) object[plain(entries[k])] = plain(entries[k + 1])
  return object
}

export function plain(value) {
  if (Buffer.isBuffer(value)) return value.toString('utf8')
  if (value instanceof Atom) return value.name
  if (value instanceof Tuple) return value.elements.map(plain)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof FlatMap) return plainEntries(value)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}

export const load = () => ({ native, encode, decode: (bytes) => decode(bytes), plain })
