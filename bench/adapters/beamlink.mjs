/** beamlink: a node with one process whose handler takes all that the peer sends to it. */
import { atom, ErlangNode, encode, RawTerm, Tuple, tuple } from 'beamlink'
import { native } from '../codecs/beamlink.mjs'
import { elixirRow, elixirRows } from '../lib/elixir-row.mjs'
import { etf } from '../lib/reference-etf.mjs'

const DATA = atom('data')
const DONE = atom('done')
const TERM = atom('term')
const LARGE_BYTES = 16 << 20
const LARGE_TIMEOUT_MS = 60_000

/** Hands echoes to their waiters in order, counts `{data, _}`, ends on `{source_done, _}`. */
function startInbox(node) {
  const waiting = []
  let received = 0
  const process = node.register('bench_inbox', (message) => {
    if (!(message instanceof Tuple)) waiting.shift()(message)
    else if (message.elements[0] === DATA) received++
    else waiting.shift()(message.elements[1])
  })
  return {
    pid: process.pid,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    takeReceived() {
      const count = received
      received = 0
      return count
    },
  }
}

/** The methods of the part `scale`. */
function scaleClient(node, { self, peer }, { sink, source, inbox }) {
  const row = native(elixirRow())
  const ask = (name, ...args) =>
    node.rpc(peer, 'bench_scale', name, args, { timeoutMs: LARGE_TIMEOUT_MS })
  let pids
  let large
  return {
    sendRow: () => node.send(sink, tuple(DATA, row)),
    async sourceRows(count) {
      inbox.takeReceived()
      node.send(source, tuple(inbox.pid, count, tuple(TERM, row)))
      await inbox.next()
      return inbox.takeReceived()
    },
    async fanTo(count) {
      pids ??= await ask('fan_to', atom(self), count)
    },
    /** The last promise stands for all: it waits for those before it. */
    async fan(isRaw) {
      const term = isRaw ? new RawTerm(encode(row).subarray(1)) : row
      let sent
      for (let k = 0; k < pids.length; k++) sent = node.send(pids[k], term)
      await sent
    },
    fanned: (count) => ask('fanned', atom(self), count),
    async largeTerm() {
      large ??= native(elixirRows(Math.ceil(LARGE_BYTES / etf(elixirRow()).length)))
      const options = { timeoutMs: LARGE_TIMEOUT_MS }
      const back = await node.rpc(peer, 'bench_peer', 'echo', [large], options)
      if (back.length !== large.length) throw new Error(`${back.length} of ${large.length} rows`)
      return LARGE_BYTES
    },
  }
}

export async function connect({ self, peer, cookie }) {
  const node = await ErlangNode.start({ name: self, cookie })
  node.expose('bench_target', { echo: (payload) => payload })
  node.serve('bench_served', { call: (request) => request })
  await node.connect(peer)
  const inbox = startInbox(node)
  const named = (name) => ({ name, node: peer })
  const [gs, echo, sink, source] = ['gs', 'echo', 'sink', 'source'].map((name) =>
    named(`bench_${name}`),
  )

  /** Has the peer call us for a while, and tell what it measured. */
  async function callsOf(how, target, callers, ms) {
    const request = [...target, callers, ms * 1_000_000]
    const answer = await node.rpc(peer, 'bench_peer', how, request, { timeoutMs: ms + 10_000 })
    const figures = answer.elements
    const [ops, n] = figures.slice(-2)
    return callers === 1 ? { p50: figures[0], p99: figures[1], ops, n } : { ops, n }
  }

  return {
    ...scaleClient(node, { self, peer }, { sink, source, inbox }),
    rpc: (payload) => node.rpc(peer, 'bench_peer', 'echo', [payload]),
    call: (payload) => node.call(gs, payload),
    echo(payload) {
      node.send(echo, tuple(inbox.pid, payload))
      return inbox.next()
    },
    send: (payload) => node.send(sink, tuple(DATA, payload)),
    sunk() {
      node.send(sink, tuple(inbox.pid, DONE))
      return inbox.next()
    },
    async source(count, size) {
      inbox.takeReceived()
      node.send(source, tuple(inbox.pid, count, size))
      await inbox.next()
      return inbox.takeReceived()
    },
    called: (callers, ms) =>
      callsOf('call_back', [atom(self), atom('bench_target'), atom('echo')], callers, ms),
    served: (callers, ms) =>
      callsOf('call_server', [atom(self), atom('bench_served')], callers, ms),
    close: () => node.stop(),
  }
}
