import type { Source } from './source.js'

/** What is special in text between quotation marks. */
export interface Quotes {
  /** Reads what follows a backslash, which is read, and gives the text it stands for. */
  readonly readEscape: (source: Source) => string
  /** `#{…}` would be evaluated: it is refused. */
  readonly interpolates: boolean
}

/** Reads text up to its closing `mark`; the opening one is read. `place` names it in errors. */
export function readQuoted(source: Source, mark: string, place: string, quotes: Quotes): string {
  const start = source.at
  let text = ''
  let from = start
  for (;;) {
    const code = source.code()
    if (Number.isNaN(code)) {
      source.fail(`the ${mark} that ends ${place} begun at offset ${start - 1}`)
    }
    if (code === mark.charCodeAt(0)) {
      text += source.text.slice(from, source.at)
      source.refuseHoles(source.at, place)
      source.at++
      return text
    }
    if (code === 0x23 && quotes.interpolates && source.code(1) === 0x7b) {
      source.fail(`${place} without #{…} (\\#{ is text)`)
    }
    source.at++
    if (code !== 0x5c) continue
    text += source.text.slice(from, source.at - 1)
    text += quotes.readEscape(source)
    from = source.at
  }
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['d', '\x7f'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['s', ' '],
  ['t', '\t'],
  ['v', '\v'],
])

const HEX_OR_OTHER = /x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))|./suy
const ERLANG_ESCAPE = /([0-7]{1,3})|\^([@-_a-z])/y

/** `\n`, `\123`, `\x41`, `\x{20AC}`, `\^C`; any other character stands for itself. */
export function erlangEscape(source: Source): string {
  const found = source.match(ERLANG_ESCAPE)
  if (found?.[1] !== undefined) return String.fromCharCode(Number.parseInt(found[1], 8))
  if (found?.[2] !== undefined) return String.fromCharCode(found[2].charCodeAt(0) & 31)
  return commonEscape(source)
}

const ELIXIR_ESCAPE = /(?:u(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4})))|(0)|(a)|(\r?\n)/y

/** `\n`, `\x41`, `\x{20AC}`, `\u20AC`, `\0`; a line break is left out. */
export function elixirEscape(source: Source): string {
  const start = source.at
  const found = source.match(ELIXIR_ESCAPE)
  if (found === undefined) return commonEscape(source)
  const hex = found[1] ?? found[2]
  if (hex !== undefined) return character(source, hex, start)
  if (found[3] !== undefined) return '\0'
  return found[4] !== undefined ? '\x07' : ''
}

function commonEscape(source: Source): string {
  const start = source.at
  const [all = '', braced, plain] = source.match(HEX_OR_OTHER) ?? source.fail('a character')
  const hex = braced ?? plain
  if (hex !== undefined) return character(source, hex, start)
  if (all === 'x') source.fail('two hexadecimal digits or {…} after \\x', start)
  return SHORT.get(all) ?? all
}

function character(source: Source, hex: string, at: number): string {
  const code = Number.parseInt(hex, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    source.fail('the number of a Unicode character', at)
  }
  return String.fromCodePoint(code)
}

export const ERLANG_QUOTES: Quotes = { readEscape: erlangEscape, interpolates: false }
export const ELIXIR_QUOTES: Quotes = { readEscape: elixirEscape, interpolates: true }
/** Of the sigils in capitals. */
export const PLAIN_QUOTES: Quotes = { readEscape: plainEscape, interpolates: false }

function plainEscape(): string {
  return '\\'
}
