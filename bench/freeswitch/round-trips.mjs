/**
 * Prints microseconds of a round trip, from an Erlang node: `{api, echo, "x"}` to an event host, and
 * the same as gen_server:call to a gen_server beside it, in turns. Usage: node round-trips.mjs
 * COUNT ROUNDS CONTEXT.
 */
import { atom } from 'beamlink'
import { startSwitch } from './switch.mjs'

const [count, rounds] = process.argv.slice(2, 4).map(Number)
const connection = JSON.parse(process.argv[4])
const WAIT_MS = 60_000

const { node, host } = await startSwitch(connection)

async function measure(kind) {
  const args = [atom(node.name), count]
  const took = await node.rpc(connection.peer, 'bench_freeswitch', kind, args, {
    timeoutMs: WAIT_MS,
  })
  return Number(took) / 1000 / count
}

const samples = { api: [], call: [] }
for (let round = -1; round < rounds; round++) {
  for (const kind of ['api', 'call']) {
    const microseconds = await measure(kind)
    if (round >= 0) samples[kind].push(microseconds)
  }
}
console.log(JSON.stringify(samples))
host.close()
await node.stop()
