import { isUtf8 } from 'node:buffer'
import { bind, type Compilation, type Match, type Run } from './binding.js'
import { BitReader } from './bit-reader.js'
import { BitWriter } from './bit-writer.js'
import { bitsOf, isBits, unitOf, writeFilled } from './build.js'
import { Placeholder } from './placeholder.js'
import type { OpenBinary, Segment } from './segment.js'
import type { Source } from './source.js'

/** Reads one segment; false where the binary does not go on so. */
type Step = (reader: BitReader, run: Run, isText: boolean) => boolean

/** Segments from the left to the right; the last may be `Rest/binary`. */
export function compileBinaryMatch({ segments }: OpenBinary, compilation: Compilation): Match {
  const steps = segments.map((segment, at) => {
    checkRest(segment, at === segments.length - 1, compilation.source)
    return compileSegment(segment, compilation)
  })
  return (term, run) => {
    const bits = bitsOf(term)
    if (bits === undefined) return false
    const reader = new BitReader(bits.bytes, bits.length)
    const isText = typeof term === 'string'
    return steps.every((step) => step(reader, run, isText)) && reader.rest === 0
  }
}

function checkRest(segment: Segment, isLast: boolean, source: Source): void {
  const { value, size, at } = segment
  const isUnknown = value instanceof Placeholder && value.sort !== 'hole'
  if (isUnknown && isBits(segment) && size === undefined && !isLast) {
    source.fail('a size for a binary that is not the last segment', at)
  }
}

function compileSegment(segment: Segment, compilation: Compilation): Step {
  const { value, size, at } = segment
  const isKnown = !(value instanceof Placeholder) || value.sort === 'hole'
  if (size instanceof Placeholder && size.sort !== 'hole') {
    if (isKnown || !compilation.variables.has(size.name)) {
      compilation.source.fail(`a size that is bound further left, not ${size.name}`, at)
    }
  }
  if (isKnown) return compileKnown(segment, compilation)
  if (value.sort === 'any')
    return (reader, run, isText) => read(segment, reader, run, isText) !== undefined
  compilation.variables.add(value.name)
  return (reader, run, isText) => {
    const found = read(segment, reader, run, isText)
    return found !== undefined && bind(value.name, found, run)
  }
}

function compileKnown(segment: Segment, compilation: Compilation): Step {
  const bitsFor = (values: readonly unknown[]) => {
    const writer = new BitWriter()
    writeFilled(segment, values, writer)
    return { bytes: bitsOf(writer.finish())?.bytes ?? Buffer.alloc(0), size: writer.size }
  }
  compilation.checks.push((values) => void bitsFor(values))
  return (reader, { values }) => {
    const { bytes, size } = bitsFor(values)
    return reader.take(size)?.equals(bytes) === true
  }
}

/** What a segment holds; undefined where it does not fit. */
function read(segment: Segment, reader: BitReader, run: Run, isText: boolean): unknown {
  const { type = 'integer', isLittle, isSigned } = segment
  if (type.startsWith('utf')) return reader.character(type, isLittle)
  const units = sizeOf(segment, run)
  if (isBits(segment)) {
    const size = units === undefined ? reader.rest : units * unitOf(segment)
    if (units === undefined && size % unitOf(segment) !== 0) return undefined
    return textOrBits(reader.bits(size), isText)
  }
  const size = (units ?? (type === 'float' ? 64 : 8)) * unitOf(segment)
  if (Number.isNaN(size)) return undefined
  return type === 'float' ? reader.float(size, isLittle) : reader.integer(size, isLittle, isSigned)
}

/** NaN for a size that is none, which fits nothing. */
function sizeOf({ size }: Segment, { values, bindings }: Run): number | undefined {
  if (!(size instanceof Placeholder)) return size as number | undefined
  const bound = size.sort === 'hole' ? values[size.index] : bindings.get(size.name)
  return Number.isSafeInteger(bound) && Number(bound) >= 0 ? Number(bound) : Number.NaN
}

/** A part of a binary that came as a string is one as well, where it is text. */
function textOrBits(bits: ReturnType<BitReader['bits']>, isText: boolean): unknown {
  return isText && Buffer.isBuffer(bits) && isUtf8(bits) ? bits.toString() : bits
}
