/** A switch of a benchmark: an event host with one command, and a gen_server that does the same. */
import { atom, charlist, ErlangNode, tuple } from 'beamlink'
import { EventHost } from 'beamlink/freeswitch'

export async function startSwitch({ self, cookie }, options = {}) {
  const node = await ErlangNode.start({ name: self, cookie })
  const host = new EventHost(node, options)
  host.api('echo', (args) => args)
  node.serve('bench_echo', { call: (request) => tuple(atom('ok'), charlist(textOf(request[2]))) })
  return { node, host }
}

const textOf = (bytes) => String.fromCharCode(...bytes)
