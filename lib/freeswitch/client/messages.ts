import { checkInteger, checkNames, checkObject } from '../../base/validate.js'
import { outOfRange } from '../../errors.js'
import { atom } from '../../term/atom.js'
import type { TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { EventName } from '../protocol/event-names.js'
import { type HangupCause, hangupCauses } from '../protocol/hangup-causes.js'
import type { HeadersInput } from '../protocol/headers-input.js'
import type { Header } from '../protocol/switch-event.js'
import { byteString } from '../protocol/text.js'
import {
  checkCText,
  checkHeaders,
  checkLatin1Atom,
  checkUuid,
  checkWord,
  headerText,
} from './checks.js'
import { checkEventName } from './event-wish.js'

/** An event to be fired in the switch. */
export interface SentEvent {
  readonly name: Exclude<EventName, 'ALL'>
  /** Of CUSTOM events. */
  readonly subclass?: string
  /** A header whose value is empty is dropped by FreeSWITCH. */
  readonly headers?: HeadersInput
  readonly body?: string
}

/** How an application is run. */
export interface ExecuteOptions {
  /** Comes back as Application-UUID in the events of this run. */
  readonly eventUuid?: string
  /** How often it is run. */
  readonly loops?: number
  /** Whether nothing else is run on the call until this is done. */
  readonly lock?: boolean
}

export const executeOptionNames = ['eventUuid', 'loops', 'lock']

/** Above this a list is no string to FreeSWITCH; a binary may have any length. */
const longestStringBytes = 65_535

/** `{api | bgapi, Command, Arguments}`. */
export function apiMessage(tag: 'api' | 'bgapi', command: string, args: string): TermInput {
  const name = checkWord('command', checkLatin1Atom('command', command))
  const text = checkCText('args', args)
  const isLong =
    text.length * 3 > longestStringBytes && Buffer.byteLength(text) > longestStringBytes
  return tuple(atom(tag), atom(name), isLong ? text : byteString(text))
}

/** `{sendevent, Name, Headers}`, `{sendevent, 'CUSTOM', Subclass, Headers}`. */
export function eventMessage(event: SentEvent): TermInput {
  checkNames('sendEvent', checkObject('event', event), ['name', 'subclass', 'headers', 'body'])
  const { subclass, headers = {}, body } = event
  const name = checkEventName('name', event.name)
  if (subclass !== undefined && name !== 'CUSTOM') {
    throw outOfRange('subclass', "given with the name 'CUSTOM' only", subclass)
  }
  const list = checkHeaders('headers', headers)
  if (list.some(([key]) => key === 'body')) {
    throw outOfRange('headers', "without 'body', which is an option of its own", 'body')
  }
  if (body !== undefined) list.push(['body', headerText('body', body)])
  if (name !== 'CUSTOM') return tuple(atom('sendevent'), atom(name), headerList(list))
  const ofClass = subclass === undefined ? '' : checkLatin1Atom('subclass', subclass)
  return tuple(atom('sendevent'), atom(name), atom(ofClass), headerList(list))
}

/** `{sendmsg, Uuid, Headers}`. */
export function commandMessage(uuid: string, headers: HeadersInput): TermInput {
  const list = checkHeaders('headers', headers)
  if (!list.some(([key]) => key.toLowerCase() === 'call-command')) {
    throw outOfRange('headers', "with 'call-command', without which nothing is done", headers)
  }
  return tuple(atom('sendmsg'), byteString(checkUuid('uuid', uuid)), headerList(list))
}

/** The headers that run an application. */
export function executeHeaders(
  app: string,
  args: string | undefined,
  { eventUuid, loops, lock }: ExecuteOptions = {},
): Header[] {
  const headers: Header[] = [
    ['call-command', 'execute'],
    ['execute-app-name', checkWord('app', app)],
  ]
  if (args !== undefined && args !== '') headers.push(['execute-app-arg', headerText('arg', args)])
  if (loops !== undefined) {
    headers.push(['loops', String(checkInteger('loops', loops, 1, 1_000_000))])
  }
  if (lock === true) headers.push(['event-lock', 'true'])
  if (eventUuid !== undefined) headers.push(['event-uuid', checkUuid('eventUuid', eventUuid)])
  return headers
}

/** The headers that hang up. An unknown cause would become NORMAL_CLEARING. */
export function hangupHeaders(cause: HangupCause | number = 'NORMAL_CLEARING'): Header[] {
  return [
    ['call-command', 'hangup'],
    ['hangup-cause', String(checkCause(cause))],
  ]
}

/** The argument of `bridge`: destinations to be tried together, or one text as FreeSWITCH has it. */
export function bridgeArgument(to: string | readonly string[]): string {
  const all = typeof to === 'string' ? [to] : to
  if (!Array.isArray(all) || all.length === 0) {
    throw outOfRange('to', 'a destination, or an array of them', to)
  }
  return all.map((one) => headerText('to', checkWordless(one))).join(',')
}

/** The argument of `set`: `name=value`. */
export function setArgument(name: string, value: string | number | boolean): string {
  const variable = checkWord('name', name)
  if (variable.includes('=')) throw outOfRange('name', 'a name without =', name)
  return `${variable}=${headerText('value', value)}`
}

function checkWordless(destination: string): string {
  if (destination === '') throw outOfRange('to', 'a destination that is not empty', destination)
  return destination
}

function checkCause(cause: HangupCause | number): HangupCause | number {
  if (typeof cause === 'number') {
    if (Object.values(hangupCauses).includes(cause as never)) return cause
  } else if (Object.hasOwn(hangupCauses, cause)) return cause
  throw outOfRange('cause', 'a cause of FreeSWITCH, or its number, as in hangupCauses', cause)
}

/** Pairs of strings: FreeSWITCH reads no binaries here, whatever its encoding is. */
function headerList(headers: readonly Header[]): TermInput[] {
  return headers.map(([name, value]) => tuple(byteString(name), byteString(value)))
}
