import { Atom } from '../atom.js'
import { ExternalFun } from '../fun.js'
import { codePointsOf } from '../kind.js'
import { type BinaryDialect, type Modifiers, readBinary } from './binary.js'
import { readIdentifier } from './identifiers.js'
import { readElixirNumber } from './numbers.js'
import { ELIXIR_QUOTES, elixirEscape, PLAIN_QUOTES, readQuoted } from './quoted.js'
import type { Dialect, Frame, Reader } from './reader.js'
import { SegmentText } from './segment.js'
import type { Source } from './source.js'
import { type Choices, checkedAtom, isDigit, readSmall, readWord } from './words.js'

const IDENTIFIER = /#(?:PID|Port|Reference|Function)</y

export function isElixirComment(source: Source): boolean {
  if (source.code() !== 0x23) return false
  IDENTIFIER.lastIndex = source.at
  return !IDENTIFIER.test(source.text)
}

const TERM = 'a term'
const NAME = /[\p{L}_][\p{L}\p{N}_@]*[?!]?/uy
const OPERATOR = /<<>>|%\{\}|\{\}|\.\.\/\/|[-+*/<>=!&|^~.]+|@|%/y
/** Up to the slash before the arity. */
const CAPTURED_OPERATOR = /[-+*/<>=!&|^~.@]+?(?=\/\d)/y
const KEY = /([\p{L}_][\p{L}\p{N}_@]*[?!]?):(?=\s)/uy
const ALIAS = /[A-Z][A-Za-z0-9_]*(?:\.[A-Z][A-Za-z0-9_]*)*/y
const SIGIL = /~([csCS])(["'([{</|])/y
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' }

/** The syntax of Elixir's terms, without operators, variables and calls. */
export class ElixirDialect implements Dialect {
  readonly mapArrows = ['=>']
  readonly #choices: Choices

  constructor(choices: Choices) {
    this.#choices = choices
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
      case 0x25: // %
        return openMap(reader, at)
      case 0x23: // #
        return readIdentifier(source, this.#choices.origin)
      case 0x3c: // <
        if (source.code(1) !== 0x3c) return readIdentifier(source, this.#choices.origin)
        source.at += 2
        return this.#binary(source)
      default:
        return this.#text(source) ?? readLeaf(source)
    }
  }

  /** `key: ` makes the element of a list a pair, and is a key of a map. */
  beforeElement(source: Source, frame: Frame): void {
    if (frame.shape === 'tuple') return
    const at = source.at
    const name = source.match(KEY)?.[1]
    if (name !== undefined) frame.keyword = checkedAtom(source, name, at)
    else if (source.code() === 0x22) frame.keyword = quotedKey(source)
    if (frame.keyword !== undefined) frame.hasKeywords = true
    else if (frame.hasKeywords) source.fail('key: value, for pairs written so come last')
  }

  #binary(source: Source): unknown {
    const dialect: BinaryDialect = {
      textType: 'utf8',
      readValue: () => readSegmentValue(source),
      readModifiers,
    }
    const read = readBinary(source, dialect)
    return Buffer.isBuffer(read) ? this.#choices.binary(read) : read
  }

  #text(source: Source): unknown {
    const code = source.code()
    if (code === 0x22) return this.#choices.string(readText(source, '"', 'a string'))
    if (code === 0x27) return codePointsOf(readText(source, "'", 'a charlist'))
    if (code !== 0x7e) return undefined
    const [, letter = '', mark = ''] = source.match(SIGIL) ?? source.fail('~c"…" or ~s"…"')
    const quotes = letter === letter.toUpperCase() ? PLAIN_QUOTES : ELIXIR_QUOTES
    const text = readQuoted(source, CLOSING[mark] ?? mark, 'a sigil', quotes)
    return letter.toLowerCase() === 'c' ? codePointsOf(text) : this.#choices.string(text)
  }
}

/** Reads text whose opening `mark` comes next. */
function readText(source: Source, mark: string, place: string): string {
  if (source.text.startsWith(mark.repeat(3), source.at)) {
    source.fail(`${place} on one line, for ${mark.repeat(3)} is not read`)
  }
  source.at++
  return readQuoted(source, mark, place, ELIXIR_QUOTES)
}

function quotedKey(source: Source): Atom | boolean | undefined {
  const start = source.at
  const name = readText(source, '"', 'a string')
  if (source.code() === 0x3a && source.code(1) <= 0x20) {
    source.at++
    return checkedAtom(source, name, start)
  }
  source.at = start
  return undefined
}

/** `%{…}` or `%Shop.Order{…}`, whose name is one more key. */
function openMap(reader: Reader, at: number): unknown {
  const { source } = reader
  source.at++
  const alias = source.match(ALIAS)?.[0]
  if (source.code() !== 0x7b) source.fail('%{…} or %Module{…}', at)
  source.at++
  if (alias === undefined) return reader.open('map', '}', at)
  return reader.open('map', '}', at, [Atom.intern('__struct__'), moduleOf(source, alias, at)])
}

function moduleOf(source: Source, alias: string, at: number): Atom | boolean {
  return checkedAtom(source, alias.startsWith('Elixir.') ? alias : `Elixir.${alias}`, at)
}

function readLeaf(source: Source): unknown {
  const at = source.at
  switch (source.code()) {
    case 0x3a: // :
      return readAtom(source)
    case 0x26: // &
      return readCapture(source)
    default: {
      const number = readNumber(source)
      if (number !== undefined) return number
      const alias = source.match(ALIAS)?.[0]
      return alias === undefined ? readWordTerm(source) : moduleOf(source, alias, at)
    }
  }
}

function readAtom(source: Source): Atom | boolean {
  const at = source.at++
  const name =
    source.code() === 0x22
      ? readText(source, '"', 'a quoted atom')
      : ((source.match(NAME) ?? source.match(OPERATOR))?.[0] ?? source.fail('an atom behind ":"'))
  return checkedAtom(source, name, at)
}

/** `true`, `false` and `nil` are the words that are terms. */
function readWordTerm(source: Source): Atom | boolean {
  const at = source.at
  const word = source.match(NAME)?.[0]
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'nil') return Atom.intern('nil')
  return source.fail(word === undefined ? TERM : `${TERM} (the atom is written :${word})`, at)
}

/** `&Shop.Order.total/1`, `&:lists.map/2`. */
function readCapture(source: Source): ExternalFun {
  const at = source.at++
  const alias = source.match(ALIAS)?.[0]
  const module = alias === undefined ? readModule(source) : moduleOf(source, alias, at)
  if (source.code() !== 0x2e) source.fail('"." behind the module')
  source.at++
  const name =
    source.code() === 0x22
      ? readText(source, '"', 'the name of a function')
      : ((source.match(NAME) ?? source.match(CAPTURED_OPERATOR))?.[0] ?? source.fail('a function'))
  source.expect('/')
  const nameAtom = Atom.intern(String(checkedAtom(source, name, at)))
  return new ExternalFun(Atom.intern(String(module)), nameAtom, readSmall(source, 255))
}

function readModule(source: Source): Atom | boolean {
  return source.code() === 0x3a ? readAtom(source) : source.fail('a module behind "&"')
}

function readNumber(source: Source): unknown {
  const code = source.code()
  if (isDigit(code)) return readElixirNumber(source, false)
  if (code === 0x3f) return readCharacter(source)
  if (code !== 0x2d && code !== 0x2b) return undefined
  source.at++
  if (!isDigit(source.next())) source.fail('a number behind its sign')
  return readElixirNumber(source, code === 0x2d)
}

/** `?c`; a number. */
function readCharacter(source: Source): number {
  source.at++
  const code = source.text.codePointAt(source.at) ?? source.fail('a character behind ?')
  source.at += code > 0xffff ? 2 : 1
  return code === 0x5c ? (elixirEscape(source).codePointAt(0) ?? 0) : code
}

function readSegmentValue(source: Source): unknown {
  if (source.code() === 0x22) return new SegmentText(readText(source, '"', 'a string'))
  return readNumber(source) ?? source.fail('a number or text')
}

/** `::8`, `::size(8)-little`, `::utf8`. */
function readModifiers(source: Source): Modifiers {
  if (!source.take('::')) return { words: [] }
  const words: string[] = []
  const given: { size?: number; unit?: number } = {}
  do {
    if (isDigit(source.next())) {
      given.size = readSmall(source, Number.MAX_SAFE_INTEGER)
      continue
    }
    const word = readWord(source, 'the type of a segment')
    if (word === 'size' || word === 'unit') {
      source.expect('(')
      given[word] = readSmall(source, word === 'unit' ? 256 : Number.MAX_SAFE_INTEGER)
      source.expect(')')
    } else words.push(word)
  } while (source.take('-'))
  return { words, ...given }
}
