/** beamlink's public `encode` and `decode`: binaries to Buffers, maps to TermMaps. */
import { Atom, atom, decode, encode, TermMap, Tuple, tuple } from 'beamlink'
import { Binary, booleanOr, build } from '../lib/term.mjs'

const same = (value) => value

/** Text keys are written as plain objects; atom keys as `atomKeys` and `struct` give them. */
const mapOf = (pairs) =>
  pairs[0]?.[0] instanceof Atom ? new Map(pairs) : Object.fromEntries(pairs)

const make = {
  atom: booleanOr((name) => atom(name)),
  tuple: (elements) => tuple(...elements),
  list: same,
  binary: (bytes) => bytes.toString('utf8'),
  dict: mapOf,
  integer: same,
  float: same,
}

/** Text as strings and maps as objects, which is what programs hold; a megabyte as a Buffer. */
export const native = (term) => (term instanceof Binary ? term.bytes : build(term, make))

const plainPairs = (pairs) =>
  Object.fromEntries(Array.from(pairs, ([key, value]) => [plain(key), plain(value)]))

export function plain(value) {
  if (Buffer.isBuffer(value)) return value.toString('utf8')
  if (value instanceof Atom) return value.name
  if (value instanceof Tuple) return Array.from(value, plain)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof TermMap) return plainPairs(value)
  return typeof value === 'object' ? plainPairs(Object.entries(value)) : value
}

export const load = () => ({ native, encode, decode: (bytes) => decode(bytes), plain })
