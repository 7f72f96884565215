/**
 * Native (NAN) addon. Encodes strings as binaries, arrays as lists, objects as maps; has no tuples,
 * atoms (besides booleans and nil), Buffers or integers above 32 bits; at most 256 levels. Decodes
 * tuples to arrays, binaries to strings, and knows only the old atom tags.
 */
import { peerInstalled, requirePeer } from '../lib/context.mjs'
import { etf, SMALL_ATOM } from '../lib/reference-etf.mjs'
import { plain } from '../lib/term.mjs'

export const available = () => peerInstalled('erlpack')

export function load() {
  const { pack, unpack } = requirePeer('erlpack')
  return {
    native: plain,
    bytes: (term) => etf(term, { atomTag: SMALL_ATOM }),
    encode: pack,
    decode: unpack,
    plain: (value) => value,
  }
}
