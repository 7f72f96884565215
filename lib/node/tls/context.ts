import type { SecureContextOptions } from 'node:tls'
import type { Side } from './choice.js'

/** What OpenSSL is given. Without `ca` nobody is trusted, not even the authorities that Node brings. */
export function contextOptions(side: Side): SecureContextOptions {
  const { key, cert, ca, passphrase, ciphers, minVersion, maxVersion } = side
  return {
    minVersion,
    maxVersion,
    ca: ca ?? [],
    ...(key === undefined ? {} : { key }),
    ...(cert === undefined ? {} : { cert }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ciphers === undefined ? {} : { ciphers }),
  }
}
