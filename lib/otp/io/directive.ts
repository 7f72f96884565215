import { invalidArgument } from '../../errors.js'
import type { Charset } from '../../term/quote.js'

/** One `~…` of a format, with its arguments. */
export interface Directive {
  /** The letter: `p`, `s`, `b`… */
  readonly letter: string
  readonly args: readonly unknown[]
  readonly width: number | undefined
  /** Whether it stands at the left of its field. */
  readonly isLeft: boolean
  readonly precision: number | undefined
  readonly pad: string
  /** `unicode` with the modifier `t`. */
  readonly charset: Charset
  /** False with the modifier `l`. */
  readonly strings: boolean
  /** True with the modifier `k` of OTP 26. */
  readonly sorted: boolean
}

/** How many arguments each letter takes. */
const arity: Readonly<Record<string, number>> = {
  '~': 0,
  n: 0,
  c: 1,
  s: 1,
  w: 1,
  p: 1,
  i: 1,
  e: 1,
  f: 1,
  g: 1,
  b: 1,
  B: 1,
  '#': 1,
  '+': 1,
  W: 2,
  P: 2,
  x: 2,
  X: 2,
}

/**
 * Reads a format: its text, and its directives with the arguments they take.
 *
 * Shape:  `~F.P.PadModC`: field width, precision, pad character, modifiers, letter. `*` stands for a
 *         width or precision among the arguments.
 * Source: OTP 25, stdlib/src/io_lib_format.erl, collect/2.
 * Errors: TypeError for what is no directive, and for too few or too many arguments.
 */
export function readFormat(format: string, args: readonly unknown[]): (string | Directive)[] {
  return new FormatReader(format, args).read()
}

class FormatReader {
  readonly #characters: readonly string[]
  readonly #args: readonly unknown[]
  #at = 0
  #taken = 0

  constructor(format: string, args: readonly unknown[]) {
    this.#characters = [...format]
    this.#args = args
  }

  read(): (string | Directive)[] {
    const all: (string | Directive)[] = []
    let text = ''
    while (this.#at < this.#characters.length) {
      if (this.#takes('~')) {
        all.push(text, this.#directive())
        text = ''
      } else text += this.#next()
    }
    if (this.#taken !== this.#args.length) {
      throw invalidArgument('args', `a list of ${this.#taken}`, this.#args.length)
    }
    all.push(text)
    return all
  }

  #directive(): Directive {
    const isNegative = this.#takes('-')
    const number = this.#number()
    if (isNegative && number === undefined) throw invalidArgument('format', 'with a width', '-')
    const width = number !== undefined && isNegative ? -number : number
    const precision = this.#takes('.') ? this.#number() : undefined
    const pad = this.#takes('.') ? this.#padding() : ' '
    const modifiers = this.#modifiers()
    const letter = this.#next()
    const count = arity[letter]
    if (count === undefined) throw invalidArgument('format', 'of known directives', letter)
    return {
      letter,
      args: Array.from({ length: count }, () => this.#argument()),
      width: width === undefined ? undefined : Math.abs(width),
      isLeft: width !== undefined && width < 0,
      precision,
      pad,
      charset: modifiers.has('t') ? 'unicode' : 'latin1',
      strings: !modifiers.has('l'),
      sorted: modifiers.has('k'),
    }
  }

  /** Digits, or an argument for `*`. */
  #number(): number | undefined {
    if (this.#takes('*')) return this.#integerArgument()
    let digits = ''
    while (/[0-9]/.test(this.#characters[this.#at] ?? '')) digits += this.#next()
    return digits === '' ? undefined : Number(digits)
  }

  #padding(): string {
    return this.#takes('*') ? String.fromCodePoint(this.#integerArgument()) : this.#next()
  }

  #modifiers(): ReadonlySet<string> {
    const modifiers = new Set<string>()
    for (;;) {
      const character = this.#characters[this.#at]
      if (character !== 't' && character !== 'l' && character !== 'k') return modifiers
      modifiers.add(character)
      this.#at += 1
    }
  }

  #takes(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #next(): string {
    const character = this.#characters[this.#at]
    if (character === undefined) throw invalidArgument('format', 'whole', 'a part of a directive')
    this.#at += 1
    return character
  }

  #argument(): unknown {
    if (this.#taken === this.#args.length) {
      throw invalidArgument('args', 'one for each directive', this.#args.length)
    }
    this.#taken += 1
    return this.#args[this.#taken - 1]
  }

  #integerArgument(): number {
    const value = this.#argument()
    if (!Number.isInteger(value)) throw invalidArgument('argument for *', 'an integer', value)
    return value as number
  }
}
