import { isUtf8 } from 'node:buffer'
import { ErlangError, invalidArgument } from '../errors.js'
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

/** The binaries of an iolist in order, code points made UTF-8. */
function chunksOf(list: TermInput): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let codes = ''
  const flush = () => {
    if (codes !== '') chunks.push(Buffer.from(codes))
    codes = ''
  }
  const open: unknown[] = [list]
  while (open.length > 0) {
    const part = open.pop()
    const kind = kindOf(part)
    if (kind === 'integer') codes += characterOf(part)
    else if (kind === 'list') openList(part, open)
    else {
      flush()
      chunks.push(binaryOf(part))
    }
  }
  flush()
  return chunks
}

function openList(list: unknown, open: unknown[]): void {
  const { elements, isProper, tail } = listPartsOf(list)
  if (!isProper) {
    binaryOf(tail)
    open.push(tail)
  }
  for (let i = elements.length - 1; i >= 0; i--) open.push(elements[i])
}

function characterOf(value: unknown): string {
  const code = Number(value)
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw invalidArgument('character of a charlist', 'a Unicode code point', value)
  }
  return String.fromCodePoint(code)
}

function binaryOf(term: unknown): Uint8Array {
  if (kindOf(term) === 'binary') return bytesOf(term)
  throw invalidArgument('term', 'a binary, a charlist or an iolist', term)
}
