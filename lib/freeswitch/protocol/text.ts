import { isUtf8 } from 'node:buffer'
import { bytesOf, kindOf } from '../../term/kind.js'
import { type Charlist, charlist } from '../../term/list.js'
import type { Term } from '../../term/term.js'
import { isTermMap, isTuple } from '../../term/term.js'

/** How FreeSWITCH's text travels: as lists of bytes, its default, or as binaries. */
export type TextEncoding = 'string' | 'binary'

const loneSurrogate = /\p{Surrogate}/u

/** A list of bytes above this length travels as a list of integers, which FreeSWITCH does not read. */
const maxStringBytes = 65_535
const longestPlain = 64

/** Text as FreeSWITCH writes it: the bytes of its UTF-8, in a list or in a binary. */
export function writeText(text: string, encoding: TextEncoding): Charlist | string {
  return encoding === 'string' ? byteString(text) : wellFormed(text)
}

/** Half a surrogate pair has no UTF-8: in its place goes the character that says so. */
export function wellFormed(text: string): string {
  return loneSurrogate.test(text) ? Buffer.from(text).toString() : text
}

/**
 * Text as a list of the bytes of its UTF-8: what `sendevent` and `sendmsg` want, whatever the
 * encoding is. Not Erlang's list of code points.
 */
export function byteString(text: string): Charlist {
  return charlist(isAscii(text) ? text : Buffer.from(text).toString('latin1'))
}

/**
 * Reads text that may be a string or a binary. Whatever else FreeSWITCH takes for empty text is
 * empty here too: numbers of 64 bits, floats, pids, references, funs, `{}` and `#{}`.
 *
 * Returns: undefined for what FreeSWITCH refuses (atoms, tuples, lists that are no strings), and for
 *          bytes that are no UTF-8, which it would pass on as they are.
 * Source:  mod_erlang_event, ei_helpers.c; freeswitch-observed A.2.
 */
export function readText(term: Term | undefined): string | undefined {
  if (term === undefined) return undefined
  switch (kindOf(term)) {
    case 'binary':
      return utf8(bytesOf(term))
    case 'list':
      return readString(term)
    case 'integer':
      return isWithin64Bits(term as number | bigint) ? '' : undefined
    case 'tuple':
      return isTuple(term) && term.length === 0 ? '' : undefined
    case 'map':
      return isTermMap(term) && term.size === 0 ? '' : undefined
    case 'atom':
    case 'bitstring':
      return undefined
    default:
      return ''
  }
}

/** Reads a string: a list of bytes. Undefined for everything else, binaries too. */
export function readString(term: Term | undefined): string | undefined {
  if (!Array.isArray(term) || term.length > maxStringBytes) return undefined
  for (const byte of term) {
    if (typeof byte !== 'number' || !Number.isInteger(byte) || byte < 0 || byte > 255) {
      return undefined
    }
  }
  return utf8(Buffer.from(term as number[]))
}

/**
 * Reads text that FreeSWITCH sends: a binary, or a list of bytes of any length (one of more than
 * 65,535 travels as a list of integers). Bytes that are no UTF-8 are read as Latin-1, since
 * FreeSWITCH passes on whatever a phone has sent. Undefined for everything else.
 */
export function readSentText(term: Term | undefined): string | undefined {
  const plain = Array.isArray(term) ? asciiText(term) : undefined
  if (plain !== undefined) return plain
  const bytes = sentBytes(term)
  return bytes && (utf8(bytes) ?? Buffer.from(bytes).toString('latin1'))
}

/** Text that is short and plain, as most is, needs no buffer. Undefined for all other. */
function asciiText(list: readonly unknown[]): string | undefined {
  if (list.length > longestPlain) return undefined
  for (const byte of list) {
    if (typeof byte !== 'number' || !(byte >= 0 && byte <= 127)) return undefined
  }
  return String.fromCharCode(...(list as number[]))
}

function sentBytes(term: Term | undefined): Uint8Array | undefined {
  if (Array.isArray(term)) {
    const isBytes = term.every((byte) => typeof byte === 'number' && byte >= 0 && byte <= 255)
    return isBytes ? Buffer.from(term as number[]) : undefined
  }
  return term !== undefined && kindOf(term) === 'binary' ? bytesOf(term) : undefined
}

function utf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

/** FreeSWITCH cannot read atoms with other characters. */
export function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false
  return true
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}

function isWithin64Bits(value: number | bigint): boolean {
  if (typeof value === 'number') return true
  return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value
}
