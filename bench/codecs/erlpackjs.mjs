/** Pure JavaScript work-alike of erlpack, with the same limits. */
import { peerInstalled, requirePeer } from '../lib/context.mjs'
import { etf, SMALL_ATOM } from '../lib/reference-etf.mjs'
import { plain } from '../lib/term.mjs'

export const available = () => peerInstalled('erlpackjs')

export function load() {
  const { pack, unpack } = requirePeer('erlpackjs')
  return {
    native: plain,
    bytes: (term) => new Uint8Array(etf(term, { atomTag: SMALL_ATOM })),
    encode: pack,
    decode: unpack,
    plain: (value) => value,
  }
}
