/** ETF in JavaScript alone: binaries to strings, maps to plain objects. */
import { decode } from '../pure/decoder.mjs'
import { native, plain } from './pure.mjs'

const options = { text: true }

export const operations = { decode: 'decode' }
export const load = () => ({ native, decode: (bytes) => decode(bytes, options), plain })
