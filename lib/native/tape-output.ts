import { isWellFormed } from './encodable.js'
import { EncodeMemory } from './encode-memory.js'
import { doubleWord } from './tape.js'
import { Op } from './tape-ops.js'

/** As constants of this module, which V8 compiles in; properties of an import it loads each time. */
const {
  Int: kInt,
  Wide: kWide,
  Float: kFloat,
  Ints: kInts,
  Wides: kWides,
  Floats: kFloats,
  Big: kBig,
  Binary: kBinary,
  AtomText: kAtomText,
  Shared: kShared,
  String: kString,
} = Op

/** Byte arrays from here on are handed over beside the tape instead of copied into it. */
const sharedFromBytes = 64 * 1024
/** Room that any op without a run of its own needs. */
const opWords = 16
/** Up to these lengths a loop is quicker than a call into the runtime. */
const loopCharacters = 48
const loopBytes = 32
/** The length of STRING_EXT has 16 bits. */
const longestByteList = 65_535
/** Longer texts are measured before they are written. */
const measuredCharacters = 4096

/** What Buffer offers without the argument checks of `write`. */
interface Utf8Writing {
  utf8Write(text: string, at: number): number
}

/** Writes the ops of an encode tape (grammar: `native/etf/tape.h`) into memory that grows. */
export class TapeOutput {
  readonly memory = new EncodeMemory()
  /** Words and bytes of text written since `begin`. */
  words = 0
  textBytes = 0
  /** Byte arrays that the tape mentions by index. */
  shared: Uint8Array[] | undefined

  begin(): void {
    this.words = 0
    this.textBytes = 0
    this.shared = undefined
  }

  /** Bytes that go out as they are. */
  get rangeBytes(): number {
    return this.textBytes + this.sharedBytes
  }

  /** How many bytes the tape takes as ETF: hardly ever more than this. */
  get estimatedBytes(): number {
    return this.rangeBytes + this.words * 8
  }

  private get sharedBytes(): number {
    let sum = 0
    if (this.shared !== undefined) for (const bytes of this.shared) sum += bytes.length
    return sum
  }

  /** Lets go of what the last tape needed. */
  end(): void {
    this.shared = undefined
    this.memory.shrink()
  }

  /** Makes sure that one op fits, or a run of `count` words. */
  reserve(count: number): void {
    const needed = count + opWords
    if (this.words + needed > this.memory.words.length) this.memory.growWords(this.words, needed)
  }

  op(op: number): void {
    this.memory.words[this.words++] = op
  }

  op1(op: number, operand: number): void {
    const { words } = this.memory
    const at = this.words
    words[at] = op
    words[at + 1] = operand
    this.words = at + 2
  }

  op3(op: number, first: number, second: number, third: number): void {
    this.op1(op, first)
    this.op1(second, third)
  }

  /** An integer of 32 bits or less, one that a double holds, or a float. */
  number(value: number): void {
    if (isInt32(value)) this.op1(kInt, value)
    else this.double(isSafeInteger(value) ? kWide : kFloat, value)
  }

  double(op: number, value: number): void {
    this.memory.words[this.words] = op
    const at = doubleWord(this.words + 1)
    this.memory.doubles[at >> 1] = value
    this.words = at + 2
  }

  /** A list whose elements are all integers of one byte, as Erlang writes it; false for any other. */
  byteList(list: readonly unknown[]): boolean {
    const { length } = list
    if (length > longestByteList || !isByte(list[0])) return false
    const at = this.textBytes
    if (at + length > this.memory.bytes.length) this.memory.growText(at, length)
    const { bytes } = this.memory
    for (let i = 0; i < length; i++) {
      const value = list[i]
      if (!isByte(value)) return false
      bytes[at + i] = value
    }
    this.textBytes = at + length
    this.op1(kString, at)
    this.op(length)
    return true
  }

  /** The integers of 32 bits that begin a list at `from`; returns where they end. */
  intRun(list: readonly unknown[], from: number): number {
    const { length } = list
    this.reserve(length - from)
    const { words } = this.memory
    const start = this.words + 2
    let at = start
    for (let i = from; i < length; i++) {
      const value = list[i]
      if (typeof value !== 'number' || !isInt32(value)) break
      words[at++] = value
    }
    words[start - 2] = kInts
    words[start - 1] = at - start
    this.words = at
    return from + at - start
  }

  /** Likewise the wider integers, or the floats. */
  doubleRun(list: readonly unknown[], from: number, op: typeof kWides | typeof kFloats): number {
    const { length } = list
    this.reserve(2 * (length - from))
    const { words, doubles } = this.memory
    const start = doubleWord(this.words + 2) >> 1
    let at = start
    for (let i = from; i < length; i++) {
      const value = list[i]
      if (typeof value !== 'number' || !Number.isFinite(value)) break
      const isInteger = isSafeInteger(value)
      if (op === kFloats ? isInteger : !isInteger || isInt32(value)) break
      doubles[at++] = value
    }
    words[this.words] = op
    words[this.words + 1] = at - start
    this.words = at * 2
    return from + at - start
  }

  bigint(value: bigint): void {
    if (value === BigInt.asIntN(32, value)) {
      this.op1(kInt, Number(value))
      return
    }
    const isNegative = value < 0n
    const hex = (isNegative ? -value : value).toString(16)
    const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse()
    const at = this.appendText(magnitude)
    this.op1(kBig, at)
    this.op1(magnitude.length, isNegative ? 1 : 0)
  }

  /** A text as UTF-8 in the text region; false when it has none (a lone surrogate). */
  text(op: typeof kBinary | typeof kAtomText, text: string): boolean {
    const at = this.textBytes
    const { length } = text
    const most = length > measuredCharacters ? Buffer.byteLength(text) : 3 * length
    if (at + most > this.memory.bytes.length) this.memory.growText(at, most)
    const written = length <= loopCharacters ? this.asciiAt(at, text) : -1
    if (written < 0 && !this.utf8At(at, text)) return false
    if (written >= 0) this.textBytes = at + written
    this.op1(op, at)
    this.op(this.textBytes - at)
    return true
  }

  /** How many characters were written, or -1 when one is not ASCII. */
  private asciiAt(at: number, text: string): number {
    const { bytes } = this.memory
    const { length } = text
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return -1
      bytes[at + i] = code
    }
    return length
  }

  private utf8At(at: number, text: string): boolean {
    const written = (this.memory.bytes as unknown as Utf8Writing).utf8Write(text, at)
    this.textBytes = at + written
    // Only other texts than ASCII can have surrogates.
    return written === text.length || isWellFormed(text)
  }

  /** Bytes as a binary: copied, or beside the tape where they are many. */
  binary(bytes: Uint8Array): void {
    const { length } = bytes
    if (length >= sharedFromBytes) {
      this.shared ??= []
      this.op1(kShared, this.shared.length)
      this.shared.push(isSteady(bytes.buffer) ? bytes : new Uint8Array(bytes))
      return
    }
    this.range(kBinary, bytes)
  }

  /** Copies bytes to the text region and puts an op with their range. */
  range(op: number, bytes: Uint8Array): void {
    const at = this.appendText(bytes)
    this.op1(op, at)
    this.op(bytes.length)
  }

  private appendText(source: Uint8Array): number {
    const at = this.textBytes
    const { length } = source
    if (at + length > this.memory.bytes.length) this.memory.growText(at, length)
    const { bytes } = this.memory
    if (length > loopBytes) bytes.set(source, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = source[i] as number
    this.textBytes = at + length
    return at
  }
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && (value & 0xff) === value && !isNegativeZero(value)
}

/** -0 is a float. */
function isNegativeZero(value: number): boolean {
  return value === 0 && 1 / value < 0
}

/** Whether a number stands for an integer of 32 bits. */
export function isInt32(value: number): boolean {
  return (value | 0) === value && !isNegativeZero(value)
}

/** Whether a number stands for an integer. */
export function isSafeInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !isNegativeZero(value)
}

/** Memory that stays as it is while other threads read it, if the caller keeps its hands off. */
function isSteady(memory: ArrayBufferLike): boolean {
  if (memory instanceof SharedArrayBuffer) return false
  return (memory as { resizable?: boolean }).resizable !== true
}
