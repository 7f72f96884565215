import type { Header } from 'beamlink/freeswitch'
import { recordVariables } from './call-record.js'

const stateNumbers: Readonly<Record<string, number>> = {
  CS_NEW: 0,
  CS_INIT: 1,
  CS_ROUTING: 2,
  CS_EXECUTE: 4,
  CS_HANGUP: 10,
  CS_REPORTING: 11,
  CS_DESTROY: 12,
}

const codec: readonly Header[] = ['Read', 'Write'].flatMap((way): Header[] => [
  [`Channel-${way}-Codec-Name`, 'L16'],
  [`Channel-${way}-Codec-Rate`, '8000'],
  [`Channel-${way}-Codec-Bit-Rate`, '128000'],
])

const noTimes = [
  'Progress-Time',
  'Progress-Media-Time',
  'Hangup-Time',
  'Transfer-Time',
  'Resurrect-Time',
  'Bridged-Time',
  'Last-Hold',
  'Hold-Accum',
]

let sessions = 0

/** What a switch keeps of a channel, and says of it in events: state, caller profile, variables. */
export class Channel {
  readonly uuid: string
  readonly name: string
  readonly createdMs = Date.now()
  state = 'CS_INIT'
  /** Where it is going: its number is told already. */
  nextState: string | undefined
  callState = 'ACTIVE'
  answerState = 'answered'
  hangupCause: string | undefined
  destination = ''
  context = 'default'
  /** Whether a dialplan has been found, and the ids of caller and callee have changed places. */
  isRouted = false
  #hangupMs = 0
  #variables: Header[]

  constructor(uuid: string, name: string) {
    sessions += 1
    this.uuid = uuid
    this.name = name
    this.#variables = [
      ['direction', 'outbound'],
      ['is_outbound', 'true'],
      ['session_id', String(sessions)],
      ['read_codec', 'L16'],
      ['read_rate', '8000'],
      ['write_codec', 'L16'],
      ['write_rate', '8000'],
      ['channel_name', name],
      ['uuid', uuid],
      ['origination_uuid', uuid],
      ['originate_early_media', 'true'],
      ['originate_endpoint', name.replace(/\/.*/, '')],
      ['endpoint_disposition', 'ANSWER'],
      ['max_forwards', '70'],
    ]
  }

  /** Sends the channel to an extension. */
  transfer(destination: string, context: string): void {
    this.destination = destination
    this.context = context
    this.setVariable('transfer_history', this.#transferSource)
    this.setVariable('transfer_source', this.#transferSource)
    this.setVariable('call_uuid', this.uuid)
  }

  routed(): void {
    if (this.isRouted) return
    this.isRouted = true
    this.setVariable('pre_transfer_caller_id_number', '0000000000')
    this.setVariable('channel_cid_flipped', 'yes')
  }

  get isHungUp(): boolean {
    return this.hangupCause !== undefined
  }

  hangUp(cause: string): void {
    this.hangupCause = cause
    this.answerState = 'hangup'
    this.nextState = 'CS_HANGUP'
    this.#hangupMs = Date.now()
  }

  variable(name: string): string | undefined {
    return this.#variables.find(([key]) => key === name)?.[1]
  }

  /** A variable that is set again goes to the end. */
  setVariable(name: string, value: string | undefined): void {
    this.#variables = this.#variables.filter(([key]) => key !== name)
    if (value !== undefined) this.#variables.push([name, value])
  }

  /** What is known when a call is over. */
  writeRecord(): void {
    const record = {
      cause: this.hangupCause ?? 'NONE',
      startMs: this.createdMs,
      endMs: this.#hangupMs,
      application: this.variable('current_application') ?? '',
      argument: this.variable('current_application_data') ?? '',
    }
    for (const [name, value] of recordVariables(record)) this.setVariable(name, value)
  }

  /** What every event of the channel has. */
  get basics(): Header[] {
    const number = stateNumbers[this.nextState ?? this.state]
    return [
      ['Channel-State', this.state],
      ['Channel-Call-State', this.callState],
      ['Channel-State-Number', String(number)],
      ['Channel-Name', this.name],
      ['Unique-ID', this.uuid],
      ['Call-Direction', 'outbound'],
      ['Presence-Call-Direction', 'outbound'],
      ['Channel-HIT-Dialplan', String(this.isRouted)],
      ['Channel-Call-UUID', this.uuid],
      ['Answer-State', this.answerState],
      ...(this.hangupCause === undefined ? [] : [['Hangup-Cause', this.hangupCause] as const]),
      ...codec,
      ...this.profile('Caller'),
    ]
  }

  /** The caller profile, under that prefix. */
  profile(prefix: string): Header[] {
    const created = `${this.createdMs}000`
    const ids: [string, string][] = this.isRouted
      ? [
          ['Caller-ID-Name', 'Outbound Call'],
          ['Caller-ID-Number', 'x'],
          ['Orig-Caller-ID-Number', '0000000000'],
          ['Callee-ID-Number', '0000000000'],
        ]
      : [
          ['Caller-ID-Number', '0000000000'],
          ['Orig-Caller-ID-Number', '0000000000'],
          ['Callee-ID-Name', 'Outbound Call'],
          ['Callee-ID-Number', 'x'],
        ]
    const pairs: [string, string][] = [
      ['Direction', 'outbound'],
      ['Logical-Direction', 'outbound'],
      ['Dialplan', 'XML'],
      ...ids,
      ['ANI', '0000000000'],
      ['Destination-Number', this.destination],
      ['Unique-ID', this.uuid],
      ['Source', 'mod_loopback'],
      ['Transfer-Source', this.#transferSource],
      ['Context', this.context],
      ['RDNIS', 'x'],
      ['Channel-Name', this.name],
      ['Profile-Index', '2'],
      ['Profile-Created-Time', created],
      ['Channel-Created-Time', created],
      ['Channel-Answered-Time', created],
      ...noTimes.map((name): [string, string] => [`Channel-${name}`, this.#time(name)]),
      ['Screen-Bit', 'true'],
      ['Privacy-Hide-Name', 'false'],
      ['Privacy-Hide-Number', 'false'],
    ]
    return pairs.map(([name, value]) => [`${prefix}-${name}`, value])
  }

  get variables(): Header[] {
    return this.#variables.map(([name, value]) => [`variable_${name}`, value])
  }

  /** What a handler gets first, but for what the host adds. */
  get data(): Header[] {
    return [...this.basics, ...this.variables]
  }

  get #transferSource(): string {
    const time = Math.floor(this.createdMs / 1000)
    return `${time}:${this.uuid}:bl_xfer:${this.destination}/${this.context}/XML`
  }

  #time(name: string): string {
    return name === 'Hangup-Time' && this.#hangupMs > 0 ? `${this.#hangupMs}000` : '0'
  }
}
