import { inspect } from 'node:util'
import { invalidArgument, outOfRange } from '../errors.js'
import type { Atom } from './atom.js'
import { brand, brandedKind } from './brand.js'
import { checkAtom, checkWord } from './checks.js'

const MOST_WORDS = 5

/** A reference, also a process alias: a value, compared with `equals`. */
export class Reference {
  declare readonly kind: 'reference'
  readonly node: Atom
  /** One to five unsigned words of 32 bits, least significant first, as on the wire. */
  readonly words: readonly number[]
  readonly creation: number

  /** Errors: TypeError, RangeError for words and a creation that are none of 32 bits. */
  constructor(node: Atom, words: readonly number[], creation: number)
  /** @internal Without checks: references are made all the time, and these parts are known to be good. */
  constructor(node: Atom, words: readonly number[], creation: number, areGood: true)
  constructor(node: Atom, words: readonly number[], creation: number, areGood = false) {
    if (!areGood) {
      checkAtom('node', node)
      checkWords(words)
      checkWord('creation', creation)
    }
    this.node = node
    this.words = words
    this.creation = creation
  }

  /** True for a reference, also for one of another copy of this package. */
  static is(value: unknown): value is Reference {
    return value instanceof Reference || brandedKind(value) === 'reference'
  }

  /** `#Ref<shop@127.0.0.1.1.2.3>`: the node's name where Erlang prints a number (see `Pid`). */
  toString(): string {
    return `#Ref<${this.node.name}.${this.words.toReversed().join('.')}>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(Reference.prototype, 'reference')

function checkWords(words: readonly number[]): void {
  if (!Array.isArray(words)) throw invalidArgument('words', 'an array of numbers', words)
  if (words.length === 0 || words.length > MOST_WORDS) {
    throw outOfRange('words', `an array of 1 to ${MOST_WORDS} numbers`, words)
  }
  for (const word of words) checkWord('a word', word)
}
