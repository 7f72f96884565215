import {
  checkBoolean,
  checkChoice,
  checkCount,
  checkFunction,
  checkInteger,
  checkNames,
  checkObject,
  checkSize,
  checkText,
  checkTimeout,
} from '../base/validate.js'
import { invalidArgument, outOfRange } from '../errors.js'
import {
  checkEncodeOptions,
  type DecodeOptions,
  type DecodePreset,
  type EncodeOptions,
  type ResolvedDecodeOptions,
  resolveDecodeOptions,
} from '../native/options.js'
import { Admission, type Allow } from './access/allow.js'
import { longestCookie } from './cookie.js'
import { completeNodeName, type NodeName, parseNodeName } from './node-name.js'
import { type ReconnectChoice, type ReconnectOptions, resolveReconnect } from './peer/reconnect.js'
import type { WhenDown } from './route.js'
import type { TransportOptions } from './streams/duplex-streams.js'
import type { TlsChoice } from './tls/choice.js'
import { resolveTls, type TlsOptions } from './tls/options.js'

/** Where a node accepts connections. */
export interface ListenOptions {
  /** An address or a host name of this machine; by default the host of the node's name. */
  readonly host?: string
  /** By default a free one. */
  readonly port?: number
}

/** Where epmd is. */
export interface EpmdAddress {
  /** Where this node registers, `127.0.0.1` by default. Peers are looked up at their own host. */
  readonly host?: string
  /** The port of every epmd, `ERL_EPMD_PORT` or 4369 by default. */
  readonly port?: number
}

/** Options of `ErlangNode.start`. Only `name` is required. */
export interface NodeOptions {
  /** `alive@host` is used as given; `alive` alone gets the short name of this machine. */
  readonly name: string
  /** The shared secret. By default the one in `cookieFile`. */
  readonly cookie?: string
  /** By default `$HOME/.erlang.cookie`, which is made if it is not there. */
  readonly cookieFile?: string
  /** Cookies of single peers, by full node name, in place of `cookie`. */
  readonly cookies?: Readonly<Record<string, string>>
  /** True by default. A visible node shows in `nodes()` and gets the traffic of `global`. */
  readonly hidden?: boolean
  /** `false` accepts no connections and does not register with epmd. */
  readonly listen?: ListenOptions | false
  /**
   * `'auto'` (default): the epmd that runs, else the `epmd` program, else one of our own on
   * loopback. `'embedded'`: never starts the program. `'none'`: no epmd; peers are reached with
   * `connect(name, { host, port })`.
   */
  readonly epmd?: 'auto' | 'embedded' | 'none' | EpmdAddress
  /** Seconds of silence after which a peer is given up, 60 by default. Peers should have the same. */
  readonly netTicktimeS?: number
  /** For finding, dialling and greeting a peer, 7,000 by default. */
  readonly connectTimeoutMs?: number
  /** For the handshake of an incoming connection, 7,000 by default. */
  readonly handshakeTimeoutMs?: number
  /** The largest frame that is accepted, 128 MiB by default. */
  readonly maxFrameBytes?: number
  /** The deepest nesting of a term that is accepted, 10,000 by default. */
  readonly maxDepth?: number
  /**
   * Different atoms that a peer may send over one connection, 100,000 by default; at the next one it
   * is disconnected.
   */
  readonly maxAtoms?: number
  /**
   * Frames that a peer may send in a second, `Infinity` by default. Who sends more is read more
   * slowly; nothing is lost.
   */
  readonly maxFramesPerSecond?: number
  /**
   * Processes that run exposed functions for one peer at a time, 100,000 by default: those of calls
   * and those that it has spawned. What it asks for beyond gets `system_limit`.
   */
  readonly maxSpawned?: number
  /**
   * Links and monitors that processes of one peer have with ours, 250,000 by default. One more ends
   * at once, with `system_limit`.
   */
  readonly maxRelations?: number
  /** Bytes that may wait, per peer and direction, 64 MiB by default; `Infinity` for no limit. */
  readonly maxQueuedBytes?: number
  /**
   * What happens to a message for a peer that has `maxQueuedBytes` to read. `'wait'` (default): the
   * promise of `send` resolves when that has drained. `'fail'`: ERR_ERL_BUSY. `'disconnect'`: the
   * peer is disconnected, as one that does not keep up.
   */
  readonly whenBusy?: WhenBusy
  /**
   * What calls do while their peer cannot be reached, unless they say: `'fail'` (default) rejects as
   * soon as that is known, `'wait'` goes on trying until their `timeoutMs` is over.
   */
  readonly whenDown?: WhenDown
  /** Peers to stay connected to, and the pauses between attempts. */
  readonly reconnect?: ReconnectOptions
  /**
   * Who may connect to us, if it knows the cookie: names and patterns of names (`'web@*'`), networks
   * (`'10.0.0.0/8'`), `{ name, address }` for both, or a function. Asked before a connection is
   * answered. By default everybody. Whom we dial is not asked about.
   */
  readonly allow?: Allow
  /** Distribution over TLS, in place of plain TCP, in both directions. */
  readonly tls?: TlsOptions
  /**
   * Streams of your own making, in place of TCP, to every peer that is dialled. The node then does not
   * listen unless `listen` is given; peers come in by `accept`.
   */
  readonly transport?: TransportOptions
  /** Whether a started node keeps the process alive, as a `net.Server` does. True by default. */
  readonly ref?: boolean
  /** How received terms become JavaScript values, unless a call or a process says otherwise. */
  readonly decode?: DecodeOptions | DecodePreset
  /** How JavaScript values become terms, unless a call says otherwise. */
  readonly encode?: EncodeOptions
}

/** The options with every default in place. */
export interface ResolvedNodeOptions {
  readonly name: NodeName
  readonly cookie: string | undefined
  readonly cookieFile: string | undefined
  readonly cookies: ReadonlyMap<string, string>
  readonly hidden: boolean
  readonly listen: { readonly host: string; readonly port: number } | undefined
  readonly epmd: EpmdChoice
  readonly tickTimeMs: number
  readonly connectTimeoutMs: number
  readonly handshakeTimeoutMs: number
  readonly maxFrameBytes: number
  readonly maxDepth: number
  readonly maxAtoms: number
  readonly maxFramesPerSecond: number
  readonly maxSpawned: number
  readonly maxRelations: number
  readonly maxQueuedBytes: number
  readonly whenBusy: WhenBusy
  readonly whenDown: WhenDown
  readonly reconnect: ReconnectChoice
  readonly allow: Admission | undefined
  readonly tls: TlsChoice | undefined
  readonly transport: TransportOptions | undefined
  readonly ref: boolean
  readonly decode: ResolvedDecodeOptions
  readonly encode: EncodeOptions | undefined
}

export interface EpmdChoice {
  readonly policy: 'auto' | 'embedded' | 'none' | 'given'
  readonly host: string
  readonly port: number
}

export const whenDowns = ['fail', 'wait'] as const
/** What is done when more than `maxQueuedBytes` waits. */
export type WhenBusy = 'wait' | 'fail' | 'disconnect'
const whenBusys: readonly WhenBusy[] = ['wait', 'fail', 'disconnect']

const mebibyte = 1024 * 1024

export const nodeDefaults = {
  hidden: true,
  netTicktimeS: 60,
  connectTimeoutMs: 7_000,
  handshakeTimeoutMs: 7_000,
  maxFrameBytes: 128 * mebibyte,
  maxDepth: 10_000,
  maxAtoms: 100_000,
  maxFramesPerSecond: Number.POSITIVE_INFINITY,
  maxSpawned: 100_000,
  maxRelations: 250_000,
  maxQueuedBytes: 64 * mebibyte,
  whenBusy: 'wait',
  whenDown: 'fail',
  ref: true,
} as const

/** For `rpc`, `call`, `connect` and `ping`. */
export const defaultTimeoutMs = 5_000

const largestFrame = 2 ** 31 - 1
const largestCount = 2 ** 31 - 1
const largestTimeoutMs = 2 ** 31 - 1

const optionNames: readonly (keyof NodeOptions)[] = [
  'name',
  'cookie',
  'cookieFile',
  'cookies',
  'hidden',
  'listen',
  'epmd',
  'netTicktimeS',
  'connectTimeoutMs',
  'handshakeTimeoutMs',
  'maxFrameBytes',
  'maxDepth',
  'maxAtoms',
  'maxFramesPerSecond',
  'maxSpawned',
  'maxRelations',
  'maxQueuedBytes',
  'whenBusy',
  'whenDown',
  'reconnect',
  'allow',
  'tls',
  'transport',
  'ref',
  'decode',
  'encode',
]

/**
 * Checks the options of a node and fills in the defaults.
 *
 * Errors: TypeError for a wrong type or an unknown name, RangeError for a value out of range; each
 * names option, rule and value.
 */
export function resolveNodeOptions(options: NodeOptions): ResolvedNodeOptions {
  checkObject('options', options)
  checkNames('ErlangNode.start', options, optionNames)
  const given = { ...nodeDefaults, ...withoutUndefined(options) }
  const name = completeNodeName('name', given.name)
  if (given.encode !== undefined) checkEncodeOptions(given.encode)
  if (given.tls !== undefined && given.transport !== undefined) {
    throw new TypeError('tls and transport cannot be given together')
  }
  const listen = resolveListen(given.listen ?? (given.transport === undefined ? {} : false), name)
  return {
    name,
    cookie: given.cookie === undefined ? undefined : checkCookie('cookie', given.cookie),
    cookieFile:
      given.cookieFile === undefined ? undefined : checkText('cookieFile', given.cookieFile),
    cookies: resolveCookies(given.cookies ?? {}),
    hidden: checkBoolean('hidden', given.hidden),
    listen,
    epmd: resolveEpmd(given.epmd ?? 'auto'),
    tickTimeMs: 1000 * checkInteger('netTicktimeS', given.netTicktimeS, 1, 2_000_000),
    connectTimeoutMs: checkFiniteTimeout('connectTimeoutMs', given.connectTimeoutMs),
    handshakeTimeoutMs: checkFiniteTimeout('handshakeTimeoutMs', given.handshakeTimeoutMs),
    maxFrameBytes: checkInteger('maxFrameBytes', given.maxFrameBytes, 1024, largestFrame),
    maxDepth: checkInteger('maxDepth', given.maxDepth, 1, 1_000_000),
    maxAtoms: checkInteger('maxAtoms', given.maxAtoms, 1, largestCount),
    maxFramesPerSecond: checkCount('maxFramesPerSecond', given.maxFramesPerSecond),
    maxSpawned: checkCount('maxSpawned', given.maxSpawned),
    maxRelations: checkCount('maxRelations', given.maxRelations),
    maxQueuedBytes: checkSize('maxQueuedBytes', given.maxQueuedBytes, 1),
    whenBusy: checkChoice('whenBusy', given.whenBusy, whenBusys),
    whenDown: checkChoice('whenDown', given.whenDown, whenDowns),
    reconnect: resolveReconnect(given.reconnect ?? {}, name.full),
    allow: given.allow === undefined ? undefined : new Admission(given.allow),
    tls: given.tls === undefined ? undefined : resolveTls(given.tls, listen !== undefined),
    transport: given.transport === undefined ? undefined : checkTransport(given.transport),
    ref: checkBoolean('ref', given.ref),
    decode: resolveDecodeOptions(given.decode),
    encode: given.encode,
  }
}

/** `{ hidden: undefined }` means the default, as in every other options object of Node. */
function withoutUndefined(options: NodeOptions): NodeOptions {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return { name: options.name, ...Object.fromEntries(entries) }
}

/** A cookie is an atom: any text that is not too long. The text itself is never shown. */
export function checkCookie(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(unshown(name, 'a string', value))
  if (value === '' || Buffer.byteLength(value) > longestCookie || value.includes('\0')) {
    const rule = `a string of 1 to ${longestCookie} bytes, none of them zero`
    throw new RangeError(`${name} must be ${rule}, got one of ${Buffer.byteLength(value)} bytes`)
  }
  return value
}

/** What is wrong with a value that may be a cookie. */
function unshown(name: string, rule: string, value: unknown): string {
  return `${name} must be ${rule}, got ${value === null ? 'null' : `a value of type ${typeof value}`}`
}

function checkFiniteTimeout(name: string, value: unknown): number {
  return Math.min(checkTimeout(name, value), largestTimeoutMs)
}

function resolveCookies(cookies: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const all = new Map<string, string>()
  // What is given by mistake may be a cookie: it is not shown.
  if (typeof cookies !== 'object') throw new TypeError(unshown('cookies', 'an object', cookies))
  for (const [peer, cookie] of Object.entries(checkObject('cookies', cookies))) {
    all.set(parseNodeName('cookies', peer).full, checkCookie(`cookies['${peer}']`, cookie))
  }
  return all
}

function resolveListen(listen: ListenOptions | false, name: NodeName) {
  if (listen === false) return undefined
  if (typeof listen !== 'object' || listen === null) {
    throw invalidArgument('listen', 'false or an object', listen)
  }
  checkNames('listen', listen, ['host', 'port'])
  return {
    host: listen.host === undefined ? name.host : checkText('listen.host', listen.host),
    port: listen.port === undefined ? 0 : checkInteger('listen.port', listen.port, 0, 65_535),
  }
}

const loopback = '127.0.0.1'

function resolveEpmd(epmd: 'auto' | 'embedded' | 'none' | EpmdAddress): EpmdChoice {
  if (epmd === 'auto' || epmd === 'embedded' || epmd === 'none') {
    return { policy: epmd, host: loopback, port: defaultEpmdPort() }
  }
  if (typeof epmd !== 'object' || epmd === null) {
    throw invalidArgument('epmd', "'auto', 'embedded', 'none' or { host, port }", epmd)
  }
  checkNames('epmd', epmd, ['host', 'port'])
  return {
    policy: 'given',
    host: epmd.host === undefined ? loopback : checkText('epmd.host', epmd.host),
    port:
      epmd.port === undefined ? defaultEpmdPort() : checkInteger('epmd.port', epmd.port, 1, 65_535),
  }
}

/** `ERL_EPMD_PORT`, else the port that every epmd has. */
export function defaultEpmdPort(): number {
  const given = process.env.ERL_EPMD_PORT
  if (given === undefined || given === '') return 4369
  return checkInteger('environment variable ERL_EPMD_PORT', Number(given), 1, 65_535)
}

function checkTransport(transport: TransportOptions): TransportOptions {
  checkNames('transport', checkObject('transport', transport), ['dial', 'packet'])
  checkFunction('transport.dial', transport.dial)
  if (transport.packet !== undefined) checkPacket('transport.packet', transport.packet)
  return transport
}

/** Errors: TypeError and RangeError for what is no size of the header of a handshake's packets. */
export function checkPacket(name: string, value: unknown): 2 | 4 {
  if (typeof value !== 'number') throw invalidArgument(name, '2 or 4', value)
  if (value !== 2 && value !== 4) throw outOfRange(name, '2 or 4', value)
  return value
}
