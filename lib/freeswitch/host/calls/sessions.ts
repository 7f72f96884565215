import type { HostCore } from '../host-core.js'

/** `erlang sessions NODE`: the calls that are handled there. Undefined without a node. */
export function describeSessions(host: HostCore, peer: string | undefined): string | undefined {
  if (peer === undefined) return undefined
  const wanted = peer.toLowerCase()
  const known = [...host.listeners.keys()].find((name) => name.toLowerCase() === wanted)
  if (known === undefined) return `Could not find a listener for ${peer}\n`
  const lines = Array.from(
    host.calls.at(known),
    ({ call, state }) => `Outbound session for ${call.uuid} in state ${state}\n`,
  )
  return lines.join('') || `No active sessions for ${peer}\n`
}
