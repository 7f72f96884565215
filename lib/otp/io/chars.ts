import { isUtf8 } from 'node:buffer'
import { invalidArgument } from '../../errors.js'
import { bytesOf, kindOf, listPartsOf } from '../../term/kind.js'

/**
 * The text of an iolist: its integers are characters of latin1, and so are its bytes.
 *
 * Errors: TypeError for what is none.
 */
export function latin1Text(chars: unknown): string {
  return textOf(chars, 0xff, (bytes) => Buffer.from(bytes).toString('latin1'))
}

/**
 * The text of chardata: its integers are code points, its binaries UTF-8; one that is not UTF-8 is
 * read as latin1, as `~ts` reads it.
 *
 * Errors: TypeError for what is none.
 */
export function unicodeText(chars: unknown): string {
  return textOf(chars, 0x10ffff, (bytes) =>
    Buffer.from(bytes).toString(isUtf8(bytes) ? 'utf8' : 'latin1'),
  )
}

/** A list of which the first `next` parts are read; an improper tail is its last part. */
interface Frame {
  readonly parts: readonly unknown[]
  next: number
}

function textOf(chars: unknown, largest: number, read: (bytes: Uint8Array) => string): string {
  const open: Frame[] = [{ parts: [chars], next: 0 }]
  let text = ''
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    if (frame.next === frame.parts.length) {
      open.pop()
      continue
    }
    const part = frame.parts[frame.next++]
    const kind = kindOf(part)
    if (kind === 'list') open.push({ parts: partsOf(part), next: 0 })
    else if (kind === 'binary') text += read(bytesOf(part))
    else if (frame !== open[0]) text += characterOf(part, largest)
    else throw invalidArgument('chars', 'a binary or a list', part)
  }
  return text
}

function partsOf(list: unknown): readonly unknown[] {
  const { elements, isProper, tail } = listPartsOf(list)
  return isProper ? elements : [...elements, tail]
}

function characterOf(code: unknown, largest: number): string {
  const isInRange = Number.isInteger(code) && Number(code) >= 0 && Number(code) <= largest
  if (!isInRange || (Number(code) >= 0xd800 && Number(code) <= 0xdfff)) {
    throw invalidArgument('character', `a code point up to ${largest}`, code)
  }
  return String.fromCodePoint(Number(code))
}

let segmenter: Intl.Segmenter | undefined
/** Text of which each character is one grapheme. */
const oneEach = /^[\t\n -~]*$/

/** In UTF-16 units. `Intl.Segmenter` takes time with the square of the length. */
const pieceLength = 1_024

/** The graphemes of a text, which is read piece by piece: each begins where a grapheme does. */
function* graphemesOf(text: string): Generator<string> {
  // Made when it is needed: it takes 2 MiB.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  let length = pieceLength
  for (let at = 0; at < text.length; ) {
    const end = endOfPiece(text, at + length)
    const graphemes = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment)
    // The last one may go on behind the piece.
    if (end < text.length) graphemes.pop()
    length = graphemes.length === 0 ? 2 * length : pieceLength
    for (const grapheme of graphemes) {
      at += grapheme.length
      yield grapheme
    }
  }
}

/** Not between the halves of a character: those before it could not be told to go on with it. */
function endOfPiece(text: string, end: number): number {
  const isHalf = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return Math.min(isHalf ? end + 1 : end, text.length)
}

/** What Erlang's `string:length/1` counts. */
export function charsLength(text: string): number {
  if (oneEach.test(text)) return text.length
  let count = 0
  for (const _ of graphemesOf(text)) count += 1
  return count
}

/** The first `count` characters, as `string:slice/3` counts them. */
export function firstChars(text: string, count: number): string {
  if (oneEach.test(text)) return text.slice(0, count)
  let taken = ''
  let left = count
  for (const grapheme of graphemesOf(text)) {
    if (left === 0) break
    taken += grapheme
    left -= 1
  }
  return taken
}
