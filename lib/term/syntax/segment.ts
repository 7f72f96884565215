import { Float } from '../float.js'
import type { BitWriter } from './bit-writer.js'
import type { Source } from './source.js'

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

/** Writes a segment whose value and size are known. */
export function writeSegment(source: Source, segment: Segment, writer: BitWriter): void {
  const { value, at } = segment
  if (value instanceof SegmentText) {
    for (const character of value.text) {
      writeCharacter(source, segment, character.codePointAt(0) ?? 0, writer)
    }
  } else if (segment.type?.startsWith('utf') === true) {
    if (typeof value !== 'number') source.fail('a character for a segment of text', at)
    writeCharacter(source, segment, value, writer)
  } else if (segment.type === 'float' || value instanceof Float || isFraction(value)) {
    writeFloat(source, segment, Number(value), writer)
  } else if (typeof value === 'number' || typeof value === 'bigint') {
    writeInteger(source, segment, value, writer)
  }
}

function isFraction(value: unknown): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}

function writeCharacter(source: Source, segment: Segment, code: number, writer: BitWriter): void {
  const { type, isLittle, at } = segment
  if (type === undefined && segment.size === undefined && code > 0xff) {
    source.fail('characters up to 255, or /utf8 behind the text', at)
  }
  if (type === 'utf8' || type === 'binary') writer.bytes(Buffer.from(String.fromCodePoint(code)))
  else if (type === 'utf16') {
    const units = Buffer.from(String.fromCodePoint(code), 'utf16le')
    writer.bytes(isLittle ? units : units.swap16())
  } else if (type === 'utf32') writer.integer(code, 32, isLittle)
  else if (type === 'float') writeFloat(source, segment, code, writer)
  else writeInteger(source, segment, code, writer)
}

function writeInteger(
  source: Source,
  segment: Segment,
  value: number | bigint,
  writer: BitWriter,
): void {
  if (segment.type === 'binary' || segment.type === 'bitstring') {
    source.fail('an integer or float, or text as binary', segment.at)
  }
  const size = Number(segment.size ?? 8) * (segment.unit ?? 1)
  if (size + writer.size > MAX_BITS) {
    source.fail(`binaries of at most ${MAX_BITS / 8} bytes`, segment.at)
  }
  writer.integer(value, size, segment.isLittle)
}

function writeFloat(source: Source, segment: Segment, value: number, writer: BitWriter): void {
  const size = Number(segment.size ?? 64) * (segment.unit ?? 1)
  const bytes = Buffer.alloc(size === 32 ? 4 : 8)
  if (size === 64) bytes.writeDoubleBE(value)
  else if (size === 32) bytes.writeFloatBE(value)
  else source.fail('a float of 64 or 32 bits', segment.at)
  writer.bytes(segment.isLittle ? bytes.reverse() : bytes)
}
