/**
 * An ETF decoder written in JavaScript, as good as its author could make it: the yardstick for what
 * leaving JavaScript must pay for. It reads what the corpora hold; hostile bytes are refused, not
 * explained.
 *
 * Binaries become Buffers that view the input, or with `text` strings; maps become FlatMaps, or
 * with `text` plain objects.
 */
import { NameTable } from './name-table.mjs'
import { atomOf, FlatMap, Tuple } from './terms.mjs'

const FastBuffer = Buffer[Symbol.species]
/** Up to here strings are cut out of one Latin-1 text of the whole input: 3 times cheaper. */
const CUT_BYTES = 256
const CUT_INPUT_BYTES = 1 << 20

const BINARY_EXT = 109
const MAX_KEY_BYTES = 32

const atoms = new NameTable((name) =>
  name === 'true' ? true : name === 'false' ? false : atomOf(name),
)
/** Keys of objects come again and again, and V8 must know each by one string anyway. */
const keys = new NameTable((name) => name)

let bytes = new FastBuffer(0)
let at = 0
let doubles
let latin1
let asText = false

function fail() {
  throw new RangeError(`no term of a known kind at byte ${at}`)
}

/** Claims the next `size` bytes and returns where they start. */
function take(size) {
  const start = at
  at += size
  if (at > bytes.length) fail()
  return start
}

function uint32() {
  const start = take(4)
  return (
    ((bytes[start] << 24) |
      (bytes[start + 1] << 16) |
      (bytes[start + 2] << 8) |
      bytes[start + 3]) >>>
    0
  )
}

/** An element takes a byte at least: refuses counts that would allocate without end. */
function count() {
  const length = uint32()
  if (length > bytes.length - at) fail()
  return length
}

function float() {
  doubles ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return doubles.getFloat64(take(8))
}

function wideInteger(start, size) {
  let value = 0n
  for (let k = size - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[start + k])
  return value
}

function bigInteger(size) {
  const negative = bytes[take(1)] !== 0
  const start = take(size)
  let high = 0
  for (let k = size - 1; k >= 4; k--) high = high * 256 + bytes[start + k]
  if (high >= 2 ** 21) return negative ? -wideInteger(start, size) : wideInteger(start, size)
  let low = 0
  for (let k = Math.min(size, 4) - 1; k >= 0; k--) low = low * 256 + bytes[start + k]
  const value = high * 2 ** 32 + low
  return negative ? -value : value
}

function isAscii(start, end) {
  let all = 0
  for (let k = start; k < end; k++) all |= bytes[k]
  return all < 128
}

function text(size) {
  const start = take(size)
  if (size > CUT_BYTES || bytes.length > CUT_INPUT_BYTES || !isAscii(start, at)) {
    return bytes.utf8Slice(start, at)
  }
  latin1 ??= bytes.latin1Slice(0, bytes.length)
  return latin1.slice(start, at)
}

function binary() {
  const size = count()
  if (asText) return text(size)
  return new FastBuffer(bytes.buffer, bytes.byteOffset + take(size), size)
}

/** Short ones as literals: an array that grows by `push` starts with room for 17. */
function elements(length) {
  if (length === 2) return [term(), term()]
  if (length === 3) return [term(), term(), term()]
  const values = new Array(length)
  for (let k = 0; k < length; k++) values[k] = term()
  return values
}

function list() {
  const values = elements(count())
  if (bytes[take(1)] !== 106) fail()
  return values
}

function charlist() {
  const start = take(2)
  const size = (bytes[start] << 8) | bytes[start + 1]
  return Array.from(bytes.subarray(take(size), at))
}

function map() {
  return new FlatMap(elements(count() * 2))
}

function key() {
  if (bytes[at] !== BINARY_EXT) return term()
  at++
  const size = count()
  if (size > MAX_KEY_BYTES) return text(size)
  const start = take(size)
  return keys.find(bytes, start, at)
}

function object() {
  const size = count()
  const entries = {}
  for (let k = 0; k < size; k++) {
    const name = key()
    entries[name] = term()
  }
  return entries
}

function atom(size) {
  const start = take(size)
  return atoms.find(bytes, start, at)
}

function term() {
  switch (bytes[at++]) {
    case 97:
      return bytes[take(1)]
    case 98:
      return uint32() | 0
    case 70:
      return float()
    case BINARY_EXT:
      return binary()
    case 119:
      return atom(bytes[take(1)])
    case 104:
      return new Tuple(elements(bytes[take(1)]))
    case 108:
      return list()
    case 106:
      return []
    case 116:
      return asText ? object() : map()
    case 110:
      return bigInteger(bytes[take(1)])
    case 107:
      return charlist()
    case 105:
      return new Tuple(elements(count()))
    default:
      return fail()
  }
}

/** Decodes one term; `input` starts with the version byte and must not change afterwards. */
export function decode(input, { text: wantsText = false } = {}) {
  bytes = input
  at = 1
  doubles = undefined
  latin1 = undefined
  asText = wantsText
  if (bytes[0] !== 131) fail()
  const value = term()
  if (at > bytes.length) fail()
  return value
}
