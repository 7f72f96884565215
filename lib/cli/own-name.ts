import { randomBytes } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'

const loopback = '127.0.0.1'

/** What of this machine names of nodes are made of. */
export interface Machine {
  readonly hostName: string
  /** Its address for others, if it has one. */
  readonly address: string | undefined
}

export function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const outer = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  return { hostName: hostname(), address: outer?.address }
}

/** As `erl_call -sname`: a peer without a host is one of this machine, with a short name. */
export function fullPeerName(peer: string, { hostName }: Machine): string {
  return peer.includes('@') ? peer : `${peer}@${shortName(hostName)}`
}

/**
 * The name under which a command talks to `peer`: one that no other has, with a host of the same kind,
 * since nodes with short and with long names do not connect. To peers on loopback it is their own host.
 */
export function ownName(peer: string, machine: Machine): string {
  const host = peer.slice(peer.indexOf('@') + 1)
  const unique = `beamlink_${process.pid}_${randomBytes(3).toString('hex')}`
  return `${unique}@${ownHost(host, machine)}`
}

function ownHost(peerHost: string, { hostName, address }: Machine): string {
  if (isLoopback(peerHost)) return peerHost
  if (!isLong(peerHost)) return shortName(hostName)
  return isLong(hostName) ? hostName : (address ?? loopback)
}

function isLong(host: string): boolean {
  return host.includes('.') || host.includes(':')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

function shortName(hostName: string): string {
  const [short = ''] = hostName.split('.')
  return short === '' ? 'localhost' : short
}
