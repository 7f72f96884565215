import { isUtf8 } from 'node:buffer'
import { floatText } from '../../term/float-text.js'
import {
  atomNameOf,
  bytesOf,
  type Kind,
  kindOf,
  listPartsOf,
  mapEntriesOf,
  numberOf,
  tupleElementsOf,
} from '../../term/kind.js'
import { sortedMap } from '../../term/order.js'
import { type Charset, isPrintableInString, quote, quoteAtom } from '../../term/quote.js'
import { charsLength } from './chars.js'

/** A term as text in parts, so that lines can be broken between them. */
export type Piece = Leaf | Bytes | Row

/** Stays on one line, whatever its length. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly text: string
  readonly length: number
}

/** A binary as numbers: lines can be broken behind its commas. */
export interface Bytes {
  readonly kind: 'bytes'
  /** What stands between the brackets, comma after comma. */
  readonly numbers: readonly string[]
  readonly length: number
}

export interface Row {
  /** `tagged`: a tuple of two elements or more that starts with an atom. */
  readonly kind: 'list' | 'tuple' | 'tagged' | 'map' | 'pair'
  readonly parts: readonly Piece[]
  /** What follows the last part: nothing, the tail of an improper list, or dots for what was cut. */
  readonly rest: Piece | 'dots' | undefined
  readonly length: number
}

export interface PieceOptions {
  /** As the second argument of `io_lib:write/2`; -1 for no limit. */
  readonly depth: number
  readonly charset: Charset
  /** Whether lists and binaries of printable characters are texts. */
  readonly strings: boolean
  /** Whether maps are in the order of their keys; else in that of the emulator. */
  readonly sorted: boolean
}

/** Up to this size the emulator keeps a map as a flat row of keys. */
const largestFlatMap = 32
/** Deeper terms are cut there, so that printing one is no recursion without end. */
const deepest = 500
/** A text of a printable binary may have so many characters for each level that is left. */
const charsPerLevel = 4

const dots = leaf('...')

function leaf(text: string): Leaf {
  return { kind: 'leaf', text, length: charsLength(text) }
}

/**
 * Takes a term apart.
 *
 * Source: OTP 25, stdlib/src/io_lib.erl, write1/3; io_lib_pretty.erl, print_length/6.
 * Errors: TypeError for what has no Erlang form.
 */
export function piecesOf(term: unknown, options: PieceOptions): Piece {
  return new Pieces(options).of(term, options.depth, 0)
}

class Pieces {
  readonly #options: PieceOptions

  constructor(options: PieceOptions) {
    this.#options = options
  }

  of(term: unknown, depth: number, level: number): Piece {
    if (depth === 0 || level === deepest) return dots
    const kind = kindOf(term)
    switch (kind) {
      case 'list':
        return this.#list(term, depth, level)
      case 'tuple':
        return this.#tuple(tupleElementsOf(term), depth, level)
      case 'map':
        return this.#map(term, depth, level)
      case 'binary':
        return this.#binary(bytesOf(term), depth)
      case 'bitstring':
        if (depth === 1) return leaf('<<...>>')
        return bytesPiece(String(term).slice(2, -2).split(','), depth)
      default:
        return leaf(leafText(kind, term, this.#options.charset))
    }
  }

  #list(list: unknown, depth: number, level: number): Piece {
    const { elements, isProper, tail } = listPartsOf(list)
    if (elements.length === 0 && isProper) return leaf('[]')
    if (this.#options.strings && isProper && depth !== 1 && elements.every(isPrintableCharacter)) {
      return leaf(quote(Buffer.from(elements).toString('latin1'), '"'))
    }
    const { parts, left } = this.#row(elements, depth, level)
    if (left === 1 && (parts.length < elements.length || !isProper)) {
      return row('list', parts, 'dots', 2)
    }
    return row('list', parts, isProper ? undefined : this.of(tail, left - 1, level + 1), 2)
  }

  #tuple(elements: readonly unknown[], depth: number, level: number): Piece {
    if (elements.length === 0) return leaf('{}')
    if (depth === 1) return leaf('{...}')
    const { parts } = this.#row(elements, depth, level)
    const isTagged = elements.length > 1 && kindOf(elements[0]) === 'atom'
    const rest = parts.length < elements.length ? 'dots' : undefined
    return row(isTagged ? 'tagged' : 'tuple', parts, rest, 2)
  }

  /** Each further element is one level deeper than the one before. */
  #row(elements: readonly unknown[], depth: number, level: number) {
    const parts: Piece[] = []
    let left = depth
    for (const element of elements) {
      if (left === 1) break
      left -= 1
      parts.push(this.of(element, left, level + 1))
    }
    return { parts, left }
  }

  #map(map: unknown, depth: number, level: number): Piece {
    const entries = this.#entries(map)
    if (entries.length === 0) return leaf('#{}')
    if (depth === 1) return leaf('#{...}')
    const parts: Row[] = []
    for (let i = 0; i < entries.length && parts.length !== depth - 1; i += 2) {
      const key = this.of(entries[i], depth - 1, level + 1)
      const value = this.of(entries[i + 1], depth - 1, level + 1)
      const length = key.length + ' => '.length + value.length
      parts.push({ kind: 'pair', parts: [key, value], rest: undefined, length })
    }
    return row('map', parts, parts.length * 2 < entries.length ? 'dots' : undefined, 3)
  }

  #entries(map: unknown): readonly unknown[] {
    if (!this.#options.sorted) return inOwnOrder(mapEntriesOf(map))
    const { keys, values } = sortedMap(map, new Map())
    return keys.flatMap((key, at) => [key, values[at]])
  }

  #binary(bytes: Uint8Array, depth: number): Piece {
    if (bytes.length === 0) return leaf('<<>>')
    if (depth === 1) return leaf('<<...>>')
    const { strings, charset } = this.#options
    const text = strings ? binaryText(bytes, depth - 1, charset) : undefined
    return text === undefined ? bytesPiece(Array.from(bytes, String), depth) : leaf(text)
  }
}

/**
 * The emulator writes the entries of a map with more than 32 keys in the reverse of the order in
 * which it goes through them.
 */
function inOwnOrder(entries: readonly unknown[]): readonly unknown[] {
  if (entries.length <= 2 * largestFlatMap) return entries
  const turned: unknown[] = []
  for (let i = entries.length - 2; i >= 0; i -= 2) turned.push(entries[i], entries[i + 1])
  return turned
}

function row(kind: Row['kind'], parts: readonly Piece[], rest: Row['rest'], brackets: number): Row {
  const last = rest === 'dots' ? dots : rest
  const all = last === undefined ? parts : [...parts, last]
  let length = brackets + Math.max(0, all.length - 1)
  for (const part of all) length += part.length
  return { kind, parts, rest, length }
}

function bytesPiece(numbers: readonly string[], depth: number): Bytes {
  const isCut = depth > 0 && numbers.length >= depth
  const shown = isCut ? [...numbers.slice(0, depth - 1), '...'] : numbers
  return { kind: 'bytes', numbers: shown, length: 4 + shown.join(',').length }
}

function isPrintableCharacter(term: unknown): term is number {
  return typeof term === 'number' && Number.isInteger(term) && isPrintableInString(term)
}

function leafText(kind: Kind, term: unknown, charset: Charset): string {
  switch (kind) {
    case 'atom':
      return quoteAtom(atomNameOf(term), charset)
    case 'float':
      // Not `numberOf`, which takes the sign from -0.0.
      return floatText(Number(term))
    case 'integer':
      return String(numberOf(term))
    default:
      return String(term)
  }
}

/**
 * A binary as text, if it is one. Of a text that is too long for the depth the beginning is shown;
 * so it is of bytes that begin as a text which is long enough.
 */
function binaryText(bytes: Uint8Array, depth: number, charset: Charset): string | undefined {
  const limit = depth > 0 ? Math.min(charsPerLevel * depth, bytes.length) : bytes.length
  const asUtf8 = charset === 'unicode' && isUtf8(bytes)
  const text = Buffer.from(bytes).toString(asUtf8 ? 'utf8' : 'latin1')
  let shown = ''
  let count = 0
  for (const character of text) {
    if (count === limit || !isPrintableInString(character.codePointAt(0) ?? 0)) break
    shown += character
    count += 1
  }
  const isWhole = shown.length === text.length
  if (!isWhole && count < limit && (depth <= 0 || count < depth)) return undefined
  const isWide = asUtf8 && Buffer.byteLength(shown) !== count
  return `<<${quote(shown, '"')}${isWide ? '/utf8' : ''}${isWhole ? '' : '...'}>>`
}
