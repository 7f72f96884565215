/**
 * The share of the JavaScript thread alone, which is all that it has to do for messages: values out
 * of a tape that is there already, and a tape out of values. The native part of both runs on the
 * reactor's thread then. It is no part of the public face: buildAll makes a copy of the package that
 * has it, with classes of its own.
 */
import { createRequire } from 'node:module'
import { context } from '../lib/context.mjs'
import { valuesOf } from './beamlink.mjs'

const requireBuilt = createRequire(context.build('lib/index.js'))
const { nativeCodec } = requireBuilt('./native/codec.js')
const { defaultEncodeOptions, resolveDecodeOptions } = requireBuilt('./native/options.js')
const beamlink = requireBuilt('./index.js')

export const { native, plain } = valuesOf(beamlink)

/** Reads the tape of the bytes that came last; other bytes are made a tape first. */
export function tapeReading(preset) {
  const { decodeMemory, reader } = nativeCodec()
  const options = resolveDecodeOptions(preset)
  let body
  let tape
  return (bytes) => {
    if (body?.bytes !== bytes) {
      body = { bytes, start: 0, end: bytes.length, isStable: true }
      tape = decodeMemory.decode(bytes)
    }
    return reader.read(tape, 0, body, options)
  }
}

function writeTape(value) {
  const writer = nativeCodec().openWriter()
  try {
    writer.term(value, defaultEncodeOptions)
    return writer.output.words
  } finally {
    nativeCodec().closeWriter(writer)
  }
}

export const load = () => ({
  native,
  decode: tapeReading(),
  encode: writeTape,
  encodeWhole: beamlink.encode,
  plain,
})
