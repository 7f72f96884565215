import { isUtf8 } from 'node:buffer'
import { BitString } from '../bitstring.js'

/** The bits of a binary, read from its start. Each reader gives undefined where they do not suffice. */
export class BitReader {
  readonly #bytes: Uint8Array
  readonly length: number
  at = 0

  constructor(bytes: Uint8Array, length: number) {
    this.#bytes = bytes
    this.length = length
  }

  get rest(): number {
    return this.length - this.at
  }

  /** The next `size` bits in bytes, the last of which ends in zeros; not a copy where it need not be. */
  take(size: number): Buffer | undefined {
    if (size > this.rest) return undefined
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length)
    const from = this.at >> 3
    const shift = this.at & 7
    this.at += size
    const count = (size + 7) >> 3
    if (shift === 0 && size % 8 === 0) return bytes.subarray(from, from + count)
    const taken = Buffer.alloc(count)
    for (let i = 0; i < count; i++) {
      const both = ((bytes[from + i] ?? 0) << 8) | (bytes[from + i + 1] ?? 0)
      taken[i] = (both << shift) >> 8
    }
    if (size % 8 !== 0) taken[count - 1] = (taken[count - 1] ?? 0) & (0xff00 >> (size % 8))
    return taken
  }

  bits(size: number): Buffer | BitString | undefined {
    const bytes = this.take(size)
    return bytes === undefined || size % 8 === 0 ? bytes : new BitString(bytes, size % 8)
  }

  integer(size: number, isLittle: boolean, isSigned: boolean): number | bigint | undefined {
    const bytes = this.take(size)
    if (bytes === undefined) return undefined
    const bits = isLittle ? littleOf(bytes, size) : bigOf(bytes, size)
    const value = isSigned ? BigInt.asIntN(size, bits) : bits
    const small = Number(value)
    return Number.isSafeInteger(small) ? small : value
  }

  float(size: number, isLittle: boolean): number | undefined {
    const bytes = this.take(size)
    if (bytes === undefined || (size !== 64 && size !== 32)) return undefined
    const big = isLittle ? Buffer.from(bytes).reverse() : bytes
    const value = size === 64 ? big.readDoubleBE() : big.readFloatBE()
    return Number.isFinite(value) ? value : undefined
  }

  /** The number of a character in UTF-8, UTF-16 or UTF-32. */
  character(type: string, isLittle: boolean): number | undefined {
    if (type === 'utf8') return this.#utf8()
    if (type === 'utf32') return valid(this.integer(32, isLittle, false))
    const high = Number(this.integer(16, isLittle, false))
    if (high < 0xd800 || high > 0xdfff) return valid(high)
    const low = Number(this.integer(16, isLittle, false))
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) return undefined
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
  }

  #utf8(): number | undefined {
    const start = this.at
    const lead = this.take(8)?.[0] ?? 0xff
    this.at = start
    const count = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    const bytes = this.take(count * 8)
    return bytes !== undefined && isUtf8(bytes) ? bytes.toString().codePointAt(0) : undefined
  }
}

function valid(code: number | bigint | undefined): number | undefined {
  const value = Number(code)
  return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff) ? value : undefined
}

function bigOf(bytes: Buffer, size: number): bigint {
  return numberOf(bytes) >> BigInt(bytes.length * 8 - size)
}

/** Whole bytes come lowest first; the bits behind them are the highest. */
function littleOf(bytes: Buffer, size: number): bigint {
  const whole = size >> 3
  const low = numberOf(Buffer.from(bytes.subarray(0, whole)).reverse())
  const high = (bytes[whole] ?? 0) >> (8 - (size & 7))
  return low | (BigInt(size & 7 ? high : 0) << BigInt(whole * 8))
}

function numberOf(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
}
