/**
 * One node with COUNT peers: prints how many threads and how much memory they take, and how long it
 * takes to send MESSAGES to each of them and to get as many from each.
 * Usage: node --expose-gc many-peers.mjs COUNT MESSAGES ROUNDS CONTEXT.
 */
import { readFileSync } from 'node:fs'
import { atom, ErlangNode, tuple } from 'beamlink'
import { context } from '../lib/context.mjs'
import { LineProcess } from '../lib/line-process.mjs'
import { processMemory } from '../memory/process-memory.mjs'

const [count, messages, rounds] = process.argv.slice(2, 5).map(Number)
const { self, cookie } = JSON.parse(process.argv[5])
const SENDS_PER_TURN = 64
const WARM_MESSAGES = 50_000
const LIMIT_MS = 120_000
const PREFIX = 'small'

const threads = () =>
  Number(readFileSync('/proc/self/status', 'utf8').match(/^Threads:\s+(\d+)/m)[1])
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

function settledMemory() {
  global.gc()
  global.gc()
  return processMemory().resident
}

async function asked(line) {
  const answer = await peers.ask(line, LIMIT_MS)
  if (answer.error) throw new Error(`${line}: ${answer.error}`)
  return answer
}

const node = await ErlangNode.start({ name: self, cookie })
const data = tuple(atom('data'), Buffer.alloc(100, 'x'))
let received = 0
let expected = Number.POSITIVE_INFINITY
let arrived
node.register('bench_inbox', () => {
  received++
  if (received === expected) arrived()
})

async function sendToAll(each) {
  const answer = asked(`expect ${count * each}`)
  const start = performance.now()
  for (let k = 0; k < count * each; k++) {
    await node.send(sinks[k % count], data)
    if (k % SENDS_PER_TURN === 0) await nextTurn()
  }
  await answer
  return performance.now() - start
}

async function getFromAll(each) {
  received = 0
  expected = count * each
  const all = new Promise((resolve) => {
    arrived = resolve
  })
  const start = performance.now()
  await asked(`blast ${each}`)
  await all
  return performance.now() - start
}

/** Milliseconds of each round. */
async function measure(step) {
  await step(Math.ceil(WARM_MESSAGES / count))
  const samples = []
  for (let round = 0; round < rounds; round++) samples.push(await step(messages))
  return samples
}

const sinks = Array.from({ length: count }, (_, index) => ({
  name: 'bench_sink',
  node: `${PREFIX}${index}@127.0.0.1`,
}))
const before = { threads: threads(), resident: settledMemory() }
const peers = new LineProcess('peers', {
  cmd: context.build('peers'),
  args: [String(count), PREFIX, self, cookie],
})
const { ms } = await asked('connect')
while (node.peers.length < count) await nextTurn()
const after = { threads: threads(), resident: settledMemory() }
const outMs = await measure(sendToAll)
const inMs = await measure(getFromAll)
console.log(
  JSON.stringify({
    count,
    messages: count * messages,
    connectMs: ms,
    threadsBefore: before.threads,
    threads: Math.max(after.threads, threads()),
    bytesEach: ((after.resident - before.resident) * 2 ** 20) / count,
    outMs,
    inMs,
  }),
)
await peers.close()
await node.stop()
