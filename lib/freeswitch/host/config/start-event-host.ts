import { lookupService } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkObject } from '../../../base/validate.js'
import { ErlangError, invalidArgument, outOfRange } from '../../../errors.js'
import { type Allow, ErlangNode, type NodeOptions } from '../../../index.js'
import { Admission } from '../../../node/access/allow.js'
import { type InboundAcl, isKnownList } from '../acl/inbound-acl.js'
import { EventHost } from '../event-host.js'
import { resolveHostOptions } from '../options.js'
import { readCookie, standingCookie } from './cookie-file.js'
import { readConf } from './read-conf.js'
import {
  hostOptionsOf,
  type ResolvedListenSettings,
  resolveListenSettings,
  type StartOptions,
} from './settings.js'

/** How long FreeSWITCH waits before it tries again to listen. */
const bindRetryMs = 100

/** A host that was started with a node of its own. */
export interface StartedEventHost {
  readonly node: ErlangNode
  readonly host: EventHost
  /** What was wrong in the configuration, and is ignored. */
  readonly warnings: readonly string[]
}

/**
 * Starts a node, and an event host on it, as FreeSWITCH does from its configuration.
 *
 * `source` is the path of an `erlang_event.conf.xml`, in which what is wrong is told and ignored, or
 * the options themselves, in which it is an error. `more` adds to the file what it does not say, and
 * wins over it. `node.stop()` ends both.
 *
 * Errors: TypeError and RangeError for options; SyntaxError for a file that is no XML, and what
 *         reading it throws; those of `ErlangNode.start`. A port that is taken is waited for, unless
 *         `stopOnBindError` is set.
 * Source: mod_erlang_event, mod_erlang_event.c, config; seed-systems 2.1.
 */
export async function startEventHost(
  source: string | StartOptions,
  more: StartOptions = {},
): Promise<StartedEventHost> {
  const { settings, warnings: wrong } = settingsOf(source, more)
  const listen = resolveListenSettings(settings)
  const warnings: string[] = []
  const warn = (text: string): void => {
    warnings.push(text)
    settings.warn?.(text)
  }
  for (const text of wrong) warn(text)
  const hostOptions = hostOptionsOf(withKnownLists(settings, typeof source === 'string', warn))
  const { inboundAcl } = resolveHostOptions(hostOptions)
  const nodeOptions = {
    ...(await ownNodeOptions(settings, listen, warn)),
    ...(listen.whenDenied === 'close' ? allowedBy(inboundAcl, settings.node?.allow) : {}),
  }
  const node = await startNode(nodeOptions, listen, settings, warn)
  return { node, host: new EventHost(node, hostOptions), warnings }
}

function settingsOf(source: string | StartOptions, more: StartOptions) {
  checkObject('more', more)
  if (typeof source === 'string') {
    const { settings, warnings } = readConf(readFileSync(source, 'utf8'))
    return { settings: merged(settings, more), warnings }
  }
  if (typeof source !== 'object' || source === null) {
    throw invalidArgument('source', 'the path of a file, or options', source)
  }
  return { settings: merged(source, more), warnings: [] }
}

/** The later of two cookies wins, wherever it stands. */
function merged(first: StartOptions, later: StartOptions): StartOptions {
  const { cookie, ...rest } = first
  const keepsCookie = cookie !== undefined && later.cookieFile === undefined
  return { ...rest, ...(keepsCookie ? { cookie } : {}), ...later }
}

/** A file may name lists that nobody has: FreeSWITCH lets nobody in then. */
function withKnownLists(
  settings: StartOptions,
  isFile: boolean,
  warn: (text: string) => void,
): StartOptions {
  const { applyInboundAcl = [], acls = {} } = settings
  if (!isFile) return settings
  const names = typeof applyInboundAcl === 'string' ? [applyInboundAcl] : applyInboundAcl
  const unknown = names.filter((name) => !Object.hasOwn(acls, name) && !isKnownList(name))
  for (const name of unknown)
    warn(`there is no list "${name}" for apply-inbound-acl: all are denied`)
  const denying = unknown.map((name) => [name, { default: 'deny' }] as const)
  return { ...settings, acls: { ...acls, ...Object.fromEntries(denying) } }
}

async function ownNodeOptions(
  settings: StartOptions,
  listen: ResolvedListenSettings,
  warn: (text: string) => void,
): Promise<NodeOptions> {
  const address = listen.listenIp === '*' ? '0.0.0.0' : listen.listenIp
  return {
    ...settings.node,
    name: await nodeName(listen, address),
    cookie: cookieOf(listen, warn),
    listen: { host: address, port: listen.listenPort },
  }
}

/** The ACL as the node's own `allow`, beside one that it has. */
function allowedBy(acl: InboundAcl, allow: Allow | undefined): { readonly allow?: Allow } {
  if (acl.isEmpty) return {}
  const own = new Admission(allow ?? ['*'])
  return {
    allow: async (caller) => acl.allows(caller.address) && (await own.admits(caller)) === true,
  }
}

function cookieOf({ cookie, cookieFile }: ResolvedListenSettings, warn: (text: string) => void) {
  if (cookie !== undefined) return cookie
  if (cookieFile === undefined) return standingCookie(warn)
  const read = readCookie(cookieFile)
  if (read.cookie === undefined) {
    throw outOfRange('cookieFile', `a file with a cookie (${read.problem})`, cookieFile)
  }
  return read.cookie
}

/** A name with `@` is complete; else the host is called as its address is, or as this machine. */
async function nodeName(
  { nodename, shortname }: ResolvedListenSettings,
  address: string,
): Promise<string> {
  if (nodename.includes('@')) return nodename
  const host = await hostName(address)
  const [short = host] = host.split('.')
  return `${nodename}@${shortname ? short : host}`
}

async function hostName(address: string): Promise<string> {
  if (isIP(address) === 0 || address === '0.0.0.0' || address === '::') return hostname()
  try {
    const { hostname: name } = await lookupService(address, 0)
    return isIP(name) === 0 ? name : hostname()
  } catch {
    return hostname()
  }
}

/** Starts the node; while its port is taken, again and again. */
async function startNode(
  options: NodeOptions,
  { stopOnBindError }: ResolvedListenSettings,
  { signal }: StartOptions,
  warn: (text: string) => void,
): Promise<ErlangNode> {
  let isTold = false
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await ErlangNode.start(options)
    } catch (error) {
      if (stopOnBindError || !isBindError(error)) throw error
      if (!isTold) warn(`${error.message}; this is tried again every ${bindRetryMs} ms`)
      isTold = true
    }
    // An abort is told at the next attempt.
    await sleep(bindRetryMs, undefined, signal && { signal }).catch(() => undefined)
  }
}

function isBindError(error: unknown): error is ErlangError {
  return ErlangError.is(error) && error.code === 'ERR_ERL_REFUSED'
}
