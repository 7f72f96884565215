import { readFileSync } from 'node:fs'
import {
  checkBoolean,
  checkChoice,
  checkNames,
  checkObject,
  checkText,
} from '../../base/validate.js'
import { ErlangError, invalidArgument } from '../../errors.js'
import {
  type ClientSide,
  type ServerSide,
  type TlsChoice,
  type TlsVersion,
  tlsVersions,
} from './choice.js'
import { contextOptions } from './context.js'
import { type FileSide, readOptfile } from './optfile.js'

/** PEM, as text or bytes, or the name of a file with it. */
export type Pem = string | Uint8Array

/**
 * Distribution over TLS, as `erl -proto_dist inet_tls` has it. Both sides of a connection show a
 * certificate and check the other's, unless the options say otherwise.
 */
export interface TlsOptions {
  /** The private key. */
  readonly key?: Pem
  /** The certificate of this node, then those between it and its authority. */
  readonly cert?: Pem
  /** The authorities that peers are trusted by. There are no others. */
  readonly ca?: Pem
  /** Of an encrypted key. */
  readonly passphrase?: string
  /** `'none'` trusts every peer, which protects against listeners only, not against men in the middle. */
  readonly verify?: 'peer' | 'none'
  /** `false` lets peers in that show no certificate. True by default, unless `verify` is `'none'`. */
  readonly requireCertificate?: boolean
  /** `false` takes any trusted certificate for any peer that we dial, not only for its host. */
  readonly checkName?: boolean
  /** `'TLSv1.2'` by default. */
  readonly minVersion?: TlsVersion
  /** `'TLSv1.3'` by default. */
  readonly maxVersion?: TlsVersion
  /** In the form of OpenSSL. */
  readonly ciphers?: string
  /** In place of all others: a file as `erl -ssl_dist_optfile` takes it. */
  readonly optfile?: string
}

const names: readonly (keyof TlsOptions)[] = [
  'key',
  'cert',
  'ca',
  'passphrase',
  'verify',
  'requireCertificate',
  'checkName',
  'minVersion',
  'maxVersion',
  'ciphers',
  'optfile',
]

/**
 * Checks the options and reads the files.
 *
 * Errors: TypeError and RangeError that name the option; ERR_ERL_AUTH for a file that cannot be read or
 *         holds what OpenSSL cannot use.
 */
export function resolveTls(options: TlsOptions, listens: boolean): TlsChoice {
  checkNames('tls', checkObject('tls', options), names)
  const choice = options.optfile === undefined ? ofOptions(options) : ofOptfile(options, listens)
  checkUsable(choice, listens)
  return choice
}

function ofOptions(options: TlsOptions): TlsChoice {
  const verifies = checkChoice('tls.verify', options.verify ?? 'peer', ['peer', 'none']) === 'peer'
  const { requireCertificate, checkName } = options
  const side = {
    key: pem('tls.key', options.key),
    cert: pem('tls.cert', options.cert),
    ca: pem('tls.ca', options.ca),
    passphrase: optionalText('tls.passphrase', options.passphrase),
    verifies,
    minVersion: checkChoice('tls.minVersion', options.minVersion ?? 'TLSv1.2', tlsVersions),
    maxVersion: checkChoice('tls.maxVersion', options.maxVersion ?? 'TLSv1.3', tlsVersions),
    ciphers: optionalText('tls.ciphers', options.ciphers),
    depth: undefined,
  }
  const requires = requireCertificate ?? verifies
  return {
    server: {
      ...side,
      requiresCertificate: checkBoolean('tls.requireCertificate', requires),
      honorCipherOrder: true,
    },
    client: {
      ...side,
      checksName: checkBoolean('tls.checkName', checkName ?? verifies),
      serverName: undefined,
    },
  }
}

function ofOptfile(options: TlsOptions, listens: boolean): TlsChoice {
  const other = Object.keys(options).find((name) => name !== 'optfile')
  if (other !== undefined) {
    throw new TypeError(`tls.optfile says all there is to say; leave out tls.${other}`)
  }
  const file = checkText('tls.optfile', options.optfile)
  const { server, client } = readOptfile(file, fileText('tls.optfile', file))
  if (listens && server === undefined) {
    throw new TypeError(`${file} has no {server, …}, which a node that listens needs`)
  }
  if (client === undefined) throw new TypeError(`${file} has no {client, …}`)
  return { server: server && serverOf(server), client: clientOf(client) }
}

function commonOf(side: FileSide) {
  const file = (name: keyof FileSide & string, value: string | undefined) =>
    value === undefined ? undefined : fileText(`{${name}, …}`, value)
  return {
    key: file('keyfile', side.keyfile ?? side.certfile),
    cert: file('certfile', side.certfile),
    ca: file('cacertfile', side.cacertfile),
    passphrase: side.password,
    verifies: side.verifies ?? true,
    minVersion: side.minVersion ?? 'TLSv1.2',
    maxVersion: side.maxVersion ?? 'TLSv1.3',
    ciphers: side.ciphers,
    depth: side.depth,
  } as const
}

function serverOf(side: FileSide): ServerSide {
  const common = commonOf(side)
  return {
    ...common,
    requiresCertificate: side.requiresCertificate ?? common.verifies,
    honorCipherOrder: side.honorCipherOrder ?? false,
  }
}

function clientOf(side: FileSide): ClientSide {
  const common = commonOf(side)
  return {
    ...common,
    checksName: common.verifies && side.checksName !== false,
    serverName: side.serverName,
  }
}

/** What a role cannot do without; and what OpenSSL says to it, now and not at the first connection. */
function checkUsable({ server, client }: TlsChoice, listens: boolean): void {
  const sides = listens && server !== undefined ? [server, client] : [client]
  for (const side of sides) {
    if (side.verifies && side.ca === undefined) {
      throw new TypeError(
        "tls needs the authority that peers are trusted by (ca; in an optfile cacertfile), or verify: 'none'",
      )
    }
    if ((side.key === undefined) !== (side.cert === undefined)) {
      throw new TypeError('tls needs key and cert together (in an optfile keyfile and certfile)')
    }
    if (tlsVersions.indexOf(side.minVersion) > tlsVersions.indexOf(side.maxVersion)) {
      throw new RangeError(`tls.minVersion ${side.minVersion} is above tls.maxVersion`)
    }
  }
  if (listens && server?.cert === undefined) {
    throw new TypeError(
      'tls needs key and cert (in an optfile certfile) for a node that listens; or set listen: false',
    )
  }
  const { createSecureContext } = process.getBuiltinModule('node:tls')
  for (const side of sides) {
    try {
      createSecureContext(contextOptions(side))
    } catch (cause) {
      const why = (cause as Error).message
      throw new ErlangError(
        'ERR_ERL_AUTH',
        `key, cert, ca or ciphers of tls cannot be used: ${why}`,
        {
          cause,
        },
      )
    }
  }
}

function pem(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (typeof value !== 'string') {
    throw invalidArgument(name, 'PEM or the name of a file with it', value)
  }
  if (value.includes('-----BEGIN')) return value
  return fileText(name, checkText(name, value))
}

function fileText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const why = (cause as Error).message
    throw new ErlangError('ERR_ERL_AUTH', `${name} cannot be read: ${why}`, { cause })
  }
}

function optionalText(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : checkText(name, value)
}
