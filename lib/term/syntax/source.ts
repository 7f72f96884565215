import { TermSyntaxError } from './syntax-error.js'

/** What stands in the text of a template where a value is given; only its offset makes it one. */
export const HOLE_TEXT = `$\{}`

const SHOWN_FAULT = 20

/** Text that is read from its start to its end, and the holes in it that templates leave. */
export class Source {
  readonly text: string
  /** How far it is read. */
  at = 0
  readonly #isComment: (source: Source) => boolean
  /** Offsets, in order. */
  readonly #holes: readonly number[]
  #holesRead = 0

  constructor(text: string, isComment: (source: Source) => boolean, holes: readonly number[] = []) {
    this.text = text
    this.#isComment = isComment
    this.#holes = holes
    const lone = /\p{Surrogate}/u.exec(text)
    if (lone !== null) this.fail('Unicode text without lone surrogates', lone.index)
  }

  /** The UTF-16 unit at `at` or so many behind it; NaN beyond the end. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead)
  }

  /** Skips white space and comments, then gives `code()`. */
  next(): number {
    for (;;) {
      const code = this.code()
      if (code === 0x20 || isBlank(code)) this.at++
      else if (this.#isComment(this)) this.#skipLine()
      else return code
    }
  }

  /** Reads `token` if it comes next, after white space. */
  take(token: string): boolean {
    this.next()
    if (!this.text.startsWith(token, this.at)) return false
    this.at += token.length
    return true
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail(JSON.stringify(token))
  }

  /** Reads what a sticky `pattern` matches right here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }

  get isHole(): boolean {
    return this.#holes[this.#holesRead] === this.at
  }

  /** The number of the hole that is right here, which is read by that. */
  takeHole(): number | undefined {
    if (!this.isHole) return undefined
    this.at += HOLE_TEXT.length
    return this.#holesRead++
  }

  /** Refuses a hole before `end`, where text is taken as it is. */
  refuseHoles(end: number, place: string): void {
    const hole = this.#holes[this.#holesRead]
    if (hole !== undefined && hole < end) {
      this.fail(`no value inside ${place}: values are whole terms`, hole)
    }
  }

  /** Throws: `expected` is not what stands `at`. */
  fail(expected: string, at = this.at): never {
    throw new TermSyntaxError(this.text, at, expected, this.#shown(at))
  }

  #shown(at: number): string {
    if (at >= this.text.length) return 'the end of the text'
    const word = /[\p{L}\p{N}_@.]+|./suy
    word.lastIndex = at
    const text = this.#holes.includes(at) ? HOLE_TEXT : (word.exec(this.text)?.[0] ?? '')
    return JSON.stringify(text.length > SHOWN_FAULT ? `${text.slice(0, SHOWN_FAULT)}…` : text)
  }

  #skipLine(): void {
    const newline = this.text.indexOf('\n', this.at)
    const end = newline === -1 ? this.text.length : newline
    this.refuseHoles(end, 'a comment')
    this.at = end
  }
}

/** Erlang's white space, and the mark that some editors put before UTF-8. */
function isBlank(code: number): boolean {
  return code <= 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0xfeff
}
