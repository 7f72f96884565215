import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkNames,
  checkObject,
  checkSignal,
  checkText,
} from '../../../base/validate.js'
import { invalidArgument } from '../../../errors.js'
import type { NodeOptions } from '../../../index.js'
import { checkCookie } from '../../../node/options.js'
import { type EventHostOptions, hostOptionNames } from '../options.js'

/** Where the host listens and who it is there, in the words of `erlang_event.conf.xml`. */
export interface ListenSettings {
  /** A local address; `0.0.0.0`, the default, and `*` are all of them. */
  readonly listenIp?: string
  /** The port, which epmd tells to peers; 8031 by default. 0 takes a free one. */
  readonly listenPort?: number
  /** `freeswitch` by default. With `@` it is used as it is, else it gets the name of the host. */
  readonly nodename?: string
  /** Whether that name of the host ends at its first dot; true by default. */
  readonly shortname?: boolean
  /** In place of the cookie in `$HOME/.erlang.cookie`; where there is neither it is `ClueCon`. */
  readonly cookie?: string
  /** A file with the cookie in its first line, which nobody but its owner may read. */
  readonly cookieFile?: string
  /** Accepted, and without effect: every release that FreeSWITCH reaches this way is spoken to. */
  readonly compatRel?: number
  /** Whether it is an error that the port is taken. Else that is tried again for ever (default). */
  readonly stopOnBindError?: boolean
}

/** How a caller that an ACL keeps out learns that. */
export type WhenDenied = 'close' | 'answer'
const whenDenieds: readonly WhenDenied[] = ['close', 'answer']

/** All that a configuration says: of the node, of the host, and of how to start them. */
export interface StartOptions extends EventHostOptions, ListenSettings {
  /**
   * What becomes of a caller that `applyInboundAcl` keeps out. `'close'` (default): its connection is
   * closed before anything is answered, as by the option `allow` of the node, so that it reaches
   * nothing else of the node either. `'answer'`: it connects, its first message is answered with
   * `{error, acldeny}`, and then it is disconnected, as by FreeSWITCH.
   */
  readonly whenDenied?: WhenDenied
  /** What else the node is told: `epmd`, `netTicktimeS`, … */
  readonly node?: Partial<Omit<NodeOptions, 'name' | 'cookie' | 'cookieFile' | 'listen'>>
  /** Gives up a start that waits for its port. */
  readonly signal?: AbortSignal
  /** Told each thing that was wrong and is ignored, as FreeSWITCH logs it. */
  readonly warn?: (text: string) => void
}

export interface ResolvedListenSettings {
  readonly listenIp: string
  readonly listenPort: number
  readonly nodename: string
  readonly shortname: boolean
  readonly cookie: string | undefined
  readonly cookieFile: string | undefined
  readonly stopOnBindError: boolean
  readonly whenDenied: WhenDenied
}

export const listenDefaults = {
  listenIp: '0.0.0.0',
  listenPort: 8031,
  nodename: 'freeswitch',
  shortname: true,
  stopOnBindError: false,
  whenDenied: 'close',
} as const

/** What FreeSWITCH takes when nobody names a cookie. */
export const defaultCookie = 'ClueCon'
export const leastCompatRel = 7
const largestCompatRel = 1_000

const listenNames = [...Object.keys(listenDefaults), 'cookie', 'cookieFile', 'compatRel'] as const
const startNames = [...listenNames, ...hostOptionNames, 'node', 'signal', 'warn']

/** Errors: TypeError and RangeError name option, rule and value. */
export function resolveListenSettings(options: StartOptions): ResolvedListenSettings {
  checkNames('startEventHost', checkObject('options', options), startNames)
  const given = { ...listenDefaults, ...options }
  const { cookie, cookieFile, compatRel, node, signal, warn } = options
  if (compatRel !== undefined) {
    checkInteger('compatRel', compatRel, leastCompatRel, largestCompatRel)
  }
  if (cookie !== undefined && cookieFile !== undefined) {
    throw invalidArgument('cookieFile', 'absent where there is a cookie', cookieFile)
  }
  if (node !== undefined) checkObject('node', node)
  if (signal !== undefined) checkSignal(signal)
  if (warn !== undefined) checkFunction('warn', warn)
  return {
    listenIp: checkText('listenIp', given.listenIp),
    listenPort: checkInteger('listenPort', given.listenPort, 0, 65_535),
    nodename: checkText('nodename', given.nodename),
    shortname: checkBoolean('shortname', given.shortname),
    cookie: cookie === undefined ? undefined : checkCookie('cookie', cookie),
    cookieFile: cookieFile === undefined ? undefined : checkText('cookieFile', cookieFile),
    stopOnBindError: checkBoolean('stopOnBindError', given.stopOnBindError),
    whenDenied: checkChoice('whenDenied', given.whenDenied, whenDenieds),
  }
}

/** What of the options is the host's business. */
export function hostOptionsOf(options: StartOptions): EventHostOptions {
  const own = Object.entries(options).filter(
    ([name, value]) => hostOptionNames.includes(name) && value !== undefined,
  )
  return Object.fromEntries(own)
}
