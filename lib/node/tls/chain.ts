import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

/** What is wrong with the chain of a peer whose certificate is trusted: it may be too long. */
export function chainFault(socket: TLSSocket, depth: number | undefined): string | undefined {
  if (depth === undefined) return undefined
  const between = certificatesBetween(socket)
  if (between <= depth) return undefined
  return `${between} certificates stand between it and its authority, more than depth ${depth}`
}

function certificatesBetween(socket: TLSSocket): number {
  let count = 0
  let at: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (at?.issuerCertificate !== undefined && at.issuerCertificate !== at) {
    count += 1
    at = at.issuerCertificate
  }
  return Math.max(0, count - 1)
}
