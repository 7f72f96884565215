import { isUtf8 } from 'node:buffer'
import { type InspectOptions, inspect } from 'node:util'
import { invalidArgument } from '../errors.js'
import { Atom } from './atom.js'
import { brand, brandedKind } from './brand.js'
import { inspectWithin } from './inspect.js'
import { keyOf } from './key.js'
import type { Term, TermInput } from './term.js'

/** Stands in `slots` for a key that was deleted; no term is undefined. */
const HOLE = undefined
type Slot = Term | typeof HOLE

/** Fewer holes than this are not worth a copy. */
const FEW_HOLES = 32

/** What looking for keys needs, made by the first look-up. */
interface Index {
  /** From the key's primitive to its position in `slots`. */
  readonly positions: Map<unknown, number>
  holes: number
}

/**
 * A `Map` to every method and to `instanceof`, but without the table of entries that each `Map` is
 * made with, and which a `TermMap` has no use for: without it 1,000 rows of two maps decode in 0.85
 * of the time.
 */
class WithoutTable {}
Object.setPrototypeOf(WithoutTable, Map)
Object.setPrototypeOf(WithoutTable.prototype, Map.prototype)
const MapWithoutTable = WithoutTable as new () => Map<Term, Term>

/**
 * A map of Erlang: a `Map` whose keys match as Erlang's do. `get(tuple(1, 2))` finds the equal tuple,
 * a string finds the equal binary and a Buffer the equal string, and `1` and `float(1)` are two keys.
 * Entries keep the order in which they came; iterators see changes as a `Map`'s do.
 *
 * The entries stand in one flat array and the index over them is built by the first look-up, so that
 * decoding a map costs one slice. There is no `Map` inside: `util.types.isMap` says no, and
 * `structuredClone` and `v8.serialize` need `new Map(termMap)`. `assert.deepStrictEqual` compares the
 * entries in their order; `equals` tells whether two maps are the same term.
 */
export class TermMap extends MapWithoutTable {
  declare readonly kind: 'map'
  /**
   * [key, value, key, value, …]; a deleted key and its value are holes. An ordinary property, since
   * `assert.deepStrictEqual` sees no other.
   */
  private slots: Slot[]
  #index: Index | undefined

  /** `slots` are `fromFlat`'s. */
  constructor(entries?: Iterable<readonly [TermInput, TermInput]> | null, slots: Slot[] = []) {
    super()
    this.slots = slots
    if (entries === undefined || entries === null) return
    for (const [key, value] of entries) this.set(key, value)
  }

  /** True for a `TermMap`, also for one of another copy of this package. */
  static is(value: unknown): value is TermMap {
    return value instanceof TermMap || brandedKind(value) === 'map'
  }

  /** @internal Takes ownership of [key, value, …] without duplicate keys, as they come from the wire. */
  static fromFlat(flat: Term[]): TermMap {
    return new TermMap(undefined, flat)
  }

  /** @internal [key, value, …] in order; to be read at once and not changed. */
  toFlat(): readonly Term[] {
    if (this.#holes > 0) this.#compact()
    return this.slots as Term[]
  }

  override get size(): number {
    return this.slots.length / 2 - this.#holes
  }

  override get(key: TermInput): Term | undefined {
    const at = this.#find(key)
    return at === undefined ? undefined : this.slots[at + 1]
  }

  override has(key: TermInput): boolean {
    return this.#find(key) !== undefined
  }

  override set(key: TermInput, value: TermInput): this {
    if (value === undefined) throw invalidArgument('value', 'a term', value)
    const primitive = keyOf(key)
    const { positions } = this.#indexed()
    const at = positions.get(primitive)
    if (at !== undefined) {
      this.slots[at + 1] = value as Term
      return this
    }
    if (this.#holes > FEW_HOLES && this.#holes > this.size) {
      this.#compact()
      return this.set(key, value)
    }
    positions.set(primitive, this.slots.length)
    this.slots.push(key as Term, value as Term)
    return this
  }

  override delete(key: TermInput): boolean {
    if (this.slots.length === 0) return false
    const index = this.#indexed()
    const primitive = keyOf(key)
    const at = index.positions.get(primitive)
    if (at === undefined) return false
    index.positions.delete(primitive)
    index.holes++
    this.slots[at] = HOLE
    this.slots[at + 1] = HOLE
    return true
  }

  override clear(): void {
    // Iterators under way look at the old slots: nothing must be left for them to find.
    this.slots.fill(HOLE)
    this.#compact()
  }

  override forEach(
    callback: (value: Term, key: Term, map: Map<Term, Term>) => void,
    thisArg?: unknown,
  ): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }

  override *entries(): Generator<[Term, Term], undefined, unknown> {
    let slots = this.slots
    for (let at = 0; ; at += 2) {
      while (slots !== this.slots) {
        at = liveBefore(slots, at)
        slots = successors.get(slots) ?? this.slots
      }
      if (at >= slots.length) return
      const key = slots[at]
      if (key !== HOLE) yield [key, slots[at + 1] as Term]
    }
  }

  override *keys(): Generator<Term, undefined, unknown> {
    for (const [key] of this.entries()) yield key
  }

  override *values(): Generator<Term, undefined, unknown> {
    for (const [, value] of this.entries()) yield value
  }

  /** Keys with their values, in the order in which they came or were set. */
  override [Symbol.iterator](): Generator<[Term, Term], undefined, unknown> {
    return this.entries()
  }

  /** An object when every key is text or an atom and no two share a name, else an array of pairs. */
  toJSON(): Record<string, Term> | [Term, Term][] {
    const object: Record<string, Term> = Object.create(null)
    for (const [key, value] of this) {
      const name = nameOfKey(key)
      if (name === undefined || name in object) return [...this]
      object[name] = value
    }
    return object
  }

  [inspect.custom](depth: number, options: InspectOptions): string {
    return depth < 0 ? '[TermMap]' : `Term${inspectWithin(new Map(this), depth, options)}`
  }

  get #holes(): number {
    return this.#index === undefined ? 0 : this.#index.holes
  }

  #find(key: TermInput): number | undefined {
    return this.slots.length === 0 ? undefined : this.#indexed().positions.get(keyOf(key))
  }

  /** Made while there are no holes: deleting a key needs it. */
  #indexed(): Index {
    if (this.#index !== undefined) return this.#index
    const positions = new Map<unknown, number>()
    for (let at = 0; at < this.slots.length; at += 2) positions.set(keyOf(this.slots[at]), at)
    this.#index = { positions, holes: 0 }
    return this.#index
  }

  /** Leaves the holes behind in the old array, by which iterators under way find their place again. */
  #compact(): void {
    const compacted = this.slots.filter((slot) => slot !== HOLE)
    successors.set(this.slots, compacted)
    this.slots = compacted
    this.#index = undefined
  }
}
brand(TermMap.prototype, 'map')

/** From slots that were compacted to the slots that took their place. */
const successors = new WeakMap<Slot[], Slot[]>()

function liveBefore(slots: readonly Slot[], end: number): number {
  let live = 0
  for (let at = 0; at < end && at < slots.length; at += 2) if (slots[at] !== HOLE) live += 2
  return live
}

function nameOfKey(key: Term): string | undefined {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return String(key)
  if (Atom.is(key)) return key.name
  return Buffer.isBuffer(key) && isUtf8(key) ? key.toString() : undefined
}
