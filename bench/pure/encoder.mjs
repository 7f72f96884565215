/**
 * An ETF encoder written in JavaScript, as good as its author could make it. Strings and plain
 * objects, Buffers, Maps, arrays, numbers, booleans, `Atom` and `Tuple`.
 *
 * The result is the caller's own: terms are written one behind the other into a slab, and no byte
 * of a slab is written twice.
 */
import { Atom, atomOf, FlatMap, Tuple } from './terms.mjs'

const FastBuffer = Buffer[Symbol.species]
const SLAB_BYTES = 1 << 16
/** Shorter strings are written faster by a loop than by a call out of JavaScript. */
const LOOP_CHARACTERS = 48

const TRUE = atomOf('true')
const FALSE = atomOf('false')

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
let doubles = new DataView(slab.buffer)
let start = 0
let at = 0

/** Makes room for `size` bytes; what this term has written so far moves along. */
function reserve(size) {
  if (at + size <= slab.length) return
  const written = at - start
  const grown = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, (written + size) * 2))
  slab.copy(grown, 0, start, at)
  slab = grown
  doubles = new DataView(slab.buffer)
  start = 0
  at = written
}

function tagged(tag, value) {
  reserve(5)
  slab[at] = tag
  slab[at + 1] = value >>> 24
  slab[at + 2] = value >>> 16
  slab[at + 3] = value >>> 8
  slab[at + 4] = value
  at += 5
}

function putLength(where, value) {
  slab[where] = value >>> 24
  slab[where + 1] = value >>> 16
  slab[where + 2] = value >>> 8
  slab[where + 3] = value
}

function atom(value) {
  const { etf } = value
  reserve(etf.length)
  for (let k = 0; k < etf.length; k++) slab[at + k] = etf[k]
  at += etf.length
}

/** The bytes that a short ASCII string took at `at + 5`, or -1 when it holds another character. */
function putAscii(value) {
  const to = at + 5
  for (let k = 0; k < value.length; k++) {
    const code = value.charCodeAt(k)
    if (code > 127) return -1
    slab[to + k] = code
  }
  return value.length
}

function text(value) {
  reserve(5 + value.length * 3)
  let size = value.length < LOOP_CHARACTERS ? putAscii(value) : -1
  if (size < 0) size = slab.utf8Write(value, at + 5, slab.length - at - 5)
  slab[at] = 109
  putLength(at + 1, size)
  at += 5 + size
}

function binary(value) {
  tagged(109, value.length)
  reserve(value.length)
  slab.set(value, at)
  at += value.length
}

function wideInteger(value) {
  reserve(11)
  let rest = Math.abs(value)
  let size = 0
  for (; rest > 0; size++) {
    slab[at + 3 + size] = rest % 256
    rest = Math.floor(rest / 256)
  }
  slab[at] = 110
  slab[at + 1] = size
  slab[at + 2] = value < 0 ? 1 : 0
  at += 3 + size
}

function number(value) {
  if ((value | 0) !== value) {
    if (Number.isSafeInteger(value)) return wideInteger(value)
    reserve(9)
    slab[at] = 70
    doubles.setFloat64(at + 1, value)
    at += 9
  } else if (value >= 0 && value < 256) {
    reserve(2)
    slab[at] = 97
    slab[at + 1] = value
    at += 2
  } else tagged(98, value)
}

function tuple({ elements }) {
  if (elements.length < 256) {
    reserve(2)
    slab[at] = 104
    slab[at + 1] = elements.length
    at += 2
  } else tagged(105, elements.length)
  for (let k = 0; k < elements.length; k++) term(elements[k])
}

function list(values) {
  if (values.length > 0) {
    tagged(108, values.length)
    for (let k = 0; k < values.length; k++) term(values[k])
  }
  reserve(1)
  slab[at++] = 106
}

function flatMap({ entries }) {
  tagged(116, entries.length / 2)
  for (let k = 0; k < entries.length; k++) term(entries[k])
}

function map(entries) {
  tagged(116, entries.size)
  for (const [key, value] of entries) {
    term(key)
    term(value)
  }
}

/** for-in, because V8 then reads each value from the place the key came from, without a look-up. */
function object(entries) {
  tagged(116, 0)
  const head = at - start
  let size = 0
  for (const key in entries) {
    text(key)
    term(entries[key])
    size++
  }
  putLength(start + head - 4, size)
}

function reference(value) {
  switch (Object.getPrototypeOf(value)) {
    case Object.prototype:
      return object(value)
    case Array.prototype:
      return list(value)
    case Tuple.prototype:
      return tuple(value)
    case Atom.prototype:
      return atom(value)
    case Buffer.prototype:
    case FastBuffer.prototype:
      return binary(value)
    case FlatMap.prototype:
      return flatMap(value)
    case Map.prototype:
      return map(value)
    default:
      throw new TypeError(`no Erlang form for a ${value.constructor.name}`)
  }
}

function term(value) {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      return number(value)
    case 'boolean':
      return atom(value ? TRUE : FALSE)
    case 'object':
      return reference(value)
    default:
      throw new TypeError(`no Erlang form for a ${typeof value}`)
  }
}

export function encode(value) {
  start = at
  reserve(1)
  slab[at++] = 131
  term(value)
  return new FastBuffer(slab.buffer, start, at - start)
}
