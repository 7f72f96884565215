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

  /** The tape of the term in `bytes`, valid until the next. Errors: ERR_ERL_DECODE. */
  decode(bytes: Buffer, maxDepth: number): Tape {
    if (bytes.length > keptBytes) return this.decodeLarge(bytes, maxDepth)
    const kept = this.tape ?? this.attach(startBytes)
    const words = this.run(bytes, maxDepth)
    return words < 0 ? this.decodeAgain(bytes, maxDepth, -words * wordBytes) : kept
  }

  /** Room that is most likely enough, since decoding again would take twice as long. */
  private decodeLarge(bytes: Buffer, maxDepth: number): Tape {
    const tape = this.attach(bytes.length * 2)
    try {
      const words = this.run(bytes, maxDepth)
      return words < 0 ? this.decodeAgain(bytes, maxDepth, -words * wordBytes) : tape
    } finally {
      this.attach(startBytes)
    }
  }

  private decodeAgain(bytes: Buffer, maxDepth: number, size: number): Tape {
    const isKept = size <= keptBytes
    const tape = this.attach(isKept ? 2 ** Math.ceil(Math.log2(size)) : size)
    this.run(bytes, maxDepth)
    if (!isKept) this.attach(startBytes)
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
