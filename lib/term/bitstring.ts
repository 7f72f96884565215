import { inspect } from 'node:util'
import { outOfRange } from '../errors.js'
import { brand, brandedKind } from './brand.js'
import { checkBytes } from './checks.js'

/** A bitstring that does not end on a byte: the last byte counts with its `bits` highest bits. */
export class BitString {
  declare readonly kind: 'bitstring'
  readonly bytes: Buffer
  /** 1…7: how many bits of the last byte are used. */
  readonly bits: number

  /** Errors: TypeError, RangeError for bytes that are none or empty, and for other numbers of bits. */
  constructor(bytes: Buffer, bits: number) {
    checkBytes('bytes', bytes)
    if (bytes.length === 0) throw outOfRange('bytes', 'one byte or more', bytes)
    if (!Number.isInteger(bits) || bits < 1 || bits > 7) {
      throw outOfRange('bits', 'an integer from 1 to 7 (a whole last byte makes a binary)', bits)
    }
    this.bytes = bytes
    this.bits = bits
  }

  /** True for a bitstring, also for one of another copy of this package. */
  static is(value: unknown): value is BitString {
    return value instanceof BitString || brandedKind(value) === 'bitstring'
  }

  /** `<<1,5:3>>`. */
  toString(): string {
    const last = this.bytes.length - 1
    const whole = this.bytes.subarray(0, last).join(',')
    const rest = `${(this.bytes[last] ?? 0) >> (8 - this.bits)}:${this.bits}`
    return last > 0 ? `<<${whole},${rest}>>` : `<<${rest}>>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(BitString.prototype, 'bitstring')

/** The bitstring of `bytes` of which `bits` (1…7) of the last byte are used, counted from the top. */
export function bitstring(bytes: Uint8Array, bits: number): BitString {
  checkBytes('bytes', bytes)
  return new BitString(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bits)
}

/** @internal A copy of a bitstring's bytes with the unused bits of the last one at 0. */
export function clearedBits(bytes: Uint8Array, bits: number): Uint8Array {
  const cleared = Uint8Array.from(bytes)
  const last = cleared.length - 1
  cleared[last] = (cleared[last] ?? 0) & (0xff00 >> bits)
  return cleared
}
