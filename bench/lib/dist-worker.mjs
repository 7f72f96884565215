/**
 * Runs one JavaScript adapter in a process of its own: `node dist-worker.mjs URL CONTEXT`.
 * stdin: `CASE MS` per line; answers each with one line of JSON. See adapters/README.md.
 */
import { createInterface } from 'node:readline'
import { watched } from './loop-delay.mjs'
import { SCALE_OPERATIONS } from './scale-operations.mjs'

const adapter = await import(process.argv[2])
const client = await adapter.connect(JSON.parse(process.argv[3]))

const SIZES = { 100: 100, '64k': 65536 }
const CALLERS = 64
const SENDS_PER_TURN = 64
const MAX_LATENCIES = 1 << 20
const MAX_BATCH = 20_000
const BATCH_BYTES = 1 << 25

const small = Buffer.alloc(SIZES[100], 'x')
const large = Buffer.alloc(SIZES['64k'], 'x')
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

function needWhole(reply) {
  if (reply.length !== small.length) throw new Error(`bad reply of ${reply.length} bytes`)
}

const rate = (n, start) => ({ ops: (n * 1000) / (performance.now() - start), n })

async function latency(step, ms) {
  const latencies = []
  const start = performance.now()
  let last = start
  do {
    needWhole(await step(small))
    const now = performance.now()
    latencies.push((now - last) * 1000)
    last = now
  } while (last - start < ms && latencies.length < MAX_LATENCIES)
  const sorted = Float64Array.from(latencies).sort()
  const n = sorted.length
  const p50 = sorted[n >> 1]
  const p99 = sorted[Math.floor(n * 0.99)]
  return { p50, p99, ops: (n * 1000) / (last - start), n }
}

async function together(step, ms) {
  const start = performance.now()
  let n = 0
  const caller = async () => {
    do {
      needWhole(await step(small))
      n++
    } while (performance.now() - start < ms)
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return rate(n, start)
}

async function into(payload, ms) {
  const start = performance.now()
  let n = 0
  do {
    for (let k = 0; k < SENDS_PER_TURN; k++) {
      const wait = client.send(payload)
      n++
      if (wait) await wait
    }
    await nextTurn()
  } while (performance.now() - start < ms)
  const got = await client.sunk()
  if (got !== n) throw new Error(`sink counted ${got} of ${n}`)
  return rate(n, start)
}

async function outOf(size, ms) {
  const batch = Math.min(MAX_BATCH, BATCH_BYTES / size)
  const start = performance.now()
  let n = 0
  do {
    const got = await client.source(batch, size)
    if (got !== batch) throw new Error(`source gave ${got} of ${batch}`)
    n += got
  } while (performance.now() - start < ms)
  return rate(n, start)
}

const callOut = (method) => (mode, ms) =>
  (mode === '1' ? latency : together)((payload) => client[method](payload), ms)

/** Per operation: the client's method that it needs, and how it is measured. */
const OPERATIONS = {
  rpc: { needs: 'rpc', run: callOut('rpc') },
  gs: { needs: 'call', run: callOut('call') },
  echo: { needs: 'echo', run: callOut('echo') },
  in: { needs: 'send', run: (mode, ms) => into(mode === '100' ? small : large, ms) },
  out: { needs: 'source', run: (mode, ms) => watched(() => outOf(SIZES[mode], ms)) },
  called: { needs: 'called', run: (mode, ms) => client.called(Number(mode), ms) },
  served: { needs: 'served', run: (mode, ms) => client.served(Number(mode), ms) },
}

function ofScale(name, ms) {
  const { needs, run } = SCALE_OPERATIONS[name]
  return client[needs] === undefined ? { skip: 'not offered' } : run(client, ms)
}

async function answer(name, ms) {
  if (SCALE_OPERATIONS[name] !== undefined) return ofScale(name, ms)
  const [operation, mode] = name.split('_')
  const found = OPERATIONS[operation]
  if (client[found?.needs] === undefined) return { skip: 'not offered' }
  return found.run(mode, ms)
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ms] = line.split(' ')
  try {
    console.log(JSON.stringify(await answer(name, Number(ms))))
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }))
  }
}
await client.close()
process.exit(0)
