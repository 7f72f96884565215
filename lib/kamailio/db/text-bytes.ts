import { isUtf8 } from 'node:buffer'
import { Charlist, charlist } from '../../term/list.js'
import type { Term } from '../../term/term.js'

/**
 * The text that Kamailio means by a list of bytes, or by a binary: UTF-8, or Latin-1 where it is no
 * UTF-8. Erlang's own strings, with code points above 255, are taken for what they are. Undefined for
 * any other term.
 */
export function textOf(term: Term): string | undefined {
  if (typeof term === 'string') return term
  if (Charlist.is(term)) return String(term)
  if (Buffer.isBuffer(term)) return textOfBytes(term)
  if (!Array.isArray(term)) return undefined
  if (term.every(isByte)) return textOfBytes(Buffer.from(term as number[]))
  if (!term.every(isCodePoint)) return undefined
  return Array.from(term as number[], (code) => String.fromCodePoint(code)).join('')
}

/** The bytes of a binary, or of a list of bytes; undefined for any other term. */
export function bytesOf(term: Term): Buffer | undefined {
  if (typeof term === 'string') return Buffer.from(term)
  if (Buffer.isBuffer(term)) return term
  if (!Array.isArray(term) || !term.every(isByte)) return undefined
  return Buffer.from(term as number[])
}

/** The list of the bytes of a text, as `ei_encode_string` makes it. */
export function byteList(text: string | Uint8Array): Charlist {
  if (typeof text !== 'string') {
    return charlist(Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1'))
  }
  const isAscii = Buffer.byteLength(text) === text.length
  return charlist(isAscii ? text : Buffer.from(text).toString('latin1'))
}

function textOfBytes(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}

function isByte(element: unknown): boolean {
  return Number.isInteger(element) && Number(element) >= 0 && Number(element) <= 255
}

function isCodePoint(element: unknown): boolean {
  const code = Number(element)
  return (
    Number.isInteger(element) && code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  )
}
