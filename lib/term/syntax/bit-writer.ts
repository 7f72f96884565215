import { BitString } from '../bitstring.js'

/** Bits in order, the highest of each number first. */
export class BitWriter {
  #bytes: number[] = []
  /** How many bits of `#rest` are used, 0…7: the last byte as far as it goes. */
  #restBits = 0
  #rest = 0

  get size(): number {
    return this.#bytes.length * 8 + this.#restBits
  }

  byte(value: number): void {
    if (this.#restBits === 0) {
      this.#bytes.push(value)
      return
    }
    const both = (this.#rest << 8) | value
    this.#bytes.push((both >> this.#restBits) & 0xff)
    this.#rest = both & ((1 << this.#restBits) - 1)
  }

  bytes(values: Uint8Array): void {
    for (const value of values) this.byte(value)
  }

  /** The `count` (0…7) lowest bits of `value`. */
  bits(value: number, count: number): void {
    const total = this.#restBits + count
    const all = (this.#rest << count) | (value & ((1 << count) - 1))
    if (total >= 8) this.#bytes.push((all >> (total - 8)) & 0xff)
    this.#restBits = total % 8
    this.#rest = all & ((1 << this.#restBits) - 1)
  }

  /** An integer modulo 2^`size`. */
  integer(value: number | bigint, size: number, isLittle: boolean): void {
    const whole = size >> 3
    const rest = size & 7
    const bits = BigInt.asUintN(size, BigInt(value))
    if (isLittle) {
      this.bytes(bytesOf(BigInt.asUintN(whole * 8, bits), whole).reverse())
      this.bits(Number(bits >> BigInt(whole * 8)), rest)
    } else {
      this.bytes(bytesOf(bits >> BigInt(rest), whole))
      this.bits(Number(bits & 0x7fn), rest)
    }
  }

  finish(): Buffer | BitString {
    const { length } = this.#bytes
    if (this.#restBits === 0) return Buffer.from(this.#bytes)
    const bytes = Buffer.alloc(length + 1)
    bytes.set(this.#bytes)
    bytes[length] = this.#rest << (8 - this.#restBits)
    return new BitString(bytes, this.#restBits)
  }
}

/** The `length` lowest bytes of a number ≥ 0, the highest first. */
function bytesOf(value: bigint, length: number): Buffer {
  return Buffer.from(
    value
      .toString(16)
      .padStart(length * 2, '0')
      .slice(length === 0 ? 1 : 0),
    'hex',
  )
}
