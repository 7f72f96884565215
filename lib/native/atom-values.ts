import { Atom } from '../term/atom.js'
import type { NativeAddon } from './contract.js'

export type AtomValue = Atom | boolean | null

/** Which native table the ids of a tape belong to. */
export const AtomSource = { Decode: 0, Events: 1 } as const
export type AtomSource = (typeof AtomSource)[keyof typeof AtomSource]

/** The values of the atoms that tapes mention by number, asked from the addon once each. */
export class AtomValues {
  /** By id; holes where an atom has not been met. */
  readonly values: (AtomValue | undefined)[] = []
  /** The same for `nil: 'null'`. */
  readonly nullableValues: (AtomValue | undefined)[] = []

  constructor(
    private readonly addon: Pick<NativeAddon, 'atomName'>,
    private readonly source: AtomSource,
  ) {}

  /** Fills the slot of `id` in both arrays. */
  learn(id: number): void {
    const value = atomNamed(this.addon.atomName(this.source, id))
    this.values[id] = value
    this.nullableValues[id] = orNull(value)
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
