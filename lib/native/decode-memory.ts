import { codecError } from './codec-error.js'
import type { NativeAddon } from './contract.js'
import { type Tape, tapeOver } from './tape.js'

const startBytes = 64 * 1024
/** A larger tape is not kept from one term to the next. */
const keptBytes = 4 * 1024 * 1024

/** The memory into which the addon decodes. */
export class DecodeMemory {
  private tape: Tape | undefined

  constructor(private readonly addon: Pick<NativeAddon, 'attach' | 'decode'>) {}

  /** The tape of the term in `bytes`, valid until the next. Errors: ERR_ERL_DECODE. */
  decode(bytes: Buffer, maxDepth: number): Tape {
    const kept = this.tape ?? this.attach(startBytes)
    const words = this.run(bytes, maxDepth)
    if (words >= 0) return kept
    const needed = -words * 4
    const tape = this.attach(needed > keptBytes ? needed : 2 ** Math.ceil(Math.log2(needed)))
    this.run(bytes, maxDepth)
    if (needed > keptBytes) this.attach(startBytes)
    return tape
  }

  private run(bytes: Buffer, maxDepth: number): number {
    try {
      return this.addon.decode(bytes, 0, maxDepth)
    } catch (error) {
      throw codecError(error)
    }
  }

  private attach(size: number): Tape {
    const memory = new ArrayBuffer(size)
    this.addon.attach({ decodeOps: memory })
    this.tape = tapeOver(memory)
    return this.tape
  }
}
