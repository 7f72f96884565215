/**
 * Prints how many events of 60 headers a second an event host delivers to SUBSCRIBERS handlers at one
 * Erlang node, FILTERS filters each, in rounds of MS milliseconds; and the memory it takes.
 * Usage: node --expose-gc events.mjs SUBSCRIBERS FILTERS MS ROUNDS CONTEXT.
 */
import { atom } from 'beamlink'
import { processMemory } from '../memory/process-memory.mjs'
import { channelHeaders } from './channel-headers.mjs'
import { startSwitch } from './switch.mjs'

const [subscribers, filters, ms, rounds] = process.argv.slice(2, 6).map(Number)
const connection = JSON.parse(process.argv[6])
const { peer } = connection
const EVENT = 'CHANNEL_ANSWER'
/** Deliveries between two looks at how far the other side is, two of which are under way. */
const BATCH = 4000
const WAIT_MS = 60_000

const { node, host } = await startSwitch(connection, { eventHandlers: 'many' })
// Each passes, after a look at its header.
const list = Array.from({ length: filters }, (_, at) =>
  atom(`Caller-Context ${at % 2 ? '+' : ''}default`),
)
await node.rpc(peer, 'bench_freeswitch', 'handlers', [
  atom(node.name),
  subscribers,
  atom(EVENT),
  list,
])

let emitted = 0
const headers = channelHeaders()

function emitBatch() {
  for (let k = 0; k < BATCH; k += subscribers) {
    host.emit({ name: EVENT, headers })
    emitted += 1
  }
  return node.rpc(peer, 'bench_freeswitch', 'delivered', [emitted * subscribers], {
    timeoutMs: WAIT_MS,
  })
}

/** Deliveries a second over so many milliseconds. */
async function measure(spanMs) {
  const before = emitted
  const start = performance.now()
  let earlier = emitBatch()
  while (performance.now() - start < spanMs) {
    const later = emitBatch()
    await earlier
    earlier = later
  }
  await earlier
  return ((emitted - before) * subscribers * 1000) / (performance.now() - start)
}

/** MiB that the process has, and what of that JavaScript still holds. */
function settledMemory() {
  global.gc()
  const { heapUsed, external } = process.memoryUsage()
  return { resident: processMemory().resident, held: (heapUsed + external) / 2 ** 20 }
}

await measure(ms)
const samples = []
const memory = []
const held = []
for (let round = 0; round < rounds; round++) {
  samples.push(await measure(ms))
  const settled = settledMemory()
  memory.push(settled.resident)
  held.push(settled.held)
}
console.log(JSON.stringify({ subscribers, filters, samples, memory, held }))
host.close()
await node.stop()
