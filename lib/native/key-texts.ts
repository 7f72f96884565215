import type { NativeAddon } from './contract.js'
import { isWellFormed } from './encodable.js'
import { Op } from './tape-ops.js'
import type { TapeOutput } from './tape-output.js'

const { Binary: kBinary, Key: kKey } = Op

/** Keys beyond these limits are written like any text. */
const mostKeys = 4096
const longestKey = 48
/** Keys that were met once, of which the next one may be written by number. */
const mostCandidates = 1024

/** A key that the addon has in its book. */
interface KnownKey {
  readonly key: string
  readonly id: number
  /** The key that came after it the last time. */
  next: KnownKey | undefined
}

/**
 * Writes the keys of plain objects as binaries: by number from the second time on, so that neither
 * side encodes them again. Rows have the same keys in the same order: each key foretells the next.
 *
 * A number is for the life of the environment. Keys that are met once only, those of dictionaries,
 * get none.
 */
export class KeyTexts {
  private readonly known = new Map<string, KnownKey>()
  private readonly candidates = new Set<string>()
  private last: KnownKey = { key: '', id: -1, next: undefined }

  constructor(private readonly addon: Pick<NativeAddon, 'defineKey'>) {}

  put(key: string, output: TapeOutput): void {
    let known = this.last.next
    if (known === undefined || known.key !== key) known = this.find(key)
    if (known === undefined) output.text(kBinary, key)
    else {
      this.last = known
      output.op1(kKey, known.id)
    }
  }

  private find(key: string): KnownKey | undefined {
    const known = this.known.get(key) ?? this.learn(key)
    if (known !== undefined) this.last.next = known
    return known
  }

  private learn(key: string): KnownKey | undefined {
    if (key.length > longestKey || this.known.size === mostKeys) return undefined
    if (!this.candidates.delete(key)) {
      if (this.candidates.size === mostCandidates) this.candidates.clear()
      this.candidates.add(key)
      return undefined
    }
    if (!isWellFormed(key)) return undefined
    const known = { key, id: this.known.size, next: undefined }
    this.addon.defineKey(known.id, key)
    this.known.set(key, known)
    return known
  }
}
