import { codecError } from './codec-error.js'
import type { NativeAddon } from './contract.js'
import { FastBuffer } from './fast-buffer.js'
import type { TapeOutput } from './tape-output.js'

/** Small results share memory; a kept one pins this much. */
const slabBytes = 32 * 1024
/** A result that may be larger than this does not go to a slab. */
const slabResultBytes = 8 * 1024
/** Memory for results whose size is not known beforehand, kept up to this size. */
const keptBytes = 4 * 1024 * 1024
/** Turns encode tapes into bytes. */
export class EncodedBytes {
  private attached: Buffer | undefined
  private slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  /** Its memory, since asking a Buffer for it costs as much as making one. */
  private slabMemory: ArrayBufferLike = this.slab.buffer
  private slabUsed = 0
  private scratch: Buffer | undefined

  constructor(private readonly addon: Pick<NativeAddon, 'attach' | 'encode'>) {}

  /** The bytes of the value that the attached tape holds. Errors: ERR_ERL_ENCODE. */
  encode(output: TapeOutput): Buffer {
    const estimate = output.estimatedBytes
    if (estimate <= slabResultBytes) return this.toSlab(output, estimate)
    // Mostly ranges: the estimate is close, and copying would cost more than it wastes.
    if (output.rangeBytes * 8 > estimate * 7) return this.toOwn(output, estimate)
    return this.toScratch(output, estimate)
  }

  private toSlab(output: TapeOutput, estimate: number): Buffer {
    this.makeRoom(estimate)
    const at = this.slabUsed
    const end = this.run(output, this.slab, at)
    if (end < 0) return this.toOwn(output, -end)
    this.slabUsed = end
    return new FastBuffer(this.slabMemory, at, end - at)
  }

  private toOwn(output: TapeOutput, size: number): Buffer {
    const own = Buffer.allocUnsafeSlow(size)
    const end = this.run(output, own, 0)
    // The addon would keep it alive.
    this.attach(this.slab)
    return end < 0 ? this.toOwn(output, -end) : own.subarray(0, end)
  }

  private toScratch(output: TapeOutput, estimate: number): Buffer {
    const scratch = this.scratchOf(estimate)
    const end = this.run(output, scratch, 0)
    if (scratch !== this.scratch) this.attach(this.slab)
    if (end < 0) return this.toOwn(output, -end)
    const result = end > slabResultBytes ? Buffer.allocUnsafeSlow(end) : this.fromSlab(end)
    scratch.copy(result, 0, 0, end)
    return result
  }

  private fromSlab(size: number): Buffer {
    this.makeRoom(size)
    const at = this.slabUsed
    this.slabUsed += size
    return new FastBuffer(this.slabMemory, at, size)
  }

  private makeRoom(size: number): void {
    if (size <= slabBytes - this.slabUsed) return
    this.slab = Buffer.allocUnsafeSlow(slabBytes)
    this.slabMemory = this.slab.buffer
    this.slabUsed = 0
  }

  private scratchOf(size: number): Buffer {
    if (this.scratch !== undefined && this.scratch.length >= size) return this.scratch
    const scratch = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size)))
    if (scratch.length <= keptBytes) this.scratch = scratch
    return scratch
  }

  private run(output: TapeOutput, memory: Buffer, at: number): number {
    if (this.attached !== memory) this.attach(memory)
    try {
      const { words, shared } = output
      // Node-API takes its time over each argument.
      return shared === undefined
        ? this.addon.encode(words, at)
        : this.addon.encode(words, at, shared)
    } catch (error) {
      throw codecError(error)
    }
  }

  private attach(memory: Buffer): void {
    this.addon.attach({ output: memory.buffer as ArrayBuffer })
    this.attached = memory
  }
}
