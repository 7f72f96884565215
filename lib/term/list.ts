import { type InspectOptions, inspect } from 'node:util'
import { invalidArgument } from '../errors.js'
import { brand, brandedKind } from './brand.js'
import { type CustomInspectOptions, inspectWithin } from './inspect.js'
import type { Term, TermInput } from './term.js'

/** A list whose last cell ends in something other than `[]`: `[1,2|3]`. */
export class ImproperList {
  declare readonly kind: 'improper'
  readonly elements: readonly Term[]
  readonly tail: Term

  /** Errors: TypeError without elements. */
  constructor(elements: readonly Term[], tail: Term) {
    if (!Array.isArray(elements) || elements.length === 0) {
      throw invalidArgument('elements', 'an array with one element or more', elements)
    }
    this.elements = elements
    this.tail = tail
  }

  /** True for an improper list, also for one of another copy of this package. */
  static is(value: unknown): value is ImproperList {
    return value instanceof ImproperList || brandedKind(value) === 'improper'
  }

  /** Its elements and its tail: JSON has no such list. */
  toJSON(): { elements: readonly Term[]; tail: Term } {
    return { elements: this.elements, tail: this.tail }
  }

  [inspect.custom](depth: number, options: InspectOptions): string {
    if (depth < 0) return '[ImproperList]'
    const elements = inspectWithin(this.elements, depth, options).slice(0, -1).trimEnd()
    return `${elements} | ${inspectWithin(this.tail, depth - 1, options)} ]`
  }
}
brand(ImproperList.prototype, 'improper')

/**
 * The list of `elements` that ends in `tail`.
 *
 * Errors: TypeError without elements, or when the tail is a list: the whole would be a proper one.
 */
export function improper(elements: readonly TermInput[], tail: TermInput): ImproperList {
  if (Array.isArray(tail) || Charlist.is(tail) || ImproperList.is(tail)) {
    throw invalidArgument('tail', 'no list', tail)
  }
  return new ImproperList(elements as readonly Term[], tail as Term)
}

/** Text that is written as a list of code points, as Erlang's `"abc"` is. It decodes to an array. */
export class Charlist {
  declare readonly kind: 'charlist'
  readonly text: string

  /** Errors: TypeError for what is no text, and for lone surrogates. */
  constructor(text: string) {
    if (typeof text !== 'string') throw invalidArgument('text of a charlist', 'a string', text)
    if (/\p{Surrogate}/u.test(text)) {
      throw invalidArgument('text of a charlist', 'Unicode text without lone surrogates', text)
    }
    this.text = text
  }

  /** True for a `Charlist`, also for one of another copy of this package. */
  static is(value: unknown): value is Charlist {
    return value instanceof Charlist || brandedKind(value) === 'charlist'
  }

  /** The text. */
  toString(): string {
    return this.text
  }

  /** The text. */
  toJSON(): string {
    return this.text
  }

  [inspect.custom](_depth: number, options: CustomInspectOptions): string {
    return `charlist(${options.stylize(JSON.stringify(this.text), 'string')})`
  }
}
brand(Charlist.prototype, 'charlist')

/** `charlist('abc')` is Erlang's `"abc"`; a plain string is the binary `<<"abc">>`. */
export function charlist(text: string): Charlist {
  return new Charlist(text)
}
