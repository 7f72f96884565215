import { isUtf8 } from 'node:buffer'
import { atom } from '../../term/atom.js'
import { BitString } from '../../term/bitstring.js'
import { bytesOf, kindOf, listPartsOf, mapEntriesOf, tupleElementsOf } from '../../term/kind.js'
import { ImproperList } from '../../term/list.js'
import { TermMap } from '../../term/map.js'
import type { Term, TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'

/** What keys of secrets have in them, in any case: `db_password` is one. */
export const secretKeys: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'cookie',
  'secret',
  'token',
  'a1-hash',
  'a1_hash',
  'authorization',
  'private_key',
  'private-key',
]

/** Stands for a secret. */
const hidden = atom('***')
/** Stands for what is left out. */
const more = atom('...')

const mostElements = 200
const mostBytes = 2_000
const mostLevels = 50

/** Takes secrets out of terms, and shortens them. */
export class Redactor {
  readonly #key: RegExp
  /** In text: `password=x`, `"token": "x"`, `name="password" value="x"`. */
  readonly #pair: RegExp
  readonly #values: readonly string[]

  /**
   * `keys` in any case, and as parts of longer ones. `values` are secrets themselves, wherever they
   * stand: the cookies of the node.
   */
  constructor(keys: readonly string[], values: readonly string[]) {
    const any = keys.map(escaped).join('|')
    this.#key = new RegExp(any, 'i')
    const between = String.raw`["']?\s*(?:=>|[:=]|\s+value\s*=)\s*["']?`
    this.#pair = new RegExp(`([\\w-]*(?:${any})[\\w-]*${between})([^"'\\s,;&>}]+)`, 'gi')
    this.#values = values.filter((value) => value !== '')
  }

  /** The term without secrets; long lists, binaries and deep terms end in `'...'`. */
  redact(term: TermInput, levels = mostLevels): Term {
    if (levels === 0) return more as Term
    const kind = kindOf(term)
    switch (kind) {
      case 'atom':
      case 'binary':
        return this.#leaf(term, kind)
      case 'tuple':
        return tuple(...this.#row(tupleElementsOf(term), 'all', levels)) as Term
      case 'map':
        return this.#map(mapEntriesOf(term), levels)
      case 'list':
        return this.#list(term, levels)
      case 'bitstring':
        return bytesOf(term).length > mostBytes ? (more as Term) : (term as Term)
      default:
        return term as Term
    }
  }

  /** Text with `password=…` and the like in it. */
  redactText(text: string): string {
    let result = text.replace(this.#pair, '$1***')
    for (const value of this.#values) result = result.replaceAll(value, '***')
    return result
  }

  #leaf(term: TermInput, kind: 'atom' | 'binary'): Term {
    if (kind === 'atom') {
      return this.#values.includes(textOf(term) ?? '') ? (hidden as Term) : (term as Term)
    }
    const bytes = bytesOf(term)
    const shown = bytes.length > mostBytes ? bytes.subarray(0, mostBytes) : bytes
    const more = shown.length < bytes.length ? '...' : ''
    // A character may have been cut in two.
    const whole = [0, 1, 2, 3].map((cut) => shown.subarray(0, shown.length - cut)).find(isUtf8)
    if (whole !== undefined && (whole === shown || more !== '')) {
      return Buffer.from(this.redactText(Buffer.from(whole).toString()) + more) as Term
    }
    return Buffer.from(
      this.redactText(Buffer.from(shown).toString('latin1')) + more,
      'latin1',
    ) as Term
  }

  #map(entries: readonly unknown[], levels: number): Term {
    const map = new TermMap()
    for (let i = 0; i < entries.length; i += 2) {
      if (i / 2 === mostElements) {
        map.set(more, more)
        break
      }
      const key = entries[i] as TermInput
      const value = entries[i + 1] as TermInput
      map.set(
        this.redact(key, levels - 1),
        this.#isKey(key) ? hidden : this.redact(value, levels - 1),
      )
    }
    return map as Term
  }

  #list(term: TermInput, levels: number): Term {
    const { elements, isProper, tail } = listPartsOf(term)
    const charlist = textOf(term)
    if (charlist !== undefined) {
      const shown = this.redactText(charlist.slice(0, mostBytes))
      const cut = charlist.length > mostBytes ? '...' : ''
      return Array.from(shown + cut, (character) => character.codePointAt(0) ?? 0)
    }
    const shown = this.#row(elements, 'next', levels)
    if (isProper || elements.length > mostElements) return shown
    return new ImproperList(shown, this.redact(tail as TermInput, levels - 1))
  }

  /** Behind a key of a secret: all that follows in a tuple, one element in a list. */
  #row(elements: readonly unknown[], behind: 'all' | 'next', levels: number): Term[] {
    const row: Term[] = []
    let isSecret = false
    for (const element of elements) {
      if (row.length === mostElements) {
        row.push(more as Term)
        break
      }
      row.push(isSecret ? (hidden as Term) : this.redact(element as TermInput, levels - 1))
      const isKey: boolean = !isSecret && this.#isKey(element as TermInput)
      isSecret = isKey || (isSecret && behind === 'all')
    }
    return row
  }

  #isKey(term: TermInput): boolean {
    const text = textOf(term)
    return text !== undefined && text.length < 100 && this.#key.test(text)
  }
}

/** The text of an atom, a binary of text or a charlist. */
function textOf(term: TermInput): string | undefined {
  if (typeof term === 'string') return term
  const kind = kindOf(term)
  if (kind === 'atom')
    return term === null ? 'nil' : String((term as { name?: string }).name ?? term)
  if (kind === 'binary' && !BitString.is(term)) {
    const bytes = bytesOf(term)
    return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : undefined
  }
  return kind === 'list' ? charsOf(listPartsOf(term)) : undefined
}

function charsOf({ elements, isProper }: ReturnType<typeof listPartsOf>): string | undefined {
  if (!isProper || elements.length === 0) return undefined
  const isChar = (each: unknown) =>
    typeof each === 'number' && Number.isInteger(each) && each >= 9 && each <= 0x10ffff
  if (!elements.every(isChar)) return undefined
  return elements.map((each) => String.fromCodePoint(each as number)).join('')
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
