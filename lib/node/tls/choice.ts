/** What TLS is to be done with: plain values, which a thread can be given. */

export const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof tlsVersions)[number]

/** What both roles have. */
export interface Side {
  /** In PEM, as all of these. */
  readonly key: string | undefined
  readonly cert: string | undefined
  readonly ca: string | undefined
  readonly passphrase: string | undefined
  /** Whether the peer must show that it is trusted. */
  readonly verifies: boolean
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** OpenSSL's list. */
  readonly ciphers: string | undefined
  /** How many certificates may stand between the peer's and a trusted one. */
  readonly depth: number | undefined
}

export interface ServerSide extends Side {
  /** Whether a peer without a certificate is turned away. */
  readonly requiresCertificate: boolean
  readonly honorCipherOrder: boolean
}

export interface ClientSide extends Side {
  /** Whether the certificate of a peer must name the host of its node name. */
  readonly checksName: boolean
  /** In place of that host. */
  readonly serverName: string | undefined
}

export interface TlsChoice {
  /** Undefined for a node that does not listen and has no certificate. */
  readonly server: ServerSide | undefined
  readonly client: ClientSide
}
