import { invalidArgument, outOfRange } from '../../errors.js'
import { atomNameOf, kindOf } from '../../term/kind.js'
import { charsLength, firstChars, latin1Text, unicodeText } from './chars.js'
import { type Directive, readFormat } from './directive.js'
import { flatText, prettyText } from './layout.js'
import { decimalText, exponentText, generalText } from './number.js'
import { piecesOf } from './pieces.js'

const defaultLineLength = 80
/** Fields are text in memory, and their width comes from a peer. */
const widestField = 1_000_000
const longestText = 64_000_000

/**
 * The text of `io_lib:format(Format, Args)`.
 *
 * All directives of OTP 25 and the modifier `k` of OTP 26. Floats must be told from integers: decode
 * the arguments with `floats: 'wrap'`. Pids, ports and references are shown as `format` shows them;
 * what is nested more than 500 deep is cut with `...`.
 *
 * Source: OTP 25, stdlib/src/io_lib_format.erl.
 * Errors: TypeError and RangeError for what Erlang answers with `badarg`.
 */
export function formatText(format: unknown, args: unknown): string {
  if (kindOf(args) !== 'list' || !Array.isArray(args)) {
    throw invalidArgument('args', 'a list', args)
  }
  let text = ''
  let column = 0
  for (const part of readFormat(formatSource(format), args)) {
    const added = typeof part === 'string' ? part : written(part, column)
    text += added
    if (text.length > longestText) throw outOfRange('text', `up to ${longestText}`, text.length)
    column = columnAfter(added, column)
  }
  return text
}

/** The text of `io_lib:write(Term)`. */
export function writeText(term: unknown): string {
  return flatText(piecesOf(term, { depth: -1, charset: 'latin1', strings: false, sorted: false }))
}

/** A format is an atom, a binary of latin1, or a list of characters. */
function formatSource(format: unknown): string {
  if (kindOf(format) === 'atom') return atomNameOf(format)
  return kindOf(format) === 'binary' ? latin1Text(format) : unicodeText(format)
}

/** What a directive becomes when the line has got to `column`, counted from 0. */
function written(directive: Directive, column: number): string {
  if ((directive.width ?? 0) > widestField || (directive.precision ?? 0) > widestField) {
    throw outOfRange('field', `at most ${widestField} characters wide`, directive.width)
  }
  const [first, second] = directive.args
  switch (directive.letter) {
    case '~':
      return repeated('~', directive)
    case 'n':
      return newLines(directive)
    case 'c':
      return repeated(characterOf(first, directive), directive)
    case 'i':
      return ''
    case 's':
      return stringField(stringOf(first, directive), directive)
    case 'w':
      return field(flatText(termOf(first, -1, { ...directive, strings: false })), directive)
    case 'W':
      return field(flatText(termOf(first, second, { ...directive, strings: false })), directive)
    case 'p':
      return pretty(first, -1, directive, column)
    case 'P':
      return pretty(first, second, directive, column)
    default:
      return number(directive, first, second)
  }
}

function number(directive: Directive, value: unknown, prefix: unknown): string {
  const { letter, precision = 6, width } = directive
  const alone = { ...directive, precision: width }
  switch (letter) {
    case 'e':
      return field(exponentText(floatOf(value), precision), alone)
    case 'f':
      return field(decimalText(floatOf(value), precision), alone)
    case 'g':
      return field(generalText(floatOf(value), precision), alone)
    default:
      return integer(directive, value, prefix)
  }
}

/** `~b ~x ~+` with small letters as digits, `~B ~X ~#` with capitals. */
function integer(directive: Directive, value: unknown, prefix: unknown): string {
  const { letter, precision: base = 10 } = directive
  if (kindOf(value) !== 'integer') throw invalidArgument(`~${letter}`, 'an integer', value)
  if (base < 2 || base > 36) throw outOfRange('base', 'from 2 to 36', base)
  const whole = BigInt(value as bigint)
  const digits = (whole < 0n ? -whole : whole).toString(base)
  const shown = 'bx+'.includes(letter) ? digits : digits.toUpperCase()
  const sign = whole < 0n ? '-' : ''
  const text = sign + prefixOf(letter, base, prefix) + shown
  return field(text, { ...directive, precision: undefined })
}

function prefixOf(letter: string, base: number, prefix: unknown): string {
  if (letter === '+' || letter === '#') return `${base}#`
  if (letter !== 'x' && letter !== 'X') return ''
  if (kindOf(prefix) === 'atom') return atomNameOf(prefix)
  if (kindOf(prefix) !== 'list') throw invalidArgument('prefix', 'an atom or a list', prefix)
  return unicodeText(prefix)
}

function floatOf(value: unknown): number {
  if (kindOf(value) !== 'float') throw invalidArgument('argument', 'a float', value)
  return Number(value)
}

function termOf(term: unknown, depth: unknown, { charset, strings, sorted }: Directive) {
  if (!Number.isInteger(depth)) throw invalidArgument('depth', 'an integer', depth)
  return piecesOf(term, { depth: depth as number, charset, strings, sorted })
}

/** The width of a pretty term is that of the line, its precision the column it starts in. */
function pretty(term: unknown, depth: unknown, directive: Directive, column: number): string {
  const { width = defaultLineLength, precision, isLeft } = directive
  if (isLeft) throw outOfRange('width of ~p', 'positive', -width)
  const start = Math.max(1, precision ?? column + 1)
  return prettyText(termOf(term, depth, directive), start, width)
}

/** How far the last line has got with a text that began at `start`; a tab moves on to an eighth. */
function columnAfter(text: string, start: number): number {
  const lineAt = text.lastIndexOf('\n') + 1
  let column = lineAt === 0 ? start : 0
  for (const character of text.slice(lineAt)) {
    column = character === '\t' ? (Math.floor(column / 8) + 1) * 8 : column + 1
  }
  return column
}

function characterOf(code: unknown, { charset }: Directive): string {
  if (kindOf(code) !== 'integer') throw invalidArgument('~c', 'an integer', code)
  const whole = BigInt(code as number)
  return String.fromCodePoint(Number(charset === 'unicode' ? whole : BigInt.asUintN(8, whole)))
}

/** A character as often as its precision says, in a field of its width. */
function repeated(character: string, { width, precision, isLeft, pad }: Directive): string {
  const text = character.repeat(precision ?? width ?? 1)
  if (precision === undefined || width === undefined) return text
  if (width < precision) throw outOfRange('width', 'at least the precision', width)
  return adjusted(text, pad.repeat(width - precision), isLeft)
}

function newLines({ width, isLeft }: Directive): string {
  if (isLeft) throw outOfRange('width of ~n', 'positive', width)
  return '\n'.repeat(width ?? 1)
}

function stringOf(value: unknown, { charset }: Directive): string {
  const chars = kindOf(value) === 'atom' ? [...atomNameOf(value)].map(codeOf) : value
  return charset === 'unicode' ? unicodeText(chars) : latin1Text(chars)
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0
}

/** A string in its field, cut where it is too long. */
function stringField(text: string, { width, precision, isLeft, pad }: Directive): string {
  const length = charsLength(text)
  if (precision === undefined || width === undefined || width === precision) {
    const most = width ?? precision ?? length
    if (length > most) return firstChars(text, most)
    // A precision alone pads at the right.
    return adjusted(text, pad.repeat(most - length), width === undefined || isLeft)
  }
  if (width < precision) throw outOfRange('width', 'at least the precision', width)
  const shown = length > precision ? firstChars(text, precision) : text
  const filled = shown + pad.repeat(Math.max(0, precision - length))
  return adjusted(filled, pad.repeat(width - precision), isLeft)
}

/** Other text in its field: stars where it is too long. */
function field(text: string, { width, precision, isLeft, pad }: Directive): string {
  const most = width ?? precision
  if (most === undefined) return text
  const length = charsLength(text)
  const shown = Math.min(length, most, precision ?? most)
  if (length > shown) return adjusted('*'.repeat(shown), pad.repeat(most - shown), isLeft)
  return adjusted(text, pad.repeat(most - length), isLeft)
}

function adjusted(text: string, padding: string, isLeft: boolean): string {
  return isLeft ? text + padding : padding + text
}
