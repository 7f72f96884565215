import { isAtom, isList, type Term } from '../../index.js'

/** What `beamlink.cfg` says of a SIP request; what Kamailio does not know is undefined. */
export interface SipRequest {
  /** What the script asks about: the method in lower case, or a name of the script's own. */
  readonly event: string
  readonly method: string
  /** The request URI, `$ru`. */
  readonly ruri: string | undefined
  readonly from: SipParty
  readonly to: SipParty
  readonly callId: string | undefined
  readonly cseq: number | undefined
  readonly source: SipSource
  /** User and realm of the credentials that came with the request; nobody has verified them yet. */
  readonly authUser: string | undefined
  readonly authRealm: string | undefined
  readonly userAgent: string | undefined
  /** The whole Contact header. */
  readonly contact: string | undefined
  /** Of a reply that is reported, `accounting` for one: its code and reason. */
  readonly status: number | undefined
  readonly reason: string | undefined
  /** What the script has put into `$erl_list(beamlink)` before it asked. */
  readonly extra: Readonly<Record<string, string | undefined>>
  /** The Kamailio node that asks. */
  readonly proxy: string
}

export interface SipParty {
  readonly uri: string | undefined
  readonly displayName: string | undefined
  readonly tag: string | undefined
}

export interface SipSource {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly protocol: string | undefined
}

/** The version of the convention, the first argument. */
export const conventionVersion = 1

/** The arguments after the version, in order; pairs of names and values follow. */
const fields = [
  'id',
  'event',
  'method',
  'ruri',
  'fromUri',
  'fromName',
  'fromTag',
  'toUri',
  'toName',
  'toTag',
  'callId',
  'cseq',
  'address',
  'port',
  'protocol',
  'authUser',
  'authRealm',
  'userAgent',
  'contact',
  'status',
  'reason',
] as const
type Field = (typeof fields)[number]
type Fields = Readonly<Record<Field, string | undefined>>

/** A question of a script. The answer must bear the same id. */
export interface Question {
  readonly id: string
  readonly request: SipRequest
}

/** What is wrong with the arguments of a question. */
export class Malformed {
  readonly id: string | undefined
  readonly what: string

  constructor(what: string, id?: string) {
    this.what = what
    this.id = id
  }
}

/** The question in the arguments of `beamlink:route(1, Id, Event, …)`. */
export function readQuestion(args: readonly Term[], proxy: string): Question | Malformed {
  const [version, ...rest] = args
  const id = scalarOf(rest[0])
  const shownId = typeof id === 'string' ? id : undefined
  if (version !== conventionVersion) {
    return new Malformed(`version ${conventionVersion} is spoken here`, shownId)
  }
  if (rest.length < fields.length || (rest.length - fields.length) % 2 === 1) {
    return new Malformed(`${args.length} arguments are too few, or one too many`, shownId)
  }
  const values = rest.map(scalarOf)
  const bad = values.indexOf(notScalar)
  if (bad >= 0) {
    return new Malformed(`${fields[bad] ?? 'an extra value'} is no text and no number`, shownId)
  }
  const read = values as readonly (string | undefined)[]
  const found = Object.fromEntries(fields.map((field, at) => [field, read[at]])) as Fields
  const { event, method } = found
  if (shownId === undefined || event === undefined || method === undefined) {
    return new Malformed('id, event and method must be there', shownId)
  }
  const extra = extraOf(read.slice(fields.length))
  return { id: shownId, request: { ...requestOf(found), event, method, extra, proxy } }
}

function requestOf(found: Fields): Omit<SipRequest, 'event' | 'method' | 'extra' | 'proxy'> {
  return {
    ruri: found.ruri,
    from: { uri: found.fromUri, displayName: found.fromName, tag: found.fromTag },
    to: { uri: found.toUri, displayName: found.toName, tag: found.toTag },
    callId: found.callId,
    cseq: numberOf(found.cseq),
    source: {
      address: found.address,
      port: numberOf(found.port),
      protocol: found.protocol,
    },
    authUser: found.authUser,
    authRealm: found.authRealm,
    userAgent: found.userAgent,
    contact: found.contact,
    status: numberOf(found.status),
    reason: found.reason,
  }
}

function extraOf(pairs: readonly (string | undefined)[]): Record<string, string | undefined> {
  const extra: Record<string, string | undefined> = Object.create(null)
  for (let at = 0; at < pairs.length; at += 2) extra[pairs[at] ?? ''] = pairs[at + 1]
  return extra
}

const notScalar = Symbol('no text and no number')

/** Text comes as a list of bytes, `$null` as the atom `undefined`, an empty text as `[]`. */
function scalarOf(term: Term | undefined): string | undefined | typeof notScalar {
  if (term === undefined || term === null || isAtom(term, 'undefined')) return undefined
  if (typeof term === 'number' || typeof term === 'bigint') return String(term)
  if (isList(term)) return term.length === 0 ? undefined : textOf(term)
  return typeof term === 'string' ? term : notScalar
}

/** Bytes of UTF-8, which are ASCII most of the time. */
function textOf(bytes: readonly Term[]): string | typeof notScalar {
  let highest = 0
  for (const byte of bytes) {
    if (typeof byte !== 'number' || !(byte >= 0 && byte < 256)) return notScalar
    if (byte > highest) highest = byte
  }
  const codes = bytes as readonly number[]
  const isShort = codes.length < 1_000
  return highest < 128 && isShort ? String.fromCharCode(...codes) : Buffer.from(codes).toString()
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}
