import type { Bytes, Piece, Row } from './pieces.js'

/** A term on one line. */
export function flatText(piece: Piece): string {
  switch (piece.kind) {
    case 'leaf':
      return piece.text
    case 'bytes':
      return `<<${piece.numbers.join(',')}>>`
    case 'pair':
      return piece.parts.map(flatText).join(' => ')
    case 'list':
      return `[${flatRow(piece, '|')}]`
    case 'map':
      return `#{${flatRow(piece, ',')}}`
    default:
      return `{${flatRow(piece, ',')}}`
  }
}

function flatRow({ parts, rest }: Row, separator: string): string {
  const text = parts.map(flatText).join(',')
  if (rest === undefined) return text
  return `${text}${text === '' ? '' : separator}${rest === 'dots' ? '...' : flatText(rest)}`
}

/**
 * A term over as many lines as it takes, as `~p` breaks them.
 *
 * Units:  `column` of the first character, from 1; `lineLength` in characters, 0 for one line.
 * Source: OTP 25, stdlib/src/io_lib_pretty.erl, print/9.
 */
export function prettyText(piece: Piece, column: number, lineLength: number): string {
  if (lineLength === 0) return flatText(piece)
  // First behind the tag, then further to the left where that is too far to the right.
  const tagIndent = [-1, 4].find((indent) => hasRoom(piece, column, lineLength, indent)) ?? 1
  return new Layout(piece, lineLength, tagIndent, false).text(column)
}

function hasRoom(piece: Piece, column: number, lineLength: number, tagIndent: number): boolean {
  try {
    new Layout(piece, lineLength, tagIndent, true).text(column)
    return true
  } catch (error) {
    if (error === tooNarrow) return false
    throw error
  }
}

const tooNarrow = new Error('the indentation leaves no room')

/** Where something is to be written. */
interface Place {
  /** Of its first character, from 1. */
  readonly column: number
  /** Spaces at the beginning of the lines that follow. */
  readonly indent: number
  /** Brackets that close right behind it. */
  readonly closing: number
  /** Characters that this line already has, without its indentation. */
  readonly written: number
}

/** A part, and how far it moves the column; a part of several lines ends the line. */
interface Written {
  readonly text: string
  readonly width: number
}

/** One attempt to write a term. */
class Layout {
  readonly #piece: Piece
  readonly #lineLength: number
  /** Indentation of what follows the tag of a tuple; -1 for behind the tag. */
  readonly #tagIndent: number
  /** Whether this is to find out if there is room. */
  readonly #isTrial: boolean

  constructor(piece: Piece, lineLength: number, tagIndent: number, isTrial: boolean) {
    this.#piece = piece
    this.#lineLength = lineLength
    this.#tagIndent = tagIndent
    this.#isTrial = isTrial
  }

  text(column: number): string {
    return this.#place(this.#piece, { column, indent: column - 1, closing: 0, written: 0 })
  }

  #place(piece: Piece, at: Place): string {
    if (piece.kind === 'leaf' || this.#fits(piece, at)) return flatText(piece)
    switch (piece.kind) {
      case 'bytes':
        return this.#bytes(piece, { ...at, column: at.column + 2, indent: at.indent + 2 })
      case 'list':
        return `[${this.#elements(piece, 0, inside(at, 1), '|')}]`
      case 'tagged':
        return `{${this.#tagged(piece, { ...at, written: at.written + 1 })}}`
      case 'map':
        return `#{${this.#pairs(piece, { ...inside(at, 2), written: at.written + 1 })}}`
      default:
        return `{${this.#elements(piece, 0, inside(at, 1), ',')}}`
    }
  }

  #fits({ length }: Piece, { column, closing, written }: Place): boolean {
    return length < this.#lineLength - column - closing && length + written + closing <= this.#most
  }

  /** What a line may have without its indentation. */
  get #most(): number {
    return this.#piece.length
  }

  #tagged(row: Row, at: Place): string {
    const [tag] = row.parts
    if (tag === undefined) return '...'
    const behindTag = tag.length + 2
    const written = at.written + tag.length
    if (this.#tagIndent > 0 && behindTag > this.#tagIndent) {
      const column = at.column + this.#tagIndent
      this.#check(this.#most + column <= this.#lineLength, column <= this.#halfLine)
      const place = { ...at, column, indent: at.indent + this.#tagIndent, written }
      return flatText(tag) + this.#tail(row, 1, place, at.column + behindTag, ',')
    }
    const column = at.column + behindTag
    this.#check(this.#most + column < this.#lineLength, column < this.#halfLine)
    const place = { ...at, column, indent: at.indent + behindTag, written: written + 1 }
    return `${flatText(tag)},${this.#elements(row, 1, place, ',')}`
  }

  get #halfLine(): number {
    return Math.floor(this.#lineLength / 2)
  }

  #check(hasRoom: boolean, isFarLeft: boolean): void {
    if (this.#isTrial && !hasRoom && !isFarLeft) throw tooNarrow
  }

  /** The parts of a row from `from` on. */
  #elements(row: Row, from: number, at: Place, separator: string): string {
    const first = row.parts[from]
    if (first === undefined) return '...'
    const { text, width } = this.#element(first, { ...at, closing: closingAt(row, from, at) })
    const place = { ...at, written: at.written + width }
    return text + this.#tail(row, from + 1, place, at.column + width, separator)
  }

  /** The parts from `from` on, each behind a comma; `column` is where the line has got to. */
  #tail(row: Row, from: number, at: Place, column: number, separator: string): string {
    let text = ''
    let { written } = at
    let reached = column
    for (let i = from; i < row.parts.length; i += 1) {
      const part = row.parts[i] as Piece
      const closing = closingAt(row, i, at)
      if (part.kind === 'leaf' && this.#fitsBehind(part, reached, closing, written)) {
        text += `,${part.text}`
        reached += part.length + 1
        written += part.length + 1
      } else {
        const next = this.#element(part, { ...at, closing, written: 0 })
        text += `,\n${' '.repeat(at.indent)}${next.text}`
        reached = at.column + next.width
        written = next.width
      }
    }
    return text + this.#rest(row, { ...at, written }, reached, separator)
  }

  #rest({ rest }: Row, at: Place, column: number, separator: string): string {
    if (rest === undefined) return ''
    if (rest === 'dots') return `${separator}...`
    const closing = at.closing + 1
    const place = { ...at, column: column + 1, closing, written: at.written + 1 }
    if (rest.kind === 'leaf' && this.#fits(rest, place)) return separator + rest.text
    // Erlang looks for room where the line has got to, although the tail starts a line of its own.
    const start = this.#isTrial ? column : at.column
    const text = this.#place(rest, { ...at, column: start, closing, written: 0 })
    return `${separator}\n${' '.repeat(at.indent)}${text}`
  }

  /** Whether a comma and a part fit behind what the line has. */
  #fitsBehind({ length }: Piece, column: number, closing: number, written: number): boolean {
    const needed = 1 + length + Math.max(1, closing)
    return needed < this.#lineLength - column && written + needed <= this.#most
  }

  #element(piece: Piece, at: Place): Written {
    if (piece.kind === 'leaf' && this.#fits(piece, at)) {
      return { text: piece.text, width: piece.length }
    }
    return { text: this.#place(piece, at), width: this.#lineLength }
  }

  #pairs(row: Row, at: Place): string {
    let text = ''
    let written = at.written
    let column = at.column
    for (const [i, part] of row.parts.entries()) {
      const pair = part as Row
      const closing = closingAt(row, i, at)
      if (i > 0 && isPlain(pair) && this.#fitsBehind(pair, column, closing, written)) {
        text += `,${flatText(pair)}`
        column += pair.length + 1
        written += pair.length + 1
      } else {
        const next = this.#pair(pair, { ...at, closing, written: i === 0 ? written : 0 })
        text += i === 0 ? next.text : `,\n${' '.repeat(at.indent)}${next.text}`
        column = at.column + next.width
        written = next.width
      }
    }
    return row.rest === undefined ? text : `${text},...`
  }

  #pair(pair: Row, at: Place): Written {
    if (this.#fits(pair, at)) {
      return { text: flatText(pair), width: isPlain(pair) ? pair.length : this.#lineLength }
    }
    const [key, value] = pair.parts as readonly [Piece, Piece]
    const indent = this.#tagIndent > 0 ? this.#tagIndent : 4
    const place = { ...at, column: at.column + indent, indent: at.indent + indent, written: 0 }
    const text = `${this.#place(key, at)} =>\n${' '.repeat(place.indent)}${this.#place(value, place)}`
    return { text, width: this.#lineLength }
  }

  #bytes({ numbers }: Bytes, at: Place): string {
    const room = Math.min(this.#lineLength - at.column, this.#most - 4 - at.written) - at.closing
    const most = Math.max(8, room)
    let left = most
    let text = ''
    for (const [i, number] of numbers.entries()) {
      const chars = i === numbers.length - 1 ? number : `${number},`
      if (chars.length > left) {
        text += `\n${' '.repeat(at.indent)}`
        left = most
      }
      text += chars
      left -= chars.length
    }
    return `<<${text}>>`
  }
}

/** Behind an opening bracket of `width` characters. */
function inside(at: Place, width: number): Place {
  return {
    column: at.column + width,
    indent: at.indent + width,
    closing: at.closing,
    written: at.written + width,
  }
}

/** Brackets right behind part `index`: none when another part follows it. */
function closingAt(row: Row, index: number, at: Place): number {
  return index + 1 < row.parts.length ? 0 : at.closing + 1
}

/** A pair of leaves. */
function isPlain({ parts }: Row): boolean {
  return parts.every((part) => part.kind === 'leaf')
}
