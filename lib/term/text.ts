import { isUtf8 } from 'node:buffer'
import { ErlangError, invalidArgument } from '../errors.js'
import { checkLevels } from './depth.js'
import { bytesOf, kindOf, listPartsOf } from './kind.js'
import type { TermInput } from './term.js'

/**
 * The text in a binary, a charlist, or a list of both at any depth (what Erlang's `unicode` calls
 * chardata; an iolist of UTF-8 is one). Integers are code points, binaries are UTF-8, and a character
 * may be cut by the end of one binary and go on in the next.
 *
 * Errors: TypeError for any other term; ERR_ERL_DECODE for binaries that are not UTF-8.
 */
export function text(term: TermInput): string {
  if (typeof term === 'string') return term
  const bytes = kindOf(term) === 'list' ? Buffer.concat(chunksOf(term)) : binaryOf(term)
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  throw new ErlangError('ERR_ERL_DECODE', `binary of ${bytes.length} bytes holds no valid UTF-8`)
}

/** A list of which the first `next` parts are read; an improper tail is its last part. */
interface Frame {
  readonly parts: readonly unknown[]
  next: number
}

/** The binaries of an iolist in order, code points made UTF-8. */
function chunksOf(list: TermInput): Uint8Array[] {
  const chunks: Uint8Array[] = []
  const open: Frame[] = [frameOf(list)]
  let characters = ''
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const part = frame.parts[frame.next++]
    if (frame.next > frame.parts.length) open.pop()
    else if (typeof part === 'number') characters += characterOf(part)
    else if (typeof part === 'string') characters += part
    else if (kindOf(part) === 'list') {
      open.push(frameOf(part))
      checkLevels(open.length)
    } else {
      chunks.push(Buffer.from(characters), binaryOf(part))
      characters = ''
    }
  }
  chunks.push(Buffer.from(characters))
  return chunks
}

function frameOf(list: unknown): Frame {
  const { elements, isProper, tail } = listPartsOf(list)
  return { parts: isProper ? elements : [...elements, binaryOf(tail)], next: 0 }
}

function characterOf(code: number): string {
  const isCharacter = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  if (!isCharacter || !Number.isInteger(code)) {
    throw invalidArgument('character of a charlist', 'a Unicode code point', code)
  }
  return String.fromCodePoint(code)
}

function binaryOf(term: unknown): Uint8Array {
  if (kindOf(term) === 'binary') return bytesOf(term)
  throw invalidArgument('term', 'a binary, a charlist or an iolist', term)
}
