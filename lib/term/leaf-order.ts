import { BitString, clearedBits } from './bitstring.js'
import type { ExternalFun, Fun } from './fun.js'
import { atomNameOf, bytesOf, type Kind, numberOf } from './kind.js'
import type { Pid } from './pid.js'
import type { Port } from './port.js'
import type { Reference } from './reference.js'

/**
 * The order of terms that have no parts, as the emulator has it.
 *
 * Source: OTP 25, erts/emulator/beam/utils.c, erts_cmp_compound.
 */

/** Below 0, 0 or above 0, as `Array.sort` takes it. */
export type Ordering = number

function orderOf(a: number | bigint, b: number | bigint): Ordering {
  if (a < b) return -1
  return a > b ? 1 : 0
}

/** Two terms without parts, of one kind; integers and floats count as one. */
export function orderLeaves(kind: Kind, a: unknown, b: unknown): Ordering {
  switch (kind) {
    case 'integer':
    case 'float':
      return orderNumbers(a, b)
    case 'atom':
      return orderAtoms(a, b)
    case 'reference':
      return orderReferences(a as Reference, b as Reference)
    case 'fun':
      return orderFuns(a as Fun, b as Fun)
    case 'export':
      return orderExports(a as ExternalFun, b as ExternalFun)
    case 'port':
      return orderPorts(a as Port, b as Port)
    case 'pid':
      return orderPids(a as Pid, b as Pid)
    default:
      return orderBits(a, b)
  }
}

/** Numbers by value: JavaScript compares bigint with number exactly, as Erlang does. */
function orderNumbers(a: unknown, b: unknown): Ordering {
  return orderOf(numberOf(a), numberOf(b))
}

/** Atoms by code points, which is also the order of their UTF-8 bytes. */
function orderAtoms(a: unknown, b: unknown): Ordering {
  return orderText(atomNameOf(a), atomNameOf(b))
}

function orderText(a: string, b: string): Ordering {
  if (a === b) return 0
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return codePointRank(left) - codePointRank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others, but below U+E000…U+FFFF as code units. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Bits from the first on; of two where one begins the other, the shorter comes first. */
function orderBits(a: unknown, b: unknown): Ordering {
  if (typeof a === 'string' && typeof b === 'string') return orderText(a, b)
  if (isBinary(a) && isBinary(b)) return Buffer.compare(bytesOf(a), bytesOf(b))
  const left = wholeBits(a)
  const right = wholeBits(b)
  const order = compareCommonBits(left, right)
  return order !== 0 ? order : left.size - right.size
}

function isBinary(value: unknown): boolean {
  return typeof value === 'string' || ArrayBuffer.isView(value)
}

interface Bits {
  readonly bytes: Uint8Array
  /** In bits. */
  readonly size: number
}

function wholeBits(value: unknown): Bits {
  const bytes = bytesOf(value)
  if (!BitString.is(value)) return { bytes, size: bytes.length * 8 }
  const bits = value.bits
  return { bytes: clearedBits(bytes, bits), size: bytes.length * 8 - 8 + bits }
}

function compareCommonBits(a: Bits, b: Bits): Ordering {
  const size = Math.min(a.size, b.size)
  const whole = size >> 3
  const order = Buffer.compare(a.bytes.subarray(0, whole), b.bytes.subarray(0, whole))
  if (order !== 0 || size % 8 === 0) return order
  const shift = 8 - (size % 8)
  return ((a.bytes[whole] ?? 0) >> shift) - ((b.bytes[whole] ?? 0) >> shift)
}

interface Located {
  readonly node: { readonly name: string }
  readonly creation: number
}

function orderNodes(a: Located, b: Located): Ordering {
  return orderText(a.node.name, b.node.name) || orderOf(a.creation, b.creation)
}

function orderPids(a: Pid, b: Pid): Ordering {
  return orderOf(a.serial, b.serial) || orderOf(a.id, b.id) || orderNodes(a, b)
}

function orderPorts(a: Port, b: Port): Ordering {
  return orderNodes(a, b) || orderOf(a.id, b.id)
}

/** By node, then the words as one number, most significant last. */
function orderReferences(a: Reference, b: Reference): Ordering {
  const order = orderNodes(a, b)
  if (order !== 0) return order
  for (let i = Math.max(a.words.length, b.words.length) - 1; i >= 0; i--) {
    const word = orderOf(a.words[i] ?? 0, b.words[i] ?? 0)
    if (word !== 0) return word
  }
  return 0
}

function orderExports(a: ExternalFun, b: ExternalFun): Ordering {
  return (
    orderText(a.module.name, b.module.name) ||
    orderText(a.function.name, b.function.name) ||
    orderOf(a.arity, b.arity)
  )
}

/**
 * Funs by module, index and uniq, as the emulator does. It goes on with the values of the
 * environment, which are opaque here: their bytes decide.
 */
function orderFuns(a: Fun, b: Fun): Ordering {
  return (
    orderText(a.module.name, b.module.name) ||
    orderOf(a.index, b.index) ||
    orderOf(a.uniq, b.uniq) ||
    Buffer.compare(a.bytes, b.bytes)
  )
}
