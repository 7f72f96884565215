import { FastBuffer } from './fast-buffer.js'
import type { Body } from './tape.js'

/** A kept small Buffer pins at most this much. */
const slabBytes = 32 * 1024
/** Windows start small, so that a lone binary in a large body does not copy 8 KiB of other things. */
const firstWindowBytes = 512
const largestWindowBytes = 8 * 1024
/** From here on a binary has memory of its own or is a view of the body. */
const largeBytes = 4 * 1024

/**
 * Makes Buffers out of ranges of a body.
 *
 * Small ones are not copied one by one: a window of the body is copied into a slab, and all
 * binaries in that window are views of the slab.
 */
export class BodyBuffers {
  private body: Body | undefined
  private slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  /** Its memory, since asking a Buffer for it costs as much as making one. */
  private memory: ArrayBufferLike = this.slab.buffer
  private slabUsed = 0
  /** The window that lies in the slab, as positions in the body's bytes. */
  private windowStart = 0
  private windowEnd = 0
  /** From a position in the body's bytes to one in the slab's memory. */
  private shift = 0
  private nextWindowBytes = firstWindowBytes

  begin(body: Body): void {
    this.body = body
    this.windowStart = 0
    this.windowEnd = 0
    const size = body.end - body.start
    // One copy of a small body costs less than several of its parts.
    this.nextWindowBytes = size <= largeBytes ? size : firstWindowBytes
  }

  /** Lets go of the body. */
  end(): void {
    this.body = undefined
  }

  /** `from` counts in the body's bytes, not from its start. */
  take(from: number, length: number): Buffer {
    if (from < this.windowStart || from + length > this.windowEnd) {
      if (length >= largeBytes) return this.takeLarge(from, length)
      this.copyWindow(from, length)
    }
    return new FastBuffer(this.memory, from + this.shift, length)
  }

  /** Two ranges in the order of the body: both are views of one window if that holds both. */
  takePair(from: number, length: number, nextFrom: number, nextLength: number): Buffer[] {
    if (from < this.windowStart || nextFrom + nextLength > this.windowEnd) {
      return [this.take(from, length), this.take(nextFrom, nextLength)]
    }
    const { memory, shift } = this
    return [
      new FastBuffer(memory, from + shift, length),
      new FastBuffer(memory, nextFrom + shift, nextLength),
    ]
  }

  private copyWindow(from: number, length: number): void {
    const { bytes, end } = this.body as Body
    const size = Math.min(end - from, Math.max(length, this.nextWindowBytes))
    this.nextWindowBytes = Math.min(this.nextWindowBytes * 4, largestWindowBytes)
    if (size > slabBytes - this.slabUsed) {
      this.slab = Buffer.allocUnsafeSlow(slabBytes)
      this.memory = this.slab.buffer
      this.slabUsed = 0
    }
    copyBytes(bytes, from, this.slab, this.slabUsed, size)
    this.windowStart = from
    this.windowEnd = from + size
    this.shift = this.slabUsed - from
    this.slabUsed += size
  }

  private takeLarge(from: number, length: number): Buffer {
    const { bytes, start, end, isStable } = this.body as Body
    if (isStable && length * 2 >= end - start) {
      return new FastBuffer(bytes.buffer, bytes.byteOffset + from, length)
    }
    const own = Buffer.allocUnsafeSlow(length)
    bytes.copy(own, 0, from, from + length)
    return own
  }
}

/** Below this a loop is quicker than making the view that `set` wants. */
const loopBytes = 64

function copyBytes(from: Buffer, at: number, to: Buffer, toAt: number, size: number): void {
  if (size > loopBytes) {
    from.copy(to, toAt, at, at + size)
    return
  }
  for (let i = 0; i < size; i++) to[toAt + i] = from[at + i] as number
}
