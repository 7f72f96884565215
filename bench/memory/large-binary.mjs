/**
 * Moves one large binary and prints what the process had in memory before and at most:
 * `out` to the peer, `in` from it, `both` by an rpc that gives it back.
 * Usage: node large-binary.mjs DIRECTION BYTES CONTEXT.
 */
import { atom, ErlangNode, tuple } from 'beamlink'
import { processMemory } from './process-memory.mjs'

const direction = process.argv[2]
const size = Number(process.argv[3])
const { self, peer, cookie } = JSON.parse(process.argv[4])
const TIMEOUT_MS = 60_000

const node = await ErlangNode.start({ name: self, cookie })

let arrived
const inbox = node.register('bench_inbox', (message) => arrived(message.elements))

const sendTo = (name, message) => node.send({ name, node: peer }, message)
/** Called before what it waits for is asked for. */
const nextMessage = () =>
  new Promise((resolve) => {
    arrived = resolve
  })

function need(bytes, fill) {
  const first = Buffer.alloc(1, fill)[0]
  if (bytes.length !== size || bytes[0] !== first || bytes[size - 1] !== first) {
    throw new Error(`${direction}: not the binary that was sent`)
  }
}

async function out() {
  const answer = nextMessage()
  await sendTo('bench_sink', tuple(atom('data'), Buffer.alloc(size, 'o')))
  await sendTo('bench_sink', tuple(inbox.pid, atom('done')))
  const [, count] = await answer
  if (count !== 1) throw new Error(`the sink counted ${count}`)
}

async function into() {
  const answer = nextMessage()
  await sendTo('bench_source', tuple(inbox.pid, 1, size))
  const [, bytes] = await answer
  need(bytes, 'x')
}

async function both() {
  const bytes = Buffer.alloc(size, 'b')
  need(await node.rpc(peer, 'bench_peer', 'echo', [bytes], { timeoutMs: TIMEOUT_MS }), 'b')
}

await node.connect(peer)
const before = processMemory()
await { out, in: into, both }[direction]()
console.log(JSON.stringify({ before: before.peak, peak: processMemory().peak }))
await node.stop()
