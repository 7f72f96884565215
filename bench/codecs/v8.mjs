/** Yardstick, not ETF: structured clone. The 1 MiB binary is a Buffer, others are strings. */
import v8 from 'node:v8'
import { plainOrBytes } from '../lib/term.mjs'

export const isEtf = false
export const load = () => ({
  native: plainOrBytes,
  bytes: (term) => v8.serialize(plainOrBytes(term)),
  encode: v8.serialize,
  decode: v8.deserialize,
  plain: (value) => (Buffer.isBuffer(value) ? value.toString() : value),
})
