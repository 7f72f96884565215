import type { Pid } from '../../../term/pid.js'
import { type HangupCause, hangupCauseOf } from '../../protocol/hangup-causes.js'
import type { Header } from '../../protocol/switch-event.js'

/** What a command to a call always has. */
interface AnyCallCommand {
  /** Who sent it. */
  readonly from: Pid
  /** All that was sent, in order. */
  readonly headers: readonly Header[]
}

/** `execute`: runs an application of the dialplan. */
export interface ExecuteCommand extends AnyCallCommand {
  readonly kind: 'execute'
  readonly application: string
  readonly argument: string
  /** How often; below zero for ever. */
  readonly loops: number
  /** Comes back as `Application-UUID` of the events of this run. */
  readonly eventUuid: string | undefined
  readonly eventUuidName: string | undefined
  /** Whether the other leg is put on hold meanwhile. */
  readonly holdsBleg: boolean
  /** Whether no other command may run at the same time. */
  readonly locksEvents: boolean
  /** Whether it goes before those that wait. */
  readonly hasPriority: boolean
  readonly leadFrames: number | undefined
}

/** `hangup`: the call is to end. */
export interface HangupCommand extends AnyCallCommand {
  readonly kind: 'hangup'
  /** NORMAL_CLEARING when none, or an unknown one, was sent. */
  readonly cause: HangupCause
}

/** `unicast`: sends the media of the call elsewhere. */
export interface UnicastCommand extends AnyCallCommand {
  readonly kind: 'unicast'
  readonly localIp: string
  readonly localPort: number
  readonly remoteIp: string
  readonly remotePort: number
  readonly transport: string
  readonly flags: string | undefined
}

/** `nomedia`: takes the switch out of the way of the media. */
export interface NomediaCommand extends AnyCallCommand {
  readonly kind: 'nomedia'
  readonly uuid: string
}

/** `xferext`: goes on with an extension made of these applications. */
export interface XferextCommand extends AnyCallCommand {
  readonly kind: 'xferext'
  readonly applications: readonly { readonly name: string; readonly argument: string }[]
}

/** No `call-command`, or one that FreeSWITCH does not know: accepted, and without effect there. */
export interface UnknownCommand extends AnyCallCommand {
  readonly kind: 'unknown'
  readonly command: string | undefined
}

/** What `{sendmsg, UUID, Headers}` tells a call to do. */
export type CallCommand =
  | ExecuteCommand
  | HangupCommand
  | UnicastCommand
  | NomediaCommand
  | XferextCommand
  | UnknownCommand

/** Source: FreeSWITCH, switch_ivr.c, switch_ivr_parse_event; seed-systems 2.9. */
export function readCallCommand(headers: readonly Header[], from: Pid): CallCommand {
  const get = getter(headers)
  const command = get('call-command')
  const base = { from, headers }
  switch (command) {
    case 'execute':
      return readExecute(base, get)
    case 'hangup':
      return { ...base, kind: 'hangup', cause: hangupCauseOf(get('hangup-cause') ?? '') }
    case 'unicast':
      return readUnicast(base, get)
    case 'nomedia':
      return { ...base, kind: 'nomedia', uuid: get('nomedia-uuid') ?? '' }
    case 'xferext':
      return { ...base, kind: 'xferext', applications: readApplications(headers) }
    default:
      return { ...base, kind: 'unknown', command }
  }
}

type Get = (name: string) => string | undefined

function getter(headers: readonly Header[]): Get {
  return (name) => headers.find(([key]) => key.toLowerCase() === name)?.[1]
}

function readExecute(base: AnyCallCommand, get: Get): ExecuteCommand | UnknownCommand {
  const application = get('execute-app-name')
  if (application === undefined) return { ...base, kind: 'unknown', command: 'execute' }
  const leadFrames = get('lead-frames')
  return {
    ...base,
    kind: 'execute',
    application,
    argument: get('execute-app-arg') ?? '',
    loops: integer(get('loops')) || 1,
    eventUuid: get('event-uuid'),
    eventUuidName: get('event-uuid-name'),
    holdsBleg: isTrue(get('hold-bleg')),
    locksEvents: isTrue(get('event-lock')),
    hasPriority: isTrue(get('event-lock-pri')),
    leadFrames: leadFrames === undefined ? undefined : integer(leadFrames),
  }
}

/** The addresses that FreeSWITCH takes when none are sent. */
function readUnicast(base: AnyCallCommand, get: Get): UnicastCommand {
  return {
    ...base,
    kind: 'unicast',
    localIp: get('local-ip') ?? '127.0.0.1',
    localPort: integer(get('local-port')) || 8025,
    remoteIp: get('remote-ip') ?? '127.0.0.1',
    remotePort: integer(get('remote-port')) || 8026,
    transport: get('transport') ?? 'udp',
    flags: get('flags'),
  }
}

function readApplications(headers: readonly Header[]): XferextCommand['applications'] {
  return headers
    .filter(([key]) => key.toLowerCase() === 'application')
    .map(([, value]) => {
      const [, name = value, argument = ''] = /^(\S+)\s+([\s\S]*)$/.exec(value) ?? []
      return { name, argument }
    })
}

/** As C's `atoi`: 0 for what is no number. */
function integer(text: string | undefined): number {
  return Number.parseInt(text ?? '', 10) || 0
}

/** Source: FreeSWITCH, switch_true. */
function isTrue(text: string | undefined): boolean {
  if (text === undefined) return false
  return /^(yes|on|true|t|enabled|active|allow)$/i.test(text) || integer(text) !== 0
}
