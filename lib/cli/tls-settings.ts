import type { TlsOptions } from '../index.js'
import { UsageError } from './usage-error.js'

/** The options of TLS, as they were written. */
export interface GivenTls {
  readonly tls?: boolean | undefined
  readonly tlsKey?: string | undefined
  readonly tlsCert?: string | undefined
  readonly tlsCa?: string | undefined
  readonly tlsOptfile?: string | undefined
  readonly tlsVerify?: string | undefined
  readonly tlsCheckName?: boolean | undefined
  readonly tlsMinVersion?: string | undefined
}

/**
 * The option `tls` of the node; undefined for none. Any of the options turns TLS on; `--no-tls` turns
 * off what the environment asks for.
 *
 * Errors: UsageError. What the values must be, the node says.
 */
export function resolveTlsSettings(
  given: GivenTls,
  env: NodeJS.ProcessEnv,
): TlsOptions | undefined {
  if (given.tls === false) return undefined
  const written = {
    key: given.tlsKey,
    cert: given.tlsCert,
    ca: given.tlsCa,
    verify: given.tlsVerify,
    checkName: given.tlsCheckName,
    minVersion: given.tlsMinVersion,
  }
  const options = Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== undefined),
  ) as TlsOptions
  const isWritten = Object.keys(options).length > 0
  if (given.tlsOptfile !== undefined && isWritten) {
    throw new UsageError(
      '--tls-optfile says all there is to say; leave out the other options of TLS',
    )
  }
  const passphrase = env.BEAMLINK_TLS_PASSPHRASE
  if (isWritten) return passphrase ? { ...options, passphrase } : options
  const optfile = given.tlsOptfile ?? env.BEAMLINK_TLS_OPTFILE
  if (optfile) return { optfile }
  if (given.tls !== true) return undefined
  throw new UsageError(
    '--tls needs --tls-ca, and --tls-key with --tls-cert where peers ask for a certificate; or --tls-optfile',
  )
}
