/**
 * Makes COUNT processes that are linked to one Erlang process, and prints how long that took, what
 * each has in memory, and how long it took to end them all when the connection went.
 * Usage: node --expose-gc linked.mjs COUNT CONTEXT.
 */
import { ErlangNode } from 'beamlink'

const count = Number(process.argv[2])
const { self, peer, cookie } = JSON.parse(process.argv[3])
const WARM_UP = 20_000
const TIMEOUT_MS = 60_000

const node = await ErlangNode.start({ name: self, cookie })
const ask = (name, ...args) =>
  node.rpc(peer, 'bench_processes', name, args, { timeoutMs: TIMEOUT_MS })

function memory() {
  global.gc()
  global.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapUsed, external, rss }
}

/** Milliseconds until the calls had returned, and until the peer had all the links. */
async function make(processes, wanted) {
  const holder = await ask('holder')
  const start = performance.now()
  for (let i = 0; i < wanted; i++) {
    const one = node.spawn()
    one.link(holder)
    processes.push(one)
  }
  const made = performance.now() - start
  await ask('linked', holder, wanted)
  return { made, linked: performance.now() - start }
}

/** Milliseconds from the loss of the connection until no process was left. */
async function lose(processes) {
  const parted = new Promise((resolve) => node.once('nodedown', resolve))
  const ends = Promise.all(processes.slice(-1).map((one) => one.whenEnded))
  const start = performance.now()
  await node.disconnect(peer)
  await parted
  await ends
  const lost = performance.now() - start
  const alive = processes.filter((one) => one.isAlive).length
  if (alive > 0) throw new Error(`${alive} processes have outlived their links`)
  return lost
}

const warm = []
await make(warm, WARM_UP)
await lose(warm)
warm.length = 0
await ask('holder')

const before = memory()
const processes = []
const { made, linked } = await make(processes, count)
const after = memory()
const grown = (key) => (after[key] - before[key]) / count
const bytes = { heap: grown('heapUsed'), external: grown('external'), rss: grown('rss') }
const lost = await lose(processes)
console.log(JSON.stringify({ made, linked, bytes, lost }))
await node.stop()
