import { Atom } from '../term/atom.js'
import { keyOf } from '../term/key.js'
import type { EncodeOptions } from './options.js'

/**
 * Whether a key of a `Map` may be the same Erlang term as another one that JavaScript tells from it,
 * as `'a'` and `Buffer.from('a')`, 1 and 1n, and two tuples are. Texts, numbers and atoms alone cannot.
 */
export function mayEqualOthers(key: unknown): boolean {
  if (typeof key === 'object') return !(key instanceof Atom)
  return typeof key === 'bigint' || key === undefined
}

/**
 * The position, from 1, of the first key of a `Map` that is the same Erlang term as one before it. No
 * node takes such a map: Erlang closes the connection on it, with all that goes over it.
 */
export function repeatedKey(
  map: ReadonlyMap<unknown, unknown>,
  { strings, undefinedAs }: EncodeOptions,
): number | undefined {
  // Then texts are lists, also within keys, where `keyOf` takes them for binaries.
  if (strings === 'byteLists') return undefined
  const seen = new Set<unknown>()
  let position = 0
  for (const key of map.keys()) {
    seen.add(primitiveOf(key === undefined ? undefinedAs : key))
    if (seen.size < ++position) return position
  }
  return undefined
}

/** The key itself where it has no primitive: bytes that are no Uint8Array, what cannot be encoded. */
function primitiveOf(key: unknown): unknown {
  try {
    return keyOf(key)
  } catch {
    return key
  }
}
