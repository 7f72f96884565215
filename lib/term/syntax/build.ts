import { invalidArgument } from '../../errors.js'
import { BitString } from '../bitstring.js'
import { bytesOf, type Kind, kindOf, listPartsOf } from '../kind.js'
import { ImproperList } from '../list.js'
import type { Term } from '../term.js'
import { Tuple } from '../tuple.js'
import { BitWriter } from './bit-writer.js'
import { Placeholder } from './placeholder.js'
import { mapOf, OpenMap } from './reader.js'
import { type Fail, OpenBinary, type Segment, writeSegment } from './segment.js'
import type { Source } from './source.js'

/** Makes a term of the values of a template. Each makes its compound terms anew. */
export type Build = (values: readonly unknown[]) => unknown

/** The function that makes the term that `node` is with values in place of its holes. */
export function compileBuild(node: unknown, source: Source): Build {
  if (node instanceof Placeholder) return compileHole(node, source)
  if (node instanceof Tuple) {
    const elements = compileAll(node.elements, source)
    return (values) => new Tuple(elements.map((build) => build(values)))
  }
  if (Array.isArray(node)) {
    const elements = compileAll(node, source)
    return (values) => elements.map((build) => build(values))
  }
  if (node instanceof ImproperList) return compileTail(node, source)
  if (node instanceof OpenMap) {
    const flat = compileAll(node.flat, source)
    return (values) => mapOf(flat.map((build) => build(values)) as Term[])
  }
  if (node instanceof OpenBinary) return compileBinary(node, source)
  return Buffer.isBuffer(node) ? () => Buffer.from(node) : () => node
}

function compileAll(nodes: readonly unknown[], source: Source): Build[] {
  return nodes.map((node) => compileBuild(node, source))
}

function compileHole({ sort, index, at, name }: Placeholder, source: Source): Build {
  if (sort !== 'hole') source.fail(`a known term, which ${name} is not`, at)
  return (values) => {
    checkedKind(values, index)
    return values[index]
  }
}

/** The Erlang type of a value of a template. */
export function checkedKind(values: readonly unknown[], index: number): Kind {
  try {
    return kindOf(values[index])
  } catch {
    throw wrongValue(values, index, 'a value with an Erlang form')
  }
}

export function wrongValue(values: readonly unknown[], index: number, rule: string): TypeError {
  return invalidArgument(`value ${index + 1} of the template`, rule, values[index])
}

function compileTail(list: ImproperList, source: Source): Build {
  const builds = compileAll(list.elements, source)
  const buildTail = compileBuild(list.tail, source)
  return (values) => {
    const elements = builds.map((build) => build(values)) as Term[]
    const tail = buildTail(values) as Term
    if (kindOf(tail) !== 'list') return new ImproperList(elements, tail)
    const rest = listPartsOf(tail)
    const all = elements.concat(rest.elements as Term[])
    return rest.isProper ? all : new ImproperList(all, rest.tail as Term)
  }
}

function compileBinary({ segments }: OpenBinary, source: Source): Build {
  for (const { value, size } of segments) refuseVariables(value, size, source)
  return (values) => {
    const writer = new BitWriter()
    for (const segment of segments) writeFilled(segment, values, writer)
    return writer.finish()
  }
}

function refuseVariables(value: unknown, size: unknown, source: Source): void {
  for (const part of [value, size]) if (part instanceof Placeholder) compileHole(part, source)
}

/** Writes a segment with values in place of its holes. */
export function writeFilled(segment: Segment, values: readonly unknown[], writer: BitWriter): void {
  const value = filled(segment.value, values)
  const size = filled(segment.size, values)
  if (segment.size instanceof Placeholder && !(Number.isSafeInteger(size) && Number(size) >= 0)) {
    throw wrongValue(values, segment.size.index, 'the size of a segment')
  }
  const hole = segment.value instanceof Placeholder ? segment.value : segment.size
  const fail: Fail = (expected) => {
    throw wrongValue(values, hole instanceof Placeholder ? hole.index : -1, expected)
  }
  const write = isBits(segment) ? writeBits : writeSegment
  write({ ...segment, value, size }, writer, fail)
}

export function isBits({ type }: Segment): boolean {
  return type === 'binary' || type === 'bitstring'
}

function writeBits(segment: Segment, writer: BitWriter, fail: Fail): void {
  const bits = bitsOf(segment.value) ?? fail('a binary')
  const unit = unitOf(segment)
  if (segment.size === undefined && bits.length % unit !== 0) fail('a binary of whole bytes')
  const length = segment.size === undefined ? bits.length : Number(segment.size) * unit
  if (length > bits.length) fail(`a binary of ${length} bits or more`)
  const whole = length >> 3
  writer.bytes(bits.bytes.subarray(0, whole))
  writer.bits((bits.bytes[whole] ?? 0) >> (8 - (length & 7)), length & 7)
}

/** How many bits one of a size is. */
export function unitOf({ type, unit }: Segment): number {
  return unit ?? (type === 'binary' ? 8 : 1)
}

function filled(part: unknown, values: readonly unknown[]): unknown {
  return part instanceof Placeholder ? values[part.index] : part
}

/** The bytes of a binary or bitstring and how many bits they are; undefined for other values. */
export function bitsOf(value: unknown): { bytes: Uint8Array; length: number } | undefined {
  if (BitString.is(value)) {
    return { bytes: value.bytes, length: value.bytes.length * 8 - 8 + value.bits }
  }
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  const bytes = bytesOf(value)
  return { bytes, length: bytes.length * 8 }
}
