/**
 * Text in Erlang's quoting, as `io_lib` writes it: control characters in octal, and for a latin1
 * device characters above 255 as `\x{…}`.
 *
 * Source: OTP 25, stdlib/src/io_lib.erl, quote_atom/2 and string_char/4.
 */

/** What the device takes: `~p` writes for latin1, `~tp` for unicode. */
export type Charset = 'latin1' | 'unicode'

const RESERVED = new Set(
  (
    'after begin case try cond catch andalso orelse end fun if let of receive when ' +
    'bnot not div rem band and bor bxor bsl bsr or xor'
  ).split(' '),
)

/** True for a word that is no atom unless it is quoted. */
export function isReserved(word: string): boolean {
  return RESERVED.has(word)
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x5c, '\\\\'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x1b, '\\e'],
  [0x7f, '\\d'],
])

const PLAIN_ATOM = /^[a-zß-öø-ÿ][a-zß-öø-ÿA-ZÀ-ÖØ-Þ0-9_@]*$/

/** An atom's name as source text: `ok`, `'hello world'`, `'\x{20AC}'`. */
export function quoteAtom(name: string, charset: Charset = 'latin1'): string {
  return PLAIN_ATOM.test(name) && !RESERVED.has(name) ? name : quote(name, "'", charset)
}

/** Anything but printable characters of latin1 that stand for themselves between either mark. */
const NEEDS_ESCAPE = /[^ -~\u00a0-\u00ff]|["'\\]/

/** `text` between two `mark`s, escaped. */
export function quote(text: string, mark: '"' | "'", charset: Charset = 'latin1'): string {
  if (!NEEDS_ESCAPE.test(text)) return `${mark}${text}${mark}`
  let quoted: string = mark
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    quoted += character === mark ? `\\${mark}` : escaped(code, character, charset)
  }
  return quoted + mark
}

function escaped(code: number, character: string, charset: Charset): string {
  if (code !== 0x5c && isPrintable(code)) return character
  if (code > 0xff && charset === 'unicode') return character
  const short = ESCAPES.get(code)
  if (short !== undefined) return short
  if (code > 0xff) return `\\x{${code.toString(16).toUpperCase()}}`
  return `\\${code.toString(8).padStart(3, '0')}`
}

function isPrintable(code: number): boolean {
  return (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xff)
}

/** What `io_lib:printable_latin1_list/1` takes as a character of a string. */
export function isPrintableInString(code: number): boolean {
  return isPrintable(code) || (code >= 0x08 && code <= 0x0d) || code === 0x1b
}
