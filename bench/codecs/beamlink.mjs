/** beamlink's public `encode` and `decode`: binaries to Buffers, maps to TermMaps. */
import * as beamlink from 'beamlink'
import { Binary, booleanOr, build } from '../lib/term.mjs'

const { decode, encode } = beamlink
const same = (value) => value

/** The values of a corpus, made of the classes of one copy of beamlink. */
export function valuesOf({ Atom, atom, TermMap, Tuple, tuple }) {
  const make = {
    atom: booleanOr((name) => atom(name)),
    tuple: (elements) => tuple(...elements),
    list: same,
    binary: (bytes) => bytes.toString('utf8'),
    // Text keys are written as plain objects; atom keys as `atomKeys` and `struct` give them.
    dict: (pairs) => (pairs[0]?.[0] instanceof Atom ? new Map(pairs) : Object.fromEntries(pairs)),
    integer: same,
    float: same,
  }
  const plainPairs = (pairs) =>
    Object.fromEntries(Array.from(pairs, ([key, value]) => [plain(key), plain(value)]))
  const plain = (value) => {
    if (Buffer.isBuffer(value)) return value.toString('utf8')
    if (value instanceof Atom) return value.name
    if (value instanceof Tuple) return Array.from(value, plain)
    if (Array.isArray(value)) return value.map(plain)
    if (value instanceof TermMap) return plainPairs(value)
    return typeof value === 'object' ? plainPairs(Object.entries(value)) : value
  }
  // Text as strings and maps as objects, which is what programs hold; a megabyte as a Buffer.
  const native = (term) => (term instanceof Binary ? term.bytes : build(term, make))
  return { native, plain }
}

export const { native, plain } = valuesOf(beamlink)

export const load = () => ({ native, encode, decode: (bytes) => decode(bytes), plain })
