import { decode, encode } from '../../native/codec.js'
import { defaultDecodeOptions, ResolvedDecodeOptions } from '../../native/options.js'
import { Atom } from '../../term/atom.js'
import { RawTerm } from '../../term/raw.js'
import { isTuple, type Term } from '../../term/term.js'

/** How the reasons of signals are read: as they came they go on to others, and 1.0 is not 1. */
export const signalDecodeOptions = new ResolvedDecodeOptions({ floats: 'wrap' })

/** A message that this node has made, in the form in which its receiver reads all others. */
export function readOwnMessage(message: Term, options: ResolvedDecodeOptions | 'raw') {
  if (options === 'raw') return new RawTerm(encode(message).subarray(1))
  // Its last element is the reason; all others are the same in every reading but that of nil.
  const isPlain = isTuple(message) && Atom.is(message.elements.at(-1))
  return isPlain && options === defaultDecodeOptions ? message : decode(encode(message), options)
}

/** A message as it is by default, whatever form its receiver wanted. */
export function plainMessage(message: Term | RawTerm): Term {
  return RawTerm.is(message) ? decode(Buffer.concat([Buffer.of(131), message.bytes])) : message
}
