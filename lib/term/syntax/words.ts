import { Atom } from '../atom.js'
import type { Origin } from './identifiers.js'
import type { Source } from './source.js'

/** What the reader of a text has chosen. */
export interface Choices {
  readonly origin: Origin
  /** Makes the term of text between quotation marks. */
  readonly string: (text: string) => unknown
  /** Makes the term of the bytes of a binary. */
  readonly binary: (bytes: Buffer) => unknown
  /** Variables are read, not refused. */
  readonly hasVariables: boolean
}

/** An atom of Erlang that needs no quotes. */
export const WORD = /[a-zß-öø-ÿ][a-zß-öø-ÿA-ZÀ-ÖØ-Þ0-9_@]*/y

/** The atom of a name in the text; what is wrong with it is a fault of the text. */
export function checkedAtom(source: Source, name: string, at: number): Atom | boolean {
  if (name.length > 255 && [...name].length > 255) {
    source.fail('an atom of at most 255 characters', at)
  }
  return name === 'true' || name === 'false' ? name === 'true' : Atom.intern(name)
}

export function readWord(source: Source, what: string): string {
  source.next()
  return source.match(WORD)?.[0] ?? source.fail(what)
}

const SMALL = /\d{1,16}/y

/** A decimal integer from 0 to `max`. */
export function readSmall(source: Source, max: number): number {
  source.next()
  const at = source.at
  const value = Number(source.match(SMALL)?.[0] ?? source.fail('an integer'))
  return value <= max ? value : source.fail(`an integer up to ${max}`, at)
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
