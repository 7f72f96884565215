import { Float } from '../float.js'
import type { BitWriter } from './bit-writer.js'

export type SegmentType = 'integer' | 'float' | 'binary' | 'bitstring' | 'utf8' | 'utf16' | 'utf32'

/** `Value:Size/Type-…` of a binary; what of it is not written is undefined. */
export interface Segment {
  /** A number, text between quotation marks, or what a template or pattern has in its place. */
  readonly value: unknown
  /** In units; a number or what a pattern has in its place. */
  readonly size: unknown
  readonly type: SegmentType | undefined
  readonly unit: number | undefined
  readonly isLittle: boolean
  readonly isSigned: boolean
  /** Offset in the text. */
  readonly at: number
}

/** Text between quotation marks in a binary. */
export class SegmentText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A binary with parts that are not known yet. */
export class OpenBinary {
  readonly segments: readonly Segment[]
  constructor(segments: readonly Segment[]) {
    this.segments = segments
  }
}

/** A binary whose size the text states may be this large, in bits, lest a short text fill the memory. */
const MAX_BITS = 2 ** 29

/** Throws: what is there is not what was `expected`. */
export type Fail = (expected: string) => never

/** Writes a segment whose value and size are known. */
export function writeSegment(segment: Segment, writer: BitWriter, fail: Fail): void {
  const { value } = segment
  if (value instanceof SegmentText) {
    for (const character of value.text) {
      writeCharacter(segment, character.codePointAt(0) ?? 0, writer, fail)
    }
  } else if (segment.type?.startsWith('utf') === true) {
    writeCharacter(segment, isCharacter(value) ? value : fail('a character'), writer, fail)
  } else if (segment.type === 'float' || value instanceof Float || isFraction(value)) {
    writeFloat(segment, Number(value), writer, fail)
  } else if (typeof value === 'number' || typeof value === 'bigint') {
    writeInteger(segment, value, writer, fail)
  } else fail('a number')
}

function isCharacter(value: unknown): value is number {
  const isCode = Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0x10ffff
  return isCode && (Number(value) < 0xd800 || Number(value) > 0xdfff)
}

function isFraction(value: unknown): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}

function writeCharacter(segment: Segment, code: number, writer: BitWriter, fail: Fail): void {
  const { type, isLittle } = segment
  if (type === undefined && segment.size === undefined && code > 0xff) {
    fail('characters up to 255, or /utf8 behind the text')
  }
  if (type === 'utf8' || type === 'binary') writer.bytes(Buffer.from(String.fromCodePoint(code)))
  else if (type === 'utf16') {
    const units = Buffer.from(String.fromCodePoint(code), 'utf16le')
    writer.bytes(isLittle ? units : units.swap16())
  } else if (type === 'utf32') writer.integer(code, 32, isLittle)
  else if (type === 'float') writeFloat(segment, code, writer, fail)
  else writeInteger(segment, code, writer, fail)
}

function writeInteger(
  segment: Segment,
  value: number | bigint,
  writer: BitWriter,
  fail: Fail,
): void {
  if (segment.type === 'binary' || segment.type === 'bitstring') {
    fail('a binary, not a number')
  }
  const size = Number(segment.size ?? 8) * (segment.unit ?? 1)
  if (size + writer.size > MAX_BITS) {
    fail(`binaries of at most ${MAX_BITS / 8} bytes`)
  }
  writer.integer(value, size, segment.isLittle)
}

function writeFloat(segment: Segment, value: number, writer: BitWriter, fail: Fail): void {
  const size = Number(segment.size ?? 64) * (segment.unit ?? 1)
  const bytes = Buffer.alloc(size === 32 ? 4 : 8)
  if (size === 64) bytes.writeDoubleBE(value)
  else if (size === 32) bytes.writeFloatBE(value)
  else fail('a float of 64 or 32 bits')
  writer.bytes(segment.isLittle ? bytes.reverse() : bytes)
}
