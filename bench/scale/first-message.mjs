/**
 * Prints a line once it has got as far as STATE: `bare` Node, with beamlink `loaded`, or when a
 * message has been `delivered` and answered. Usage: node first-message.mjs STATE CONTEXT.
 */
const state = process.argv[2]
const { self, peer, cookie } = JSON.parse(process.argv[3])

async function deliver({ ErlangNode, tuple }) {
  const node = await ErlangNode.start({ name: self, cookie })
  const inbox = node.spawn()
  await node.send({ name: 'bench_echo', node: peer }, tuple(inbox.pid, 'hello'))
  await inbox.receive({ timeoutMs: 10_000 })
  return node
}

const beamlink = state === 'bare' ? undefined : await import('beamlink')
const node = state === 'delivered' ? await deliver(beamlink) : undefined
console.log(state)
await node?.stop()
