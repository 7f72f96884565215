/**
 * Prints how many bytes of V8's heap each operation takes, garbage included. Run with a young
 * generation so large that nothing is collected while it is measured: see index.mjs.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { decode, ErlangNode, encode } from 'beamlink'
import { native } from '../codecs/beamlink.mjs'
import { corpora } from '../lib/corpora.mjs'
import { freePort } from '../lib/free-port.mjs'
import { etf } from '../lib/reference-etf.mjs'

const CODEC_CORPORA = ['rpc_reply', 'fs_event', 'elixir_rows']
/** Enough for V8 to have compiled for good: optimised code takes less than what it began with. */
const WARM_MS = 700
/** The least of so many counts: what the machine does meanwhile can only add turns of the loop. */
const COUNTS = 5
const CODEC_TIMES = 1000
const CALLS = 2000
const MESSAGES = 20_000

let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

async function countOnce(times, run) {
  global.gc()
  await delay(10)
  collections = 0
  const before = process.memoryUsage().heapUsed
  await run(times)
  const after = process.memoryUsage().heapUsed
  await delay(10)
  if (collections > 0) throw new Error('garbage was collected meanwhile')
  return (after - before) / times
}

/** Bytes for each of `times`; `run(times)` may be asynchronous. */
async function bytesFor(times, run) {
  for (const start = performance.now(); performance.now() - start < WARM_MS; ) await run(times)
  const counts = []
  for (let k = 0; k < COUNTS; k++) counts.push(await countOnce(times, run))
  return Math.min(...counts)
}

const kept = {}

async function codecFigures(figures) {
  for (const name of CODEC_CORPORA) {
    const term = corpora[name]()
    const [bytes, value] = [etf(term), native(term)]
    const steps = { decode: () => decode(bytes), encode: () => encode(value) }
    for (const [operation, step] of Object.entries(steps)) {
      figures[`bytes to ${operation} ${name}`] = await bytesFor(CODEC_TIMES, (times) => {
        for (let k = 0; k < times; k++) kept.value = step()
      })
    }
  }
}

/** Two nodes of one process: both sides count. */
async function nodeFigures(figures) {
  process.env.ERL_EPMD_PORT = String(await freePort())
  const [ours, theirs] = await Promise.all(
    ['ours', 'theirs'].map((name) =>
      ErlangNode.start({ name: `${name}@127.0.0.1`, cookie: 'guard', epmd: 'embedded' }),
    ),
  )
  theirs.expose('guard', { echo: (value) => value })
  let arrived
  let awaited = 0
  theirs.register('sink', () => {
    if (--awaited === 0) arrived()
  })
  const payload = Buffer.alloc(100, 'x')
  figures['bytes for a call'] = await bytesFor(CALLS, async (times) => {
    for (let k = 0; k < times; k++) await ours.rpc(theirs.name, 'guard', 'echo', [payload])
  })
  const sink = { name: 'sink', node: theirs.name }
  figures['bytes for a message'] = await bytesFor(MESSAGES, async (times) => {
    awaited = times
    const all = new Promise((resolve) => {
      arrived = resolve
    })
    for (let k = 0; k < times; k++) ours.send(sink, payload)
    await all
  })
  await Promise.all([ours.stop(), theirs.stop()])
}

const figures = {}
await codecFigures(figures)
await nodeFigures(figures)
console.log(JSON.stringify(figures))
