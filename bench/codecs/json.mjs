/** Yardstick, not ETF: atoms and binaries are strings, tuples are arrays. */
import { plain } from '../lib/term.mjs'

export const isEtf = false
export const load = () => ({
  native: plain,
  bytes: (term) => JSON.stringify(plain(term)),
  encode: JSON.stringify,
  decode: JSON.parse,
  plain: (value) => value,
})
