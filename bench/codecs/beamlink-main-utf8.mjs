/** The share of the JavaScript thread, with the preset `elixir`. */
import { native, plain, tapeReading } from './beamlink-main.mjs'

export const operations = { decode: 'decode' }
export const load = () => ({ native, decode: tapeReading('elixir'), plain })
