/**
 * Prints how long decoding and encoding lists of rows take, by the bytes that they have as ETF.
 * Usage: node sizes.mjs MS CONTEXT.
 */
import { decode, encode } from 'beamlink'
import { native } from '../codecs/beamlink.mjs'
import { elixirRows } from '../lib/elixir-row.mjs'
import { etf } from '../lib/reference-etf.mjs'

const ms = Number(process.argv[2])
const SMALLEST = 1 << 10
const LARGEST = 1 << 26
const FACTOR = 4
const WARM_BYTES = 1 << 14
const SAMPLES = 5
/** Different rows, over and over: so many would take longer to make than to measure. */
const POOL = 200

const kept = {}
const terms = elixirRows(POOL).items
const pool = terms.map((term) => ({ bytes: etf(term).subarray(1), value: native(term) }))

/** A list of rows that takes about so many bytes. */
function listOf(size) {
  const chosen = []
  let bytes = 0
  for (let k = 0; bytes < size; k++) {
    const row = pool[k % POOL]
    chosen.push(row)
    bytes += row.bytes.length
  }
  const head = Buffer.from([131, 108, 0, 0, 0, 0])
  head.writeUInt32BE(chosen.length, 2)
  return {
    bytes: Buffer.concat([head, ...chosen.map((row) => row.bytes), Buffer.from([106])]),
    value: chosen.map((row) => row.value),
  }
}

function repeat(step, count) {
  const start = performance.now()
  for (let k = 0; k < count; k++) kept.value = step()
  return (performance.now() - start) / count
}

/**
 * Milliseconds for one: the least of samples that each last long enough to be measured. It is the one
 * that other work on the machine has lengthened least, and here curves count and not their height.
 */
function timeOf(step) {
  const once = repeat(step, 1)
  const count = Math.max(1, Math.ceil(ms / SAMPLES / once))
  repeat(step, count)
  return Math.min(...Array.from({ length: SAMPLES }, () => repeat(step, count)))
}

/** The smallest come first, and must not pay for the compiler. */
function warmUp() {
  const { bytes, value } = listOf(WARM_BYTES)
  timeOf(() => decode(bytes))
  timeOf(() => encode(value))
}

warmUp()
const rows = []
for (let size = SMALLEST; size <= LARGEST; size *= FACTOR) {
  const { bytes, value } = listOf(size)
  const decodeMs = timeOf(() => decode(bytes))
  const encodeMs = timeOf(() => encode(value))
  if (!encode(value).equals(bytes)) throw new Error(`${size}: encoded to other bytes`)
  rows.push({ bytes: bytes.length, decodeMs, encodeMs })
}
console.log(JSON.stringify({ rows }))
