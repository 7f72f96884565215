/**
 * An Erlang process sends COUNT messages to a process that sleeps, then reads them all and looks
 * whether each has come, in order. Prints what the memory of this process came to at most.
 * Usage: node flood.mjs COUNT LIMIT_BYTES CONTEXT.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ErlangNode } from 'beamlink'
import { processMemory } from '../memory/process-memory.mjs'

const count = Number(process.argv[2])
const maxQueuedBytes = Number(process.argv[3])
const { self, peer, cookie } = JSON.parse(process.argv[4])
const SLEEP_MS = 3000

const node = await ErlangNode.start({ name: self, cookie, maxQueuedBytes })
const sleeper = node.spawn()
await node.connect(peer)
const before = processMemory().resident
await node.rpc(peer, 'bench_processes', 'flood', [sleeper.pid, count])
await delay(SLEEP_MS)
const asleep = processMemory()
const waiting = sleeper.queueLength

const start = performance.now()
for (let expected = 1; expected <= count; expected++) {
  const { elements } = await sleeper.receive()
  if (elements[1] !== expected) throw new Error(`${elements[1]} came in place of ${expected}`)
}
const seconds = (performance.now() - start) / 1000
const { drops } = node.stats()
const dropped = Object.values(drops).reduce((sum, number) => sum + number, 0)
const { peak } = processMemory()
console.log(
  JSON.stringify({
    before,
    asleep: asleep.resident,
    waiting,
    peak,
    perSecond: count / seconds,
    dropped,
  }),
)
await node.stop()
