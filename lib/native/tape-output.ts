import { types } from 'node:util'
import { isWellFormed, maxBigBytes } from './encodable.js'
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
const loopBytes = 32
const loopCharacters = 12
/** Texts are written when they are so many, or so long, together. */
const mostGathered = 128
const gatheredCharacters = 2048
/** The length of STRING_EXT has 16 bits. */
const longestByteList = 65_535
/** Longer texts are measured before they are written. */
const measuredCharacters = 4096

/**
 * Texts behind each other. An object of its own for each batch: the collector would have to be told
 * of every new text that an old object refers to.
 */
interface Gathered {
  text: string
}
const nothingGathered: Gathered = { text: '' }

/** The ops whose operand is a text. */
type TextOp = typeof kBinary | typeof kAtomText | typeof kString

/** What Buffer offers without the argument checks of `write`. */
interface Utf8Writing {
  utf8Write(text: string, at: number): number
}

/** Writes the ops of an encode tape (grammar: `native/etf/tape.h`) into memory that grows. */
export class TapeOutput {
  readonly memory = new EncodeMemory()
  /** Parts of the memory, which takes three loads fewer at each op. */
  private ops = this.memory.words
  private doubles = this.memory.doubles
  private bytes = this.memory.bytes
  /** Texts that are still to be written, and the ops that mention them. */
  private gathered = nothingGathered
  private gatheredOps = 0
  private readonly opsOfGathered = new Int32Array(mostGathered)
  private isWellFormed = true
  /** The words at which one more op may not fit. */
  private fullFrom = this.ops.length - opWords
  /** Words and bytes of text in the memory: those before this tape, and its own. */
  words = 0
  textBytes = 0
  /** Where this tape begins. */
  firstWord = 0
  private firstTextByte = 0
  /** Byte arrays that the tape mentions by index. */
  shared: Uint8Array[] | undefined

  /** Begins a tape behind what is kept of the memory, which ends at an even word. */
  begin(keptWords: number, keptTextBytes: number): void {
    this.words = keptWords
    this.textBytes = keptTextBytes
    this.firstWord = keptWords
    this.firstTextByte = keptTextBytes
    this.shared = undefined
    this.gathered = nothingGathered
    this.gatheredOps = 0
    this.isWellFormed = true
  }

  /** Bytes that go out as they are. */
  get rangeBytes(): number {
    return this.textBytes - this.firstTextByte + this.sharedBytes
  }

  /** How many bytes the tape takes as ETF: hardly ever more than this. */
  get estimatedBytes(): number {
    return this.rangeBytes + (this.words - this.firstWord) * 8
  }

  private get sharedBytes(): number {
    let sum = 0
    if (this.shared !== undefined) for (const bytes of this.shared) sum += bytes.length
    return sum
  }

  /** Lets go of the byte arrays of the last tape. */
  end(): void {
    this.shared = undefined
  }

  /** Lets go of memory that only large tapes need, and of what is in it. */
  shrink(): void {
    if (this.memory.shrink()) this.remember()
  }

  private growOps(count: number): void {
    this.memory.growWords(this.words, count)
    this.remember()
  }

  private growText(count: number): void {
    this.memory.growText(this.textBytes, count)
    this.remember()
  }

  private remember(): void {
    this.ops = this.memory.words
    this.doubles = this.memory.doubles
    this.bytes = this.memory.bytes
    this.fullFrom = this.ops.length - opWords
  }

  /** Makes sure that one op fits, or a run of `count` words. */
  reserve(count: number): void {
    if (this.words + count > this.fullFrom) this.growOps(count + opWords)
  }

  op(op: number): void {
    this.ops[this.words++] = op
  }

  op1(op: number, operand: number): void {
    const { ops } = this
    const at = this.words
    ops[at] = op
    ops[at + 1] = operand
    this.words = at + 2
  }

  op2(op: number, first: number, second: number): void {
    const { ops } = this
    const at = this.words
    ops[at] = op
    ops[at + 1] = first
    ops[at + 2] = second
    this.words = at + 3
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
    this.ops[this.words] = op
    const at = doubleWord(this.words + 1)
    this.doubles[at >> 1] = value
    this.words = at + 2
  }

  /** A list whose elements are all integers of one byte, as Erlang writes it; false for any other. */
  byteList(list: readonly unknown[]): boolean {
    const { length } = list
    if (length > longestByteList || !isByte(list[0]) || !isByte(list[length - 1])) return false
    const at = this.textBytes
    if (at + length > this.bytes.length) this.growText(length)
    const { bytes } = this
    for (let i = 0; i < length; i++) {
      const value = list[i]
      if (!isByte(value)) return false
      bytes[at + i] = value
    }
    this.textBytes = at + length
    this.op2(kString, at, length)
    return true
  }

  /** The integers of 32 bits that follow each other from `from`; returns where they end. */
  intRun(list: readonly unknown[], from: number, length: number): number {
    this.reserve(length - from)
    const { ops } = this
    const start = this.words + 2
    let at = start
    for (let i = from; i < length; i++) {
      const value = list[i]
      if (typeof value !== 'number' || !isInt32(value)) break
      ops[at++] = value
    }
    ops[start - 2] = kInts
    ops[start - 1] = at - start
    this.words = at
    return from + at - start
  }

  /** Likewise the wider integers, or the floats. */
  doubleRun(
    list: readonly unknown[],
    from: number,
    length: number,
    op: typeof kWides | typeof kFloats,
  ): number {
    this.reserve(2 * (length - from))
    const { ops, doubles } = this
    const start = doubleWord(this.words + 2) >> 1
    let at = start
    for (let i = from; i < length; i++) {
      const value = list[i]
      if (typeof value !== 'number' || !Number.isFinite(value)) break
      const isInteger = isSafeInteger(value)
      if (op === kFloats ? isInteger : !isInteger || isInt32(value)) break
      doubles[at++] = value
    }
    ops[this.words] = op
    ops[this.words + 1] = at - start
    this.words = at * 2
    return from + at - start
  }

  /** False, and nothing written, for one that is larger than any integer of Erlang. */
  bigint(value: bigint): boolean {
    if (value === BigInt.asIntN(32, value)) {
      this.op1(kInt, Number(value))
      return true
    }
    const isNegative = value < 0n
    const hex = (isNegative ? -value : value).toString(16)
    const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse()
    if (magnitude.length > maxBigBytes) return false
    const at = this.appendText(magnitude)
    this.op3(kBig, at, magnitude.length, isNegative ? 1 : 0)
    return true
  }

  /**
   * A text as UTF-8 in the text region: short ones at once, longer ones together, since a call into
   * the runtime costs as much as copying a hundred characters.
   */
  text(op: TextOp, text: string): void {
    if (text.length > loopCharacters || !this.shortText(op, text)) this.gather(op, text)
  }

  /** A text at once, if its characters take two bytes at most. */
  shortText(op: TextOp, text: string): boolean {
    const { length } = text
    const start = this.textBytes
    if (start + 2 * length > this.bytes.length) this.growText(2 * length)
    const { bytes } = this
    let at = start
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x80) bytes[at++] = code
      else if (code < 0x800) {
        bytes[at++] = 0xc0 | (code >> 6)
        bytes[at++] = 0x80 | (code & 0x3f)
      } else return false
    }
    this.textBytes = at
    this.op2(op, start, at - start)
    return true
  }

  private gather(op: TextOp, text: string): void {
    const { length } = text
    const isFull =
      this.gathered.text.length + length > gatheredCharacters || this.gatheredOps === mostGathered
    if (isFull) this.writeGathered()
    if (this.gatheredOps === 0) this.gathered = { text: '' }
    const { gathered } = this
    this.opsOfGathered[this.gatheredOps++] = this.words
    this.op2(op, gathered.text.length, length)
    gathered.text += text
  }

  /** Completes the text region; false when a text has no UTF-8 form (a lone surrogate). */
  finishText(): boolean {
    this.writeGathered()
    return this.isWellFormed
  }

  private writeGathered(): void {
    if (this.gatheredOps === 0) return
    const gathered = this.gathered.text
    const { length } = gathered
    const start = this.textBytes
    const most = length > measuredCharacters ? Buffer.byteLength(gathered) : 3 * length
    if (start + most > this.bytes.length) this.growText(most)
    const written = (this.bytes as unknown as Utf8Writing).utf8Write(gathered, start)
    this.textBytes = start + written
    if (written === length) this.placeAscii(start)
    else this.isWellFormed &&= isWellFormed(gathered) && this.placeUtf8(start)
    this.gathered = nothingGathered
    this.gatheredOps = 0
  }

  private placeAscii(start: number): void {
    const { ops, opsOfGathered } = this
    for (let i = 0; i < this.gatheredOps; i++) {
      const at = (opsOfGathered[i] as number) + 1
      ops[at] = (ops[at] as number) + start
    }
  }

  /** Counts in bytes what was counted in characters; false when a surrogate pair is of two texts. */
  private placeUtf8(start: number): boolean {
    const { bytes, ops, opsOfGathered } = this
    let at = start
    for (let i = 0; i < this.gatheredOps; i++) {
      const op = opsOfGathered[i] as number
      let left = ops[op + 2] as number
      ops[op + 1] = at
      while (left > 0) {
        const size = utf8Size(bytes[at] as number)
        at += size
        left -= size === 4 ? 2 : 1
      }
      if (left < 0) return false
      ops[op + 2] = at - (ops[op + 1] as number)
    }
    return true
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
    this.op2(op, this.appendText(bytes), bytes.length)
  }

  private appendText(source: Uint8Array): number {
    const at = this.textBytes
    const { length } = source
    if (at + length > this.bytes.length) this.growText(length)
    const { bytes } = this
    if (length > loopBytes) bytes.set(source, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = source[i] as number
    this.textBytes = at + length
    return at
  }
}

/** The length of a character by its first byte. */
function utf8Size(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
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
  if (types.isSharedArrayBuffer(memory)) return false
  return (memory as { resizable?: boolean }).resizable !== true
}
