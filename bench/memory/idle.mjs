/**
 * Prints the memory of a process that does nothing: `bare` Node, with beamlink `loaded`, with a
 * `node` that listens, is known to epmd and has one peer. Usage: node idle.mjs STATE CONTEXT.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { processMemory } from './process-memory.mjs'

/** Long enough for what start-up left to the next turns and to helper threads. */
const SETTLE_MS = 500

const state = process.argv[2]
const { self, peer, cookie } = JSON.parse(process.argv[3])

let node
if (state !== 'bare') {
  const { ErlangNode } = await import('beamlink')
  if (state === 'node') {
    node = await ErlangNode.start({ name: self, cookie })
    await node.connect(peer)
  }
}
await delay(SETTLE_MS)
console.log(JSON.stringify(processMemory()))
await node?.stop()
