import { isIP } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { type ConnectionOptions, checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import type { ClientSide } from './choice.js'
import { contextOptions } from './context.js'

/** A connection to a peer, on which TLS is being agreed. */
export function dialled(
  client: ClientSide,
  peer: string,
  address: string,
  port: number,
): TLSSocket {
  const host = client.serverName ?? peer.slice(peer.indexOf('@') + 1)
  const options: ConnectionOptions = {
    ...contextOptions(client),
    host: address,
    port,
    // Names of hosts only: addresses are not sent (RFC 6066).
    servername: isIP(host) === 0 ? host : '',
    rejectUnauthorized: client.verifies,
    checkServerIdentity: (_, certificate) =>
      client.checksName ? nameFault(host, certificate) : undefined,
  }
  return connect(options).setNoDelay(true)
}

/**
 * As `node:tls` has it, and as Erlang has it where they differ: an address that is the host of a node
 * may also stand among the DNS names of the certificate, which is where Erlang looks for it.
 */
function nameFault(host: string, certificate: PeerCertificate): Error | undefined {
  const fault = checkServerIdentity(host, certificate)
  if (fault === undefined || isIP(host) === 0) return fault
  const names = certificate.subjectaltname?.split(', ') ?? []
  return names.includes(`DNS:${host}`) ? undefined : fault
}
