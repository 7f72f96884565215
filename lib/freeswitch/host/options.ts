import { randomUUID } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import {
  checkChoice,
  checkFunction,
  checkInteger,
  checkNames,
  checkObject,
  checkText,
} from '../../base/validate.js'
import type { TextEncoding } from '../protocol/text.js'
import { type AclOptions, aclOptionNames, InboundAcl } from './acl/inbound-acl.js'
import {
  type CallHostOptions,
  callHostOptionNames,
  resolveCallHostOptions,
} from './calls/call-host-options.js'

/** How an event host behaves, in the words of `erlang_event.conf.xml`. */
export interface EventHostOptions extends CallHostOptions, AclOptions {
  /** How text is sent: as lists of bytes (`'string'`, the default) or as binaries. */
  readonly encoding?: TextEncoding
  /**
   * `'list'` (default): events begin with the id of their channel, or `undefined`, as FreeSWITCH's
   * do. `'proplist'`: with their first header, so that they are a list of pairs as `maps:from_list`
   * and `lists:keyfind` want it; the id is the header Unique-ID.
   */
  readonly eventShape?: 'list' | 'proplist'
  /** How many events are sent to a peer before it is the turn of its log lines; 1 by default. */
  readonly maxEventBulk?: number
  /** How many log lines are sent to a peer before it is the turn of its events; 1 by default. */
  readonly maxLogBulk?: number
  /**
   * `'one'` (default): each peer has one event handler, and who registers next takes its place, as
   * in FreeSWITCH. `'many'`: each process that registers has its own subscription and filters.
   */
  readonly eventHandlers?: 'one' | 'many'
  /** How many events may wait for each peer, and how many log lines; 100,000 by default. */
  readonly queueLimit?: number
  /**
   * Told when a function of the program throws: an API command, `sendmsg` or `released` of a call.
   * `what` names it. The log of the switch has it too. Without this it is a warning of the process.
   */
  readonly onHandlerError?: (error: unknown, what: string) => void
  /** What events say of the switch; the first host name, addresses and a fresh id by default. */
  readonly hostname?: string
  /** `FreeSWITCH-Switchname` of events; the name of this machine if absent. */
  readonly switchname?: string
  /** `Core-UUID` of events; a random one if absent. */
  readonly coreUuid?: string
  /** `FreeSWITCH-IPv4` of events; an address of this machine if absent. */
  readonly ipv4?: string
  /** `FreeSWITCH-IPv6` of events; an address of this machine if absent. */
  readonly ipv6?: string
}

export interface ResolvedHostOptions
  extends Required<Omit<EventHostOptions, keyof AclOptions | 'onHandlerError'>> {
  readonly inboundAcl: InboundAcl
  readonly onHandlerError: EventHostOptions['onHandlerError']
}

export const hostOptionNames: readonly string[] = [
  ...callHostOptionNames,
  ...aclOptionNames,
  'encoding',
  'eventShape',
  'maxEventBulk',
  'maxLogBulk',
  'eventHandlers',
  'queueLimit',
  'onHandlerError',
  'hostname',
  'switchname',
  'coreUuid',
  'ipv4',
  'ipv6',
]

/** FreeSWITCH's own limit of its queues. */
const defaultQueueLimit = 100_000
const largestBulk = 1_000_000

export function resolveHostOptions(options: EventHostOptions): ResolvedHostOptions {
  checkNames('EventHost', checkObject('options', options), hostOptionNames)
  const { encoding = 'string', eventHandlers = 'one', hostname: host = hostname() } = options
  const { onHandlerError } = options
  if (onHandlerError !== undefined) checkFunction('onHandlerError', onHandlerError)
  return {
    ...resolveCallHostOptions(options),
    inboundAcl: new InboundAcl(options),
    encoding: checkChoice('encoding', encoding, ['string', 'binary']),
    eventShape: checkChoice('eventShape', options.eventShape ?? 'list', ['list', 'proplist']),
    maxEventBulk: checkInteger('maxEventBulk', options.maxEventBulk ?? 1, 1, largestBulk),
    maxLogBulk: checkInteger('maxLogBulk', options.maxLogBulk ?? 1, 1, largestBulk),
    eventHandlers: checkChoice('eventHandlers', eventHandlers, ['one', 'many']),
    queueLimit: checkInteger('queueLimit', options.queueLimit ?? defaultQueueLimit, 1, 2 ** 31),
    hostname: checkText('hostname', host),
    switchname: checkText('switchname', options.switchname ?? host),
    coreUuid: checkText('coreUuid', options.coreUuid ?? randomUUID()),
    ipv4: checkText('ipv4', options.ipv4 ?? ownAddress('IPv4') ?? '127.0.0.1'),
    ipv6: checkText('ipv6', options.ipv6 ?? ownAddress('IPv6') ?? '::1'),
    onHandlerError,
  }
}

/** An address of this machine that others can reach. */
function ownAddress(family: 'IPv4' | 'IPv6'): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find((each) => each.family === family && !each.internal && !each.scopeid)?.address
}
