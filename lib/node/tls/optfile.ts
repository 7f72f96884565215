import type { ErlangError } from '../../errors.js'
import { Atom } from '../../term/atom.js'
import { parse } from '../../term/parse.js'
import { isAtom, isList, isTuple, type Term, type TermInput } from '../../term/term.js'
import { text } from '../../term/text.js'
import type { TlsVersion } from './choice.js'

/** What a file of `erl -ssl_dist_optfile` says of one role; undefined is not said. */
export interface FileSide {
  certfile?: string
  keyfile?: string
  cacertfile?: string
  password?: string
  verifies?: boolean
  requiresCertificate?: boolean
  minVersion?: TlsVersion
  maxVersion?: TlsVersion
  ciphers?: string
  depth?: number
  honorCipherOrder?: boolean
  checksName?: boolean
  serverName?: string
}

type Reader = (side: FileSide, value: Term) => void

const readers: Readonly<Record<string, Reader>> = {
  certfile: (side, value) => {
    side.certfile = textOf(value)
  },
  keyfile: (side, value) => {
    side.keyfile = textOf(value)
  },
  cacertfile: (side, value) => {
    side.cacertfile = textOf(value)
  },
  password: (side, value) => {
    side.password = textOf(value)
  },
  verify: (side, value) => {
    if (isAtom(value, 'verify_peer')) side.verifies = true
    else if (isAtom(value, 'verify_none')) side.verifies = false
    else throw new Error('it must be verify_peer or verify_none')
  },
  fail_if_no_peer_cert: (side, value) => {
    side.requiresCertificate = booleanOf(value)
  },
  versions: readVersions,
  ciphers: (side, value) => {
    const names =
      isList(value) && value.every((name) => isList(name)) ? value.map(textOf) : [textOf(value)]
    side.ciphers = names.join(':')
  },
  depth: (side, value) => {
    if (typeof value !== 'number' || value < 0) throw new Error('it must be an integer from 0')
    side.depth = value
  },
  honor_cipher_order: (side, value) => {
    side.honorCipherOrder = booleanOf(value)
  },
  server_name_indication: (side, value) => {
    if (isAtom(value, 'disable')) side.checksName = false
    else side.serverName = textOf(value)
  },
}

/** What OpenSSL does anyway, or what only makes a difference to the speed or the log. */
const withoutEffect = new Set([
  'secure_renegotiate',
  'reuse_sessions',
  'session_tickets',
  'log_level',
  'hibernate_after',
  'nodelay',
])

const versions: Readonly<Record<string, TlsVersion>> = {
  'tlsv1.2': 'TLSv1.2',
  'tlsv1.3': 'TLSv1.3',
}

function readVersions(side: FileSide, value: Term): void {
  const known = isList(value) ? value.map((each) => versions[Atom.is(each) ? each.name : '']) : []
  const named = known.filter((each) => each !== undefined)
  if (named.length === 0 || named.length !== known.length) {
    throw new Error("it must be a list of 'tlsv1.2' and 'tlsv1.3'; older ones are not safe")
  }
  side.minVersion = named.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3'
  side.maxVersion = named.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2'
}

/**
 * Reads `[{server, [{Option, Value}, …]}, {client, […]}].`
 *
 * Errors: TypeError that names the file and the option: what cannot be done is not passed over.
 * Source: OTP 25, ssl_dist_sup:consult/1; "Using TLS for Erlang Distribution".
 */
export function readOptfile(
  file: string,
  content: string,
): { server: FileSide | undefined; client: FileSide | undefined } {
  const roles = properties(file, parsed(file, content))
  const unknown = roles.find(([role]) => role !== 'server' && role !== 'client')
  if (unknown !== undefined) throw new TypeError(`${file}: {${unknown[0]}, …} is not known`)
  const of = (role: string): FileSide | undefined => {
    const options = roles.find(([name]) => name === role)?.[1]
    return options === undefined ? undefined : sideOf(file, role, options)
  }
  return { server: of('server'), client: of('client') }
}

function parsed(file: string, content: string): Term {
  try {
    return parse(content)
  } catch (error) {
    throw new TypeError(`${file} holds no Erlang term: ${(error as ErlangError).message}`)
  }
}

function sideOf(file: string, role: string, options: Term): FileSide {
  const side: FileSide = {}
  const seen = new Set<string>()
  for (const [name, value] of properties(file, options)) {
    // As in every list of properties, the first one counts.
    if (seen.has(name) || withoutEffect.has(name)) continue
    seen.add(name)
    const read = readers[name]
    if (read === undefined) {
      throw new TypeError(`${file}: the ${role}'s option ${name} cannot be done here`)
    }
    try {
      read(side, value)
    } catch (error) {
      throw new TypeError(`${file}: the ${role}'s option ${name}: ${(error as Error).message}`)
    }
  }
  return side
}

/** `[{Name, Value}, Name, …]`, where a name alone is true. */
function properties(file: string, term: Term): (readonly [string, Term])[] {
  if (!isList(term)) throw new TypeError(`${file}: a list of options is expected`)
  return term.map((each) => {
    if (Atom.is(each)) return [each.name, true] as const
    const [name, value] = isTuple(each, 2) ? each : []
    if (!Atom.is(name) || value === undefined) {
      throw new TypeError(`${file}: each option must be {Name, Value}`)
    }
    return [name.name, value] as const
  })
}

function textOf(value: Term): string {
  return text(value as TermInput)
}

function booleanOf(value: Term): boolean {
  if (typeof value !== 'boolean') throw new Error('it must be true or false')
  return value
}
