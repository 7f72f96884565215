import { types } from 'node:util'
import { invalidArgument } from '../errors.js'
import type { Term, TermInput } from '../term/term.js'
import { inflateTerm, isCompressed } from './compressed.js'
import { asBuffer, FastBuffer } from './fast-buffer.js'
import { addon } from './load.js'
import { NativeCodec } from './native-codec.js'
import {
  checkEncodeOptions,
  type DecodeOptions,
  type DecodePreset,
  defaultEncodeOptions,
  type EncodeOptions,
  resolveDecodeOptions,
} from './options.js'

let codec: NativeCodec | undefined

/** The codec of this environment. */
export function nativeCodec(): NativeCodec {
  codec ??= new NativeCodec(addon())
  return codec
}

/**
 * A term as bytes in the external term format, version byte first.
 *
 * Small results are carved from shared memory, as Node's own small Buffers are.
 *
 * Errors: ERR_ERL_ENCODE for a value without Erlang form, with the path to it
 *         (`[2].name: undefined has no Erlang form`); TypeError for options that do not exist.
 */
export function encode(term: TermInput, options?: EncodeOptions): Buffer {
  if (options === undefined) return nativeCodec().encode(term, defaultEncodeOptions)
  checkEncodeOptions(options)
  return nativeCodec().encode(term, options)
}

/**
 * The term that `bytes` begin with; what follows it is ignored, as Erlang does.
 *
 * A binary of 4 KiB or more that makes up half of `bytes` or more is a view of them: do not change
 * `bytes` while it is used. All else is copied.
 *
 * Errors: ERR_ERL_DECODE with the offset for bytes that are no term, or one nested deeper than
 *         10,000 levels; TypeError for options that do not exist.
 */
export function decode(bytes: Uint8Array, options?: DecodeOptions | DecodePreset): Term {
  const resolved = resolveDecodeOptions(options)
  if (!(bytes instanceof FastBuffer) && !types.isUint8Array(bytes))
    throw invalidArgument('bytes', 'a Uint8Array', bytes)
  const given = asBuffer(bytes)
  return nativeCodec().decode(isCompressed(given) ? inflateTerm(given) : given, resolved)
}
