import { Atom } from '../term/atom.js'
import type { NativeAddon } from './contract.js'

export type AtomValue = Atom | boolean | null

/** Which native table the ids of a tape belong to. */
export const AtomSource = { Decode: 0, Events: 1 } as const
export type AtomSource = (typeof AtomSource)[keyof typeof AtomSource]

type AtomNames = Pick<NativeAddon, 'atomName'>

/** Longer names, in bytes of UTF-8, are in no table (`native/etf/atoms.h`). */
const longestInTable = 255

/**
 * The values of the atoms that tapes mention by number, asked from the addon once each.
 *
 * The native table and these hold on to what peers have sent, so they must begin anew now and then:
 * when the table is full, which shows when an atom crosses as text.
 */
export class AtomValues {
  /** By id; holes where an atom has not been met. */
  values: (AtomValue | undefined)[] = []
  /** The same for `nil: 'null'`. */
  nullableValues: (AtomValue | undefined)[] = []
  /** Whether the native table is known to be full, and nobody has been told yet. */
  isFull = false
  #generation = 0

  /** `filled` is called when the table turns out to be full, in the midst of reading. */
  constructor(
    private readonly addon: AtomNames,
    private readonly source: AtomSource,
    private readonly filled: () => void = () => undefined,
  ) {}

  /** Fills the slot of `id` in both arrays. */
  learn(id: number): void {
    const value = atomNamed(this.addon.atomName(this.source, id, this.#generation))
    this.values[id] = value
    this.nullableValues[id] = orNull(value)
  }

  /** An atom has crossed as text. */
  crossedAsText(name: string): void {
    if (this.isFull || Buffer.byteLength(name) > longestInTable) return
    this.isFull = true
    this.filled()
  }

  /** From now on ids are those of the table's next generation. */
  renewed(): void {
    this.#generation += 1
    this.values = []
    this.nullableValues = []
    this.isFull = false
  }
}

/** The value of an atom whose name came from the wire, so is known to be valid. */
export function atomNamed(name: string): Atom | boolean {
  return name === 'true' || name === 'false' ? name === 'true' : Atom.intern(name)
}

/** What an atom is under `nil: 'null'`. */
export function orNull(value: Atom | boolean): AtomValue {
  if (typeof value === 'boolean') return value
  return value.name === 'nil' || value.name === 'undefined' ? null : value
}
