import { inspect } from 'node:util'
import { invalidArgument, outOfRange } from '../errors.js'
import { brand, brandedKind } from './brand.js'
import type { CustomInspectOptions } from './inspect.js'
import { quoteAtom } from './quote.js'

/** Erlang's limit, in characters (not bytes). */
const MAX_CHARACTERS = 255

/**
 * An atom. Interned weakly: while anyone holds the atom of a name, `atom(name)` gives that very
 * object, so `===` tells atoms apart within one copy of the package; `equals` does across copies.
 */
export class Atom<N extends string = string> {
  declare readonly kind: 'atom'
  readonly name: N
  /** @internal Its number in the atom book of the encode tape, -1 before the tape writer gives one. */
  bookId = -1

  /** @internal Does not intern: use `atom(name)`. */
  constructor(name: N) {
    this.name = name
  }

  /** True for an atom, also for one of another copy of this package. */
  static is(value: unknown): value is Atom {
    return value instanceof Atom || brandedKind(value) === 'atom'
  }

  /** The atom of a name, checked as `atom` does, and an `Atom` also for `true` and `false`. */
  static of<const N extends string>(name: N): Atom<N> {
    const known = interned.get(name)?.deref()
    return (known as Atom<N> | undefined) ?? Atom.intern(checkedName(name))
  }

  /** @internal The atom of a name that is known to be valid; also of `true` and `false`. */
  static intern<N extends string>(name: N): Atom<N> {
    const known = interned.get(name)?.deref()
    if (known !== undefined) return known as Atom<N>
    const made = new Atom(name)
    interned.set(name, new WeakRef<Atom>(made))
    collected.register(made, name)
    return made
  }

  /** The name, without quotes. */
  toString(): string {
    return this.name
  }

  /** The name, without quotes. */
  toJSON(): string {
    return this.name
  }

  [inspect.custom](_depth: number, options: CustomInspectOptions): string {
    return options.stylize(quoteAtom(this.name), 'symbol')
  }
}
brand(Atom.prototype, 'atom')

const interned = new Map<string, WeakRef<Atom>>()
const collected = new FinalizationRegistry<string>((name) => {
  // The name may have been interned anew before this callback ran.
  if (interned.get(name)?.deref() === undefined) interned.delete(name)
})

/** What `atom(name)` gives: Erlang's booleans are JavaScript's. */
export type AtomOf<N extends string> = N extends 'true' ? true : N extends 'false' ? false : Atom<N>

/**
 * The atom of a name; `atom('true')` is `true` and `atom('false')` is `false`, as they decode.
 *
 * Errors: TypeError for a name that is no string or holds a lone surrogate, RangeError above 255
 *         characters.
 */
export function atom<const N extends string>(name: N): AtomOf<N> {
  if (name === 'true' || name === 'false') return (name === 'true') as AtomOf<N>
  return Atom.of(name) as AtomOf<N>
}

function checkedName<N extends string>(name: N): N {
  if (typeof name !== 'string') throw invalidArgument('name of an atom', 'a string', name)
  if (/\p{Surrogate}/u.test(name)) {
    throw invalidArgument('name of an atom', 'Unicode text without lone surrogates', name)
  }
  if (name.length > MAX_CHARACTERS && [...name].length > MAX_CHARACTERS) {
    throw outOfRange('name of an atom', `at most ${MAX_CHARACTERS} characters long`, name)
  }
  return name
}
