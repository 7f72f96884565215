/** beamlink with the preset `elixir`: binaries to strings, maps to plain objects. */
import { decode } from 'beamlink'
import { native, plain } from './beamlink.mjs'

export const operations = { decode: 'decode' }
export const load = () => ({ native, decode: (bytes) => decode(bytes, 'elixir'), plain })
