import { atom, encode, RawTerm, tuple } from 'beamlink'
import { native } from '../codecs/beamlink.mjs'
import { elixirRow, elixirRows } from './elixir-row.mjs'
import { etf } from './reference-etf.mjs'

const DATA = atom('data')
const TERM = atom('term')
const LARGE_BYTES = 16 << 20
const LARGE_TIMEOUT_MS = 60_000

/** beamlink's methods of the part `scale`. */
export function scaleClient(node, { self, peer }, { sink, source, inbox }) {
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
