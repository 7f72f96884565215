import { Atom } from '../atom.js'
import { ExternalFun } from '../fun.js'
import { isReserved } from '../quote.js'
import { type BinaryDialect, type Modifiers, readBinary } from './binary.js'
import { readIdentifier } from './identifiers.js'
import { readErlangNumber } from './numbers.js'
import { Placeholder } from './placeholder.js'
import { ERLANG_QUOTES, erlangEscape, readQuoted } from './quoted.js'
import type { Dialect, Reader } from './reader.js'
import { SegmentText } from './segment.js'
import type { Source } from './source.js'
import { type Choices, checkedAtom, isDigit, readSmall, readWord, WORD } from './words.js'

export function isErlangComment(source: Source): boolean {
  return source.code() === 0x25
}

const VARIABLE = /[A-ZÀ-ÖØ-Þ_][a-zß-öø-ÿA-ZÀ-ÖØ-Þ0-9_@]*/y
const TERM = 'a term'

/** Erlang's syntax of terms. */
export class ErlangDialect implements Dialect {
  readonly mapArrows: readonly string[]
  readonly #choices: Choices

  constructor(choices: Choices) {
    this.#choices = choices
    this.mapArrows = choices.hasVariables ? ['=>', ':='] : ['=>']
  }

  begin(reader: Reader): unknown {
    const { source } = reader
    const at = source.at
    switch (source.code()) {
      case 0x7b: // {
        source.at++
        return reader.open('tuple', '}', at)
      case 0x5b: // [
        source.at++
        return reader.open('list', ']', at)
      case 0x22: // "
        return this.#choices.string(readStrings(source))
      case 0x23: // #
        if (source.code(1) !== 0x7b) return readIdentifier(source, this.#choices.origin)
        source.at += 2
        return reader.open('map', '}', at)
      case 0x3c: // <
        if (source.code(1) !== 0x3c) return readIdentifier(source, this.#choices.origin)
        source.at += 2
        return this.#binary(reader)
      default:
        return this.#leaf(source)
    }
  }

  #binary(reader: Reader): unknown {
    const { source } = reader
    const dialect: BinaryDialect = {
      textType: undefined,
      readValue: () => this.#segmentValue(source),
      readModifiers: (from) => this.#modifiers(from),
    }
    const read = readBinary(source, dialect)
    return Buffer.isBuffer(read) ? this.#choices.binary(read) : read
  }

  #segmentValue(source: Source): unknown {
    if (source.code() === 0x22) return new SegmentText(readStrings(source))
    return this.#placeholder(source) ?? this.#number(source) ?? source.fail('a number or text')
  }

  #modifiers(source: Source): Modifiers {
    const size = source.take(':') ? this.#size(source) : undefined
    const words: string[] = []
    let unit: number | undefined
    if (source.take('/')) {
      do {
        const word = readWord(source, 'the type of a segment')
        if (word === 'unit') {
          source.expect(':')
          unit = readSmall(source, 256)
        } else words.push(word)
      } while (source.take('-'))
    }
    return { size, words, ...(unit === undefined ? {} : { unit }) }
  }

  #size(source: Source): unknown {
    source.next()
    return this.#placeholder(source) ?? readSmall(source, Number.MAX_SAFE_INTEGER)
  }

  #leaf(source: Source): unknown {
    const code = source.code()
    if (code === 0x27) return readAtom(source)
    return (
      this.#placeholder(source) ??
      this.#number(source) ??
      readWordTerm(source) ??
      source.fail(this.#guess(source))
    )
  }

  #number(source: Source): unknown {
    const code = source.code()
    if (isDigit(code)) return readErlangNumber(source, false)
    if (code === 0x24) return readCharacter(source)
    if (code !== 0x2d && code !== 0x2b) return undefined
    source.at++
    const first = source.next()
    if (first === 0x24 && code === 0x2d && !source.isHole) return -readCharacter(source)
    if (!isDigit(first)) source.fail('a number behind its sign')
    return readErlangNumber(source, code === 0x2d)
  }

  #placeholder(source: Source): Placeholder | undefined {
    const at = source.at
    const hole = source.takeHole()
    if (hole !== undefined) return new Placeholder('hole', at, hole)
    const name = source.match(VARIABLE)?.[0]
    if (name === undefined) return undefined
    if (!this.#choices.hasVariables) {
      source.fail(`${TERM} without variables (an atom such as '${name}' stands in quotes)`, at)
    }
    return new Placeholder(name === '_' ? 'any' : 'variable', at, -1, name)
  }

  #guess(source: Source): string {
    const looksElixir = source.code() === 0x3a || source.code() === 0x25
    return looksElixir ? `${TERM} (this looks like Elixir: syntax 'elixir')` : TERM
  }
}

/** Strings that follow one another are one, as in the lines of what `~p` prints. */
function readStrings(source: Source): string {
  let text = ''
  do {
    source.at++
    text += readQuoted(source, '"', 'a string', ERLANG_QUOTES)
  } while (source.next() === 0x22)
  return text
}

/** The atom between quotes, the first of which comes next. */
function readAtom(source: Source): Atom | boolean {
  const at = source.at
  source.at++
  return checkedAtom(source, readQuoted(source, "'", 'a quoted atom', ERLANG_QUOTES), at)
}

function readWordTerm(source: Source): unknown {
  const at = source.at
  const word = source.match(WORD)?.[0]
  if (word === undefined) return undefined
  if (word === 'fun') return readFun(source)
  if (isReserved(word))
    source.fail(`${TERM} (the atom of a reserved word is written '${word}')`, at)
  return checkedAtom(source, word, at)
}

/** `fun m:f/1`, of which `fun` is read. */
function readFun(source: Source): ExternalFun {
  const module = readName(source, 'the module of a fun')
  source.expect(':')
  const name = readName(source, 'the function of a fun')
  source.expect('/')
  return new ExternalFun(Atom.of(module), Atom.of(name), readSmall(source, 255))
}

function readName(source: Source, what: string): string {
  const isQuoted = source.next() === 0x27
  return isQuoted ? String(readAtom(source)) : readWord(source, what)
}

/** `$c`; a number. */
function readCharacter(source: Source): number {
  source.at++
  const code = source.text.codePointAt(source.at)
  source.refuseHoles(source.at + 1, 'a character')
  if (code === undefined) return source.fail('a character behind $')
  source.at += code > 0xffff ? 2 : 1
  return code === 0x5c ? (erlangEscape(source).codePointAt(0) ?? 0) : code
}
