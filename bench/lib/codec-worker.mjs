/**
 * Runs one JavaScript codec in a process of its own: `node codec-worker.mjs URL`.
 * stdin: `OPERATION CORPUS MS` per line; answers each with one line of JSON.
 */
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { corpora } from './corpora.mjs'
import { etf } from './reference-etf.mjs'
import { plain } from './term.mjs'

const module = await import(process.argv[2])
const codec = await module.load()
const isEtf = module.isEtf ?? true

const CALIBRATION_MS = 0.5
/** The last result is held, so that no step can be optimised away. */
const kept = {}

let held = { name: undefined }

/** Holds one corpus at a time. */
function load(name) {
  if (held.name !== name) {
    const term = corpora[name]()
    held = { name, term, native: codec.native(term), bytes: (codec.bytes ?? etf)(term) }
  }
  return held
}

function repeat(step, count) {
  for (let k = 0; k < count; k++) kept.value = step()
}

/** How many steps take about half a millisecond, so that reading the clock costs nothing. */
function batchOf(step) {
  for (let batch = 1; ; batch *= 2) {
    const start = performance.now()
    repeat(step, batch)
    if (performance.now() - start >= CALIBRATION_MS) return batch
  }
}

function measure(step, ms) {
  const batch = batchOf(step)
  const start = performance.now()
  let count = 0
  do {
    repeat(step, batch)
    count += batch
  } while (performance.now() - start < ms)
  return { ns: ((performance.now() - start) * 1e6) / count, count }
}

function checkEncode(term, native) {
  // A codec that measures a part of encoding shows by the whole that the part is right.
  const got = (codec.encodeWhole ?? codec.encode)(native)
  if (!isEtf) return { encode: 'not ETF', bytes: got.length }
  const want = etf(term)
  if (want.equals(Buffer.from(got))) return { encode: 'same bytes', bytes: got.length }
  if (got.length === want.length) {
    return { encode: 'same length, other tags', bytes: got.length }
  }
  return { encode: `other bytes (${got.length} for ${want.length})`, bytes: got.length }
}

function checkDecode(term, bytes) {
  const same = isDeepStrictEqual(codec.plain(codec.decode(bytes)), plain(term))
  return { decode: same ? 'same value' : 'other value' }
}

function orFailure(operation, check) {
  try {
    return check()
  } catch (error) {
    return { [operation]: `fails: ${error.message}` }
  }
}

function check({ term, native, bytes }) {
  return {
    note: codec.note,
    ...orFailure('encode', () => checkEncode(term, native)),
    ...orFailure('decode', () => checkDecode(term, bytes)),
  }
}

function answer(operation, name, ms) {
  const { native, bytes } = load(name)
  if (operation === 'check') return check(held)
  const step = operation === 'encode' ? () => codec.encode(native) : () => codec.decode(bytes)
  measure(step, ms / 3)
  return measure(step, ms)
}

for await (const line of createInterface({ input: process.stdin })) {
  const [operation, name, ms] = line.split(' ')
  try {
    console.log(JSON.stringify(answer(operation, name, Number(ms))))
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }))
  }
}
