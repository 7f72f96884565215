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

/** Who a `From` or `To` names. */
export interface SipParty {
  readonly uri: string | undefined
  readonly displayName: string | undefined
  readonly tag: string | undefined
}

/** Where a request came from. */
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

/** What all arguments but the version say. */
type Values = readonly (string | undefined)[]

/** The question in the arguments of `beamlink:route(1, Id, Event, …)`. */
export function readQuestion(args: readonly Term[], proxy: string): Question | Malformed {
  const id = scalarOf(args[1])
  const shownId = typeof id === 'string' ? id : undefined
  if (args[0] !== conventionVersion) {
    return new Malformed(`version ${conventionVersion} is spoken here`, shownId)
  }
  const extras = args.length - 1 - fields.length
  if (extras < 0 || extras % 2 === 1) {
    return new Malformed(`${args.length} arguments are too few, or one too many`, shownId)
  }
  const values: (string | undefined)[] = []
  for (let at = 1; at < args.length; at++) {
    const value = scalarOf(args[at])
    if (value === notScalar) {
      const what = fields[at - 1] ?? 'an extra value'
      return new Malformed(`${what} is no text and no number`, shownId)
    }
    values.push(value)
  }
  const [, event, method] = values
  if (shownId === undefined || event === undefined || method === undefined) {
    return new Malformed('id, event and method must be there', shownId)
  }
  return { id: shownId, request: requestOf(event, method, values, proxy) }
}

/** The places of `fields`. */
function requestOf(event: string, method: string, values: Values, proxy: string): SipRequest {
  return {
    event,
    method,
    ruri: values[3],
    from: { uri: values[4], displayName: values[5], tag: values[6] },
    to: { uri: values[7], displayName: values[8], tag: values[9] },
    callId: values[10],
    cseq: numberOf(values[11]),
    source: { address: values[12], port: numberOf(values[13]), protocol: values[14] },
    authUser: values[15],
    authRealm: values[16],
    userAgent: values[17],
    contact: values[18],
    status: numberOf(values[19]),
    reason: values[20],
    extra: extraOf(values),
    proxy,
  }
}

function extraOf(values: Values): Record<string, string | undefined> {
  const extra: Record<string, string | undefined> = Object.create(null)
  for (let at = fields.length; at < values.length; at += 2) extra[values[at] ?? ''] = values[at + 1]
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
