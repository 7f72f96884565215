/** beamlink: a node with one process whose handler takes all that the peer sends to it. */
import { atom, ErlangNode, Tuple, tuple } from 'beamlink'
import { scaleClient } from '../lib/scale-client.mjs'

const DATA = atom('data')
const DONE = atom('done')

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

/** Has the peer call us for a while, and tell what it measured. */
const caller = (node, peer) => async (how, target, callers, ms) => {
  const request = [...target, callers, ms * 1_000_000]
  const answer = await node.rpc(peer, 'bench_peer', how, request, { timeoutMs: ms + 10_000 })
  const figures = answer.elements
  const [ops, n] = figures.slice(-2)
  return callers === 1 ? { p50: figures[0], p99: figures[1], ops, n } : { ops, n }
}

export async function connect({ self, peer, cookie, optfile }) {
  const tls = optfile === undefined ? {} : { tls: { optfile } }
  const node = await ErlangNode.start({ name: self, cookie, ...tls })
  node.expose('bench_target', { echo: (payload) => payload })
  node.serve('bench_served', { call: (request) => request })
  await node.connect(peer)
  const inbox = startInbox(node)
  const called = caller(node, peer)
  const named = (name) => ({ name: `bench_${name}`, node: peer })
  const [gs, echo, sink, source] = ['gs', 'echo', 'sink', 'source'].map(named)

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
      called('call_back', [atom(self), atom('bench_target'), atom('echo')], callers, ms),
    served: (callers, ms) => called('call_server', [atom(self), atom('bench_served')], callers, ms),
    close: () => node.stop(),
  }
}
