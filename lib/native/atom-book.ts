import type { NativeAddon } from './contract.js'

/** As many as the addon's book holds; further atoms cross as text. */
const bookSize = 65_536
/** Longer names, in bytes of UTF-8, cross as text, so that a full book takes 16 MiB and not 64. */
const longestName = 255

/**
 * Numbers the atoms that encode tapes mention, and tells the addon each one's name once.
 *
 * A name keeps its number for the life of the environment, also when its `Atom` is collected and
 * made anew.
 */
export class AtomBook {
  private readonly ids = new Map<string, number>()

  constructor(private readonly addon: Pick<NativeAddon, 'defineAtom'>) {}

  /** The number of a name that has one. */
  find(name: string): number | undefined {
    return this.ids.get(name)
  }

  /** Numbers a new name, which is a valid one; -1 when the book is full, or the name too long. */
  add(name: string): number {
    const id = this.ids.size
    if (id === bookSize || Buffer.byteLength(name) > longestName) return -1
    this.addon.defineAtom(id, name)
    this.ids.set(name, id)
    return id
  }
}
