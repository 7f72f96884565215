/**
 * Prints microseconds of a round trip, from JavaScript: `api` of the client to an event host in
 * another process, and `call` to a gen_server beside it, in turns. Usage: node client.mjs COUNT
 * ROUNDS CONTEXT, the context naming the host as `peer`.
 */
import { atom, charlist, ErlangNode, tuple } from 'beamlink'
import { FreeSwitch } from 'beamlink/freeswitch'

const [count, rounds] = process.argv.slice(2, 4).map(Number)
const { self, peer, cookie } = JSON.parse(process.argv[4])

const node = await ErlangNode.start({ name: self, cookie })
const client = new FreeSwitch(node, peer)
const request = tuple(atom('api'), atom('echo'), charlist('x'))
const kinds = {
  api: () => client.api('echo', 'x'),
  call: () => node.call({ name: 'bench_echo', node: peer }, request),
}

async function measure(ask) {
  const start = performance.now()
  for (let k = 0; k < count; k++) await ask()
  return ((performance.now() - start) * 1000) / count
}

const samples = { api: [], call: [] }
for (let round = -1; round < rounds; round++) {
  for (const [kind, ask] of Object.entries(kinds)) {
    const microseconds = await measure(ask)
    if (round >= 0) samples[kind].push(microseconds)
  }
}
console.log(JSON.stringify(samples))
await client.close()
await node.stop()
