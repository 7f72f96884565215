import { codecError } from './codec-error.js'
import type { NativeAddon } from './contract.js'
import { type Tape, tapeOver } from './tape.js'

const wordBytes = 4
const startBytes = 64 * 1024
/** A larger tape is not kept from one term to the next. */
const keptBytes = 4 * 1024 * 1024

/** The memory into which the addon decodes. */
export class DecodeMemory {
  private tape: Tape | undefined

  constructor(private readonly addon: Pick<NativeAddon, 'attach' | 'decode'>) {}

  /**
   * The tape of the term in `bytes`, valid until the next; undefined when they are shared with other
   * threads. Errors: ERR_ERL_DECODE.
   */
  decode(bytes: Buffer): Tape | undefined {
    if (bytes.length > keptBytes) return this.decodeLarge(bytes)
    const kept = this.tape ?? this.attach(startBytes)
    const words = this.run(bytes)
    if (words > 0) return kept
    return words === 0 ? undefined : this.decodeAgain(bytes, -words * wordBytes)
  }

  /** Room that is most likely enough, since decoding again would take twice as long. */
  private decodeLarge(bytes: Buffer): Tape | undefined {
    const tape = this.attach(bytes.length * 2)
    try {
      const words = this.run(bytes)
      if (words > 0) return tape
      return words === 0 ? undefined : this.decodeAgain(bytes, -words * wordBytes)
    } finally {
      this.attach(startBytes)
    }
  }

  private decodeAgain(bytes: Buffer, size: number): Tape {
    const isKept = size <= keptBytes
    const tape = this.attach(isKept ? 2 ** Math.ceil(Math.log2(size)) : size)
    this.run(bytes)
    if (!isKept) this.attach(startBytes)
    return tape
  }

  private run(bytes: Buffer): number {
    try {
      return this.addon.decode(bytes)
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
