import { checkChoice, checkNames, checkObject } from '../base/validate.js'
import { invalidArgument, outOfRange } from '../errors.js'
import {
  Atom,
  atom,
  BitString,
  Charlist,
  decode,
  Float,
  format,
  isFun,
  isPid,
  isPort,
  isReference,
  isTermMap,
  isTuple,
  RawTerm,
  type TermInput,
  Tuple,
} from '../index.js'

/** What Kamailio writes for `$null`. */
export const undefinedAtom = atom('undefined')

/** How `kamailioSafe` treats what Kamailio cannot read. */
export interface SafeOptions {
  /**
   * What stands for `[]`, `''` and an empty map; without it they are refused. Kamailio itself
   * writes the atom `undefined` for `$null`.
   */
  readonly emptyAs?: TermInput
  /** `'refuse'` (default) or `'tuples'`: a list that is not the last thing becomes a tuple. */
  readonly innerLists?: 'refuse' | 'tuples'
  /**
   * The largest integers: 32 bits (default), which every expression of a script reads well, or 64,
   * of which Kamailio 5.6 shows the lower half only in `=>format`.
   */
  readonly integers?: 32 | 64
}

/** `SafeOptions` that have been checked. */
export interface ResolvedSafeOptions {
  readonly emptyAs: TermInput | undefined
  readonly innerLists: 'refuse' | 'tuples'
  readonly integerBits: 32 | 64
}

const readableRule =
  'an atom, integer, string, tuple, pid, reference or last list, to be read by Kamailio'
const safeOptionNames: readonly (keyof SafeOptions)[] = ['emptyAs', 'innerLists', 'integers']
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ascii = /^[\x00-\x7f]*$/
/** Longer strings are lists of integers on the wire. */
const longestString = 65_535

/** Errors: TypeError and RangeError name option, rule and value. */
export function resolveSafeOptions(options: SafeOptions): ResolvedSafeOptions {
  checkNames('kamailioSafe', checkObject('options', options), safeOptionNames)
  const { emptyAs, innerLists = 'refuse', integers = 32 } = options
  if (integers !== 32 && integers !== 64) throw outOfRange('integers', '32 or 64', integers)
  checkChoice('innerLists', innerLists, ['refuse', 'tuples'])
  const resolved: ResolvedSafeOptions = {
    emptyAs: undefined,
    innerLists,
    integerBits: integers,
  }
  if (emptyAs === undefined) return resolved
  return { ...resolved, emptyAs: new Conversion(resolved).convert(emptyAs, 'emptyAs', true) }
}

/**
 * The form of a value that Kamailio's `erlang` module can read into its variables: atoms, integers,
 * strings of bytes, tuples, pids, references, and lists only where nothing follows.
 *
 * | value | becomes |
 * |---|---|
 * | string, binary, charlist | string of its bytes (UTF-8) |
 * | float | its text |
 * | map, object | flat tuple `{"key1", Value1, "key2", Value2}`; atoms stay atoms |
 * | `[]`, `''`, `{}` as a map | `emptyAs`, else refused |
 * | list that something follows | refused, or a tuple (`innerLists`) |
 * | `null` | the atom `undefined`, as Kamailio writes `$null` |
 * | improper list, bit string, fun, port | refused |
 *
 * Errors: TypeError and RangeError that say where in the term: `term[1][0] must be …`.
 */
export function kamailioSafe(term: TermInput, options: SafeOptions = {}): TermInput {
  return safeTerm(term, resolveSafeOptions(options))
}

/** As `kamailioSafe`, with options that have been checked; `name` is what errors call the term. */
export function safeTerm(term: TermInput, options: ResolvedSafeOptions, name = 'term'): TermInput {
  return new Conversion(options).convert(term, name, true)
}

class Conversion {
  readonly #options: ResolvedSafeOptions

  constructor(options: ResolvedSafeOptions) {
    this.#options = options
  }

  /** `isLast`: nothing follows it, so a list may stand here. */
  convert(term: TermInput, path: string, isLast: boolean): TermInput {
    switch (typeof term) {
      case 'string':
        return this.#text(term, path)
      case 'number':
      case 'bigint':
        return this.#number(term, path)
      case 'boolean':
        return term
      default:
        return this.#object(term, path, isLast)
    }
  }

  #object(
    term: Exclude<TermInput, string | number | bigint | boolean>,
    path: string,
    isLast: boolean,
  ): TermInput {
    if (term === null) return undefinedAtom
    if (term === undefined) throw invalidArgument(path, readableRule, term)
    if (Atom.is(term) || isPid(term) || isReference(term)) return term
    if (isTuple(term)) return new Tuple(this.#all(term.elements, path, isLast))
    if (Array.isArray(term)) return this.#list(term, path, isLast)
    if (term instanceof Uint8Array) return this.#bytes(term, path)
    if (Charlist.is(term)) return this.#text(term.text, path)
    if (Float.is(term)) return this.#bytes(Buffer.from(String(term.value)), path)
    if (RawTerm.is(term)) return this.convert(decodeRaw(term), path, isLast)
    return this.#map(term, path, isLast)
  }

  #number(value: number | bigint, path: string): TermInput {
    if (typeof value === 'number' && (!Number.isInteger(value) || Object.is(value, -0))) {
      if (!Number.isFinite(value)) throw outOfRange(path, 'a finite number', value)
      return this.#bytes(Buffer.from(String(value)), path)
    }
    const bits = this.#options.integerBits
    if (BigInt.asIntN(bits, BigInt(value)) === BigInt(value)) return value
    throw outOfRange(path, `an integer of ${bits} bits, to be read by Kamailio`, value)
  }

  /** A charlist of ASCII goes out as its bytes, without being taken apart here. */
  #text(text: string, path: string): TermInput {
    const isPlain = text.length > 0 && text.length <= longestString && ascii.test(text)
    return isPlain ? new Charlist(text) : this.#bytes(Buffer.from(text), path)
  }

  /** Code points below 256 go out as a string of bytes. */
  #bytes(bytes: Uint8Array, path: string): TermInput {
    if (bytes.length === 0) return this.#empty(path, 'a string that is not empty')
    if (bytes.length <= longestString) return Array.from(bytes)
    throw outOfRange(path, `a string of at most ${longestString} bytes`, `${bytes.length} bytes`)
  }

  #empty(path: string, rule: string): TermInput {
    const { emptyAs } = this.#options
    if (emptyAs !== undefined) return emptyAs
    throw outOfRange(path, `${rule}, since Kamailio cannot read [] (or give emptyAs)`, '[]')
  }

  #list(list: readonly TermInput[], path: string, isLast: boolean): TermInput {
    if (list.length === 0) return this.#empty(path, 'a list that is not empty')
    if (isByteString(list)) return this.#bytes(Buffer.from(list), path)
    if (isLast) return this.#all(list, path, true)
    if (this.#options.innerLists === 'tuples') return new Tuple(this.#all(list, path, false))
    throw outOfRange(path, 'no list, since Kamailio cannot read what follows one', format(list))
  }

  #all(elements: readonly TermInput[], path: string, isLast: boolean): TermInput[] {
    const last = elements.length - 1
    return elements.map((element, at) =>
      this.convert(element, `${path}[${at}]`, isLast && at === last),
    )
  }

  #map(term: object, path: string, isLast: boolean): TermInput {
    const entries = entriesOf(term, path)
    if (entries.length === 0) return this.#empty(path, 'a map that is not empty')
    const last = entries.length - 1
    return new Tuple(
      entries.flatMap(([key, value], at) => {
        const name = Atom.is(key) ? key.name : String(key)
        return [
          this.convert(key, `the key ${name} of ${path}`, false),
          this.convert(value, `${path}.${name}`, isLast && at === last),
        ]
      }),
    )
  }
}

function isByteString(list: readonly TermInput[]): list is readonly number[] {
  return list.every((byte) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) < 256)
}

/** Errors: TypeError for whatever is no map. */
function entriesOf(term: object, path: string): [TermInput, TermInput][] {
  if (term instanceof Map || isTermMap(term)) return Array.from(term as Map<TermInput, TermInput>)
  const prototype: unknown = Object.getPrototypeOf(term)
  if (prototype === null || prototype === Object.prototype) {
    return Object.entries(term as Record<string, TermInput>)
  }
  const isTerm = BitString.is(term) || isPort(term) || isFun(term)
  throw invalidArgument(path, readableRule, isTerm ? format(term as TermInput) : term)
}

function decodeRaw(term: RawTerm): TermInput {
  return decode(Buffer.concat([Buffer.from([131]), term.bytes]))
}
