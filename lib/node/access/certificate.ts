import type { PeerCertificate } from 'node:tls'

/** What a trusted certificate says, in the words of `node:tls`. */
export interface CallerCertificate {
  /** Whose it is: `CN`, `O`, `OU`, … Several of a kind are an array. */
  readonly subject: Readonly<Record<string, string | readonly string[]>>
  /** Who has signed it, likewise. */
  readonly issuer: Readonly<Record<string, string | readonly string[]>>
  /** The other names it is for, such as `DNS:shop.example.org, IP Address:10.0.0.7`; empty for none. */
  readonly subjectAltName: string
  /** SHA-256 of all of it: `AB:CD:…`. */
  readonly fingerprint256: string
  /** Unique among those of its issuer; in hexadecimal. */
  readonly serialNumber: string
}

/** Undefined where the peer has shown none. */
export function readCertificate(
  certificate: PeerCertificate | undefined,
): CallerCertificate | undefined {
  if (certificate === undefined || Object.keys(certificate).length === 0) return undefined
  const { subject, issuer, subjectaltname = '', fingerprint256, serialNumber } = certificate
  return {
    subject: { ...subject } as CallerCertificate['subject'],
    issuer: { ...issuer } as CallerCertificate['issuer'],
    subjectAltName: subjectaltname,
    fingerprint256,
    serialNumber,
  }
}
