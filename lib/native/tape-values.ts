import type { Atom } from '../term/atom.js'
import { Pid } from '../term/pid.js'
import { Port } from '../term/port.js'
import { Reference } from '../term/reference.js'

export type IntegerMode = 'auto' | 'bigint' | 'number'

/** An integer beyond 32 bits that a double holds exactly. */
export function wideInteger(value: number, mode: IntegerMode): number | bigint {
  if (mode === 'number') return value
  return mode === 'auto' && Number.isSafeInteger(value) ? value : BigInt(value)
}

/** Of any size, from its magnitude in little-endian bytes. */
export function bigInteger(
  bytes: Buffer,
  from: number,
  length: number,
  isNegative: boolean,
  mode: IntegerMode,
): number | bigint {
  let magnitude: bigint
  if (length === 8) {
    magnitude = bytes.readBigUInt64LE(from)
  } else {
    const bigEndian = Buffer.from(bytes.subarray(from, from + length)).reverse()
    magnitude = BigInt(`0x0${bigEndian.toString('hex')}`)
  }
  const value = isNegative ? -magnitude : magnitude
  if (mode === 'number') return Number(value)
  return mode === 'auto' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** `count` integers of 32 bits, as a list. */
export function intList(words: Int32Array, at: number, count: number, mode: IntegerMode) {
  if (mode === 'bigint') return Array.from(words.subarray(at, at + count), BigInt)
  const list = new Array<number>(count)
  for (let i = 0; i < count; i++) list[i] = words[at + i] as number
  return list
}

export function wideList(doubles: Float64Array, at: number, count: number, mode: IntegerMode) {
  const list = new Array<number | bigint>(count)
  for (let i = 0; i < count; i++) list[i] = wideInteger(doubles[at + i] as number, mode)
  return list
}

export function floatList(doubles: Float64Array, at: number, count: number): number[] {
  const list = new Array<number>(count)
  for (let i = 0; i < count; i++) list[i] = doubles[at + i] as number
  return list
}

/** STRING_EXT: a list of integers of one byte each. */
export function byteList(bytes: Buffer, from: number, count: number, mode: IntegerMode) {
  if (mode === 'bigint') return Array.from(bytes.subarray(from, from + count), BigInt)
  const list = new Array<number>(count)
  for (let i = 0; i < count; i++) list[i] = bytes[from + i] as number
  return list
}

/** kPid id serial creation */
export function pidAt(words: Int32Array, at: number, node: Atom): Pid {
  const id = unsigned(words, at + 1)
  const serial = unsigned(words, at + 2)
  return new Pid(node, id, serial, unsigned(words, at + 3), true)
}

/** kPort hi lo creation */
export function portAt(words: Int32Array, at: number, node: Atom): Port {
  const id = (BigInt(unsigned(words, at + 1)) << 32n) | BigInt(unsigned(words, at + 2))
  return new Port(node, id, unsigned(words, at + 3))
}

/** kRef n w{n} creation */
export function referenceAt(words: Int32Array, at: number, node: Atom): Reference {
  const count = words[at + 1] as number
  // Nearly all have three words, and an array that is pushed to has room for many more.
  const ids =
    count === 3
      ? [unsigned(words, at + 2), unsigned(words, at + 3), unsigned(words, at + 4)]
      : Array.from(words.subarray(at + 2, at + 2 + count), (word) => word >>> 0)
  return new Reference(node, ids, unsigned(words, at + 2 + count), true)
}

function unsigned(words: Int32Array, at: number): number {
  return (words[at] as number) >>> 0
}
