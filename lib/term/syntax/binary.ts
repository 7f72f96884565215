import type { BitString } from '../bitstring.js'
import { BitWriter } from './bit-writer.js'
import { Placeholder } from './placeholder.js'
import { OpenBinary, type Segment, SegmentText, type SegmentType, writeSegment } from './segment.js'
import type { Source } from './source.js'

/** How a language writes what is in a binary. */
export interface BinaryDialect {
  /** The type of text that states none. */
  readonly textType: SegmentType | undefined
  /** Reads a number, a SegmentText or a placeholder. */
  readonly readValue: () => unknown
  /** Reads the size and the types behind the value. */
  readonly readModifiers: (source: Source) => Modifiers
}

export interface Modifiers {
  readonly size?: unknown
  readonly words: readonly string[]
  readonly unit?: number
}

const PLAIN_BYTE = /(\d{1,3})\s*(?=,|>>)/y

/** Reads a binary; `<<` is read. With placeholders in it the whole comes as an OpenBinary. */
export function readBinary(
  source: Source,
  dialect: BinaryDialect,
): Buffer | BitString | OpenBinary {
  const writer = new BitWriter()
  if (source.take('>>')) return writer.finish()
  /** From the first placeholder on; what is before it comes first, as a segment of its own. */
  let segments: Segment[] | undefined
  do {
    source.next()
    const byte = segments === undefined ? source.match(PLAIN_BYTE) : undefined
    if (byte !== undefined) writer.byte(Number(byte[1]) & 0xff)
    else segments = addSegment(source, readSegment(source, dialect), writer, segments)
  } while (source.take(','))
  if (!source.take('>>')) source.fail('"," or ">>"')
  return segments === undefined ? writer.finish() : new OpenBinary(segments)
}

function addSegment(
  source: Source,
  segment: Segment,
  writer: BitWriter,
  before: Segment[] | undefined,
): Segment[] | undefined {
  const isOpen = segment.value instanceof Placeholder || segment.size instanceof Placeholder
  if (isOpen) {
    const segments = before ?? (writer.size === 0 ? [] : [known(writer.finish())])
    segments.push(segment)
    return segments
  }
  const part = before === undefined ? writer : new BitWriter()
  writeSegment(segment, part, (expected) => source.fail(expected, segment.at))
  before?.push(known(part.finish()))
  return before
}

/** What is known of a binary, as one segment. */
function known(value: Buffer | BitString): Segment {
  const plain = { size: undefined, unit: undefined, isLittle: false, isSigned: false, at: 0 }
  return { ...plain, value, type: 'bitstring' }
}

function readSegment(source: Source, dialect: BinaryDialect): Segment {
  const at = source.at
  const value = dialect.readValue()
  const { size, words, unit } = dialect.readModifiers(source)
  const defaultType = value instanceof SegmentText ? dialect.textType : undefined
  return { value, size, unit, at, ...settingsOf(source, words, defaultType, at) }
}

const TYPES: ReadonlyMap<string, SegmentType> = new Map([
  ['integer', 'integer'],
  ['float', 'float'],
  ['binary', 'binary'],
  ['bytes', 'binary'],
  ['bitstring', 'bitstring'],
  ['bits', 'bitstring'],
  ['utf8', 'utf8'],
  ['utf16', 'utf16'],
  ['utf32', 'utf32'],
])
const QUALIFIERS = new Set(['little', 'big', 'signed', 'unsigned'])

function settingsOf(
  source: Source,
  words: readonly string[],
  defaultType: SegmentType | undefined,
  at: number,
) {
  let type = defaultType
  for (const word of words) {
    type = TYPES.get(word) ?? type
    if (!TYPES.has(word) && !QUALIFIERS.has(word)) {
      source.fail(`a type of a segment (${[...TYPES.keys()].join(', ')}) in place of ${word}`, at)
    }
  }
  return { type, isLittle: words.includes('little'), isSigned: words.includes('signed') }
}
