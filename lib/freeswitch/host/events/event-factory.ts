import { checkInteger, checkNames, checkObject, checkText } from '../../../base/validate.js'
import { invalidArgument, outOfRange } from '../../../errors.js'
import { type EventName, eventNameOf } from '../../protocol/event-names.js'
import type { HeadersInput } from '../../protocol/headers-input.js'
import { type Header, joinArray, SwitchEvent } from '../../protocol/switch-event.js'

/** Where in the switch something was made: what `Event-Calling-File` and its like say. */
export interface Origin {
  readonly file: string
  readonly func: string
  readonly line: number
}

/** An event that a program makes. */
export interface NewEvent {
  /** One of FreeSWITCH's names, in any case. `ALL` is none that can happen. */
  readonly name: Exclude<EventName, 'ALL'> | (string & {})
  /** What kind of `CUSTOM` event it is. */
  readonly subclass?: string
  readonly headers?: HeadersInput
  readonly body?: string
  /** The channel that it is about: becomes `Unique-ID`, unless the headers have one. */
  readonly uuid?: string
  readonly source?: Origin
}

/** How the switch calls itself in every event. */
export interface SwitchIdentity {
  readonly coreUuid: string
  readonly hostname: string
  readonly switchname: string
  readonly ipv4: string
  readonly ipv6: string
}

const newEventNames = ['name', 'subclass', 'headers', 'body', 'uuid', 'source']
const unknownOrigin: Origin = { file: 'event-host', func: 'emit', line: 0 }

/** Makes events: the headers that FreeSWITCH gives each, in its order, then their own. */
export class EventFactory {
  readonly #identity: readonly Header[]
  #sequence = 0
  /** The texts of a second, which many events share. */
  #second = Number.NaN
  #local = ''
  #gmt = ''

  constructor({ coreUuid, hostname, switchname, ipv4, ipv6 }: SwitchIdentity) {
    this.#identity = [
      ['Core-UUID', coreUuid],
      ['FreeSWITCH-Hostname', hostname],
      ['FreeSWITCH-Switchname', switchname],
      ['FreeSWITCH-IPv4', ipv4],
      ['FreeSWITCH-IPv6', ipv6],
    ]
  }

  /**
   * Makes an event; `data`, which needs no check, comes before its own headers.
   *
   * Errors: TypeError and RangeError name what is wrong with it.
   */
  create(event: NewEvent, data: readonly Header[] = []): SwitchEvent {
    checkNames('event', checkObject('event', event), newEventNames)
    const name = checkEventName('name', event.name)
    const { subclass, body, uuid, source = unknownOrigin } = event
    if (subclass !== undefined) checkSubclass(name, subclass)
    if (body !== undefined && typeof body !== 'string') {
      throw invalidArgument('body', 'a string', body)
    }
    checkOrigin('source', source)
    const own = resolveHeaders('headers', event.headers ?? [])
    const headers = this.baseHeaders(name, subclass, source)
    if (uuid !== undefined && !own.some(([key]) => key.toLowerCase() === 'unique-id')) {
      headers.push(['Unique-ID', checkText('uuid', uuid)])
    }
    headers.push(...data, ...own)
    return new SwitchEvent(headers, body, name)
  }

  /** As `create`, of parts that need no check. */
  make(
    name: EventName,
    headers: readonly Header[],
    source: Origin,
    rest: { readonly subclass?: string | undefined; readonly body?: string | undefined } = {},
  ): SwitchEvent {
    const base = this.baseHeaders(name, rest.subclass, source)
    return new SwitchEvent([...base, ...headers], rest.body, name)
  }

  /** What every event begins with. Each call is the next of the sequence. */
  baseHeaders(name: EventName, subclass: string | undefined, source: Origin): Header[] {
    const nowMs = Date.now()
    this.#sequence += 1
    this.#tellTime(nowMs)
    return [
      ...(subclass === undefined ? [] : [['Event-Subclass', subclass] as const]),
      ['Event-Name', name],
      ...this.#identity,
      ['Event-Date-Local', this.#local],
      ['Event-Date-GMT', this.#gmt],
      ['Event-Date-Timestamp', `${nowMs}000`],
      ['Event-Calling-File', source.file],
      ['Event-Calling-Function', source.func],
      ['Event-Calling-Line-Number', String(source.line)],
      ['Event-Sequence', String(this.#sequence)],
    ]
  }

  #tellTime(nowMs: number): void {
    const second = Math.floor(nowMs / 1000)
    if (second === this.#second) return
    this.#second = second
    const now = new Date(nowMs)
    this.#local = localTime(now)
    this.#gmt = now.toUTCString()
  }
}

/** `2026-11-20 21:28:10`, in the time zone of this machine. */
export function localTime(date: Date): string {
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
  return `${day} ${time}`
}

export function checkOrigin(name: string, source: Origin): void {
  const { file, func, line } = checkObject(name, source) as Origin
  checkText(`${name}.file`, file)
  checkText(`${name}.func`, func)
  checkInteger(`${name}.line`, line, 0, Number.MAX_SAFE_INTEGER)
}

/** Errors: TypeError and RangeError name the header. */
export function resolveHeaders(name: string, headers: HeadersInput): Header[] {
  if (typeof headers !== 'object' || headers === null || headers instanceof Map) {
    throw invalidArgument(name, 'an object of headers, or an array of pairs', headers)
  }
  if (Array.isArray(headers)) {
    return headers.map((pair, at) => resolveHeader(`${name}[${at}]`, pair))
  }
  return Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [
      checkText(`the name of a header in ${name}`, key),
      headerText(`${name}['${key}']`, value),
    ])
}

function resolveHeader(where: string, pair: unknown): Header {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw invalidArgument(where, 'a pair of a name and a value', pair)
  }
  const [name, value] = pair
  return [checkText(`the name of ${where}`, name), headerText(`the value of ${where}`, value)]
}

function headerText(where: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value)
  if (!Array.isArray(value)) throw invalidArgument(where, 'text, a number or texts', value)
  for (const part of value) {
    if (typeof part !== 'string') throw invalidArgument(where, 'text, a number or texts', part)
  }
  return joinArray(value)
}

function checkSubclass(name: EventName, subclass: unknown): void {
  checkText('subclass', subclass)
  if (name !== 'CUSTOM') throw outOfRange('subclass', "given with the name 'CUSTOM' only", subclass)
}

function checkEventName(where: string, value: unknown): EventName {
  const name = eventNameOf(checkText(where, value))
  if (name === undefined || name === 'ALL') {
    throw outOfRange(where, "the name of one of FreeSWITCH's events", value)
  }
  return name
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
