/** Pure JavaScript. Atoms on encode by a class; no tuples on encode; BigInt above 32 bits. */
import { peerInstalled, requirePeer } from '../lib/context.mjs'
import { etf } from '../lib/reference-etf.mjs'
import { booleanOr, build } from '../lib/term.mjs'

export const available = () => peerInstalled('etf.js')

const same = (value) => value

export function load() {
  const { pack, unpack, Atom } = requirePeer('etf.js')
  const make = {
    atom: booleanOr((name) => Atom(name)),
    tuple: same,
    list: same,
    binary: (bytes) => bytes.toString('utf8'),
    dict: (pairs) => Object.fromEntries(pairs),
    integer: (value) => (value === (value | 0) ? value : BigInt(value)),
    float: same,
  }
  return {
    native: (term) => build(term, make),
    bytes: (term) => new Uint8Array(etf(term)),
    encode: pack,
    decode: unpack,
    plain: same,
  }
}
