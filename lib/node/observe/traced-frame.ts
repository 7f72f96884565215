import { decode, encode } from '../../native/codec.js'
import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import type { Term, TermInput } from '../../term/term.js'
import type { InboundFrame } from '../route.js'
import { type FrameTextOptions, frameText } from './frame-text.js'

/** Name and fields of each operation, as `Operation` lists them. */
const forms: Readonly<Record<number, readonly [name: string, ...fields: string[]]>> = {
  [Operation.Link]: ['LINK', 'from', 'to'],
  [Operation.Send]: ['SEND', 'to'],
  [Operation.Unlink]: ['UNLINK', 'from', 'to'],
  [Operation.RegSend]: ['REG_SEND', 'from', 'to'],
  [Operation.GroupLeader]: ['GROUP_LEADER', 'from', 'to'],
  [Operation.Monitor]: ['MONITOR_P', 'from', 'to', 'ref'],
  [Operation.Demonitor]: ['DEMONITOR_P', 'from', 'to', 'ref'],
  [Operation.SendSender]: ['SEND_SENDER', 'from', 'to'],
  [Operation.Exit]: ['EXIT', 'from', 'to'],
  [Operation.Exit2]: ['EXIT2', 'from', 'to'],
  [Operation.MonitorExit]: ['MONITOR_P_EXIT', 'from', 'to', 'ref'],
  [Operation.SpawnRequest]: ['SPAWN_REQUEST', 'id', 'from', 'leader', 'mfa', 'options'],
  [Operation.SpawnReply]: ['SPAWN_REPLY', 'id', 'to', 'flags', 'result'],
  [Operation.AliasSend]: ['ALIAS_SEND', 'from', 'to'],
  [Operation.UnlinkId]: ['UNLINK_ID', 'id', 'from', 'to'],
  [Operation.UnlinkIdAck]: ['UNLINK_ID_ACK', 'id', 'from', 'to'],
}

/** Where a frame goes, or comes from. */
export interface TracedWay {
  readonly node: string
  readonly peer: string
  readonly channel: number
}

/**
 * One frame of the distribution protocol, going out or come in. Ticks and handshakes are none. As a
 * string it is one line of text, shortened and without secrets.
 */
export class TracedFrame {
  readonly node: string
  readonly peer: string
  /** Distinguishes this connection from others of this process. */
  readonly channel: number
  readonly direction: 'in' | 'out'
  /** When, in milliseconds since 1970. */
  readonly timeMs = Date.now()
  /** The name of the operation, as `'REG_SEND'`, in the form that the newest peers use. */
  readonly operation: string
  readonly fields: Readonly<Record<string, Term>>
  readonly hasPayload: boolean
  /** What is wrong with the payload. */
  readonly payloadError: string | undefined
  readonly #read: () => Term | undefined
  readonly #textOptions: FrameTextOptions

  private constructor(
    way: TracedWay,
    direction: 'in' | 'out',
    operation: Operation,
    fields: readonly TermInput[],
    payload: { hasPayload: boolean; error?: string | undefined; read: () => Term | undefined },
    textOptions: FrameTextOptions,
  ) {
    const [name = `operation ${operation}`, ...names] = forms[operation] ?? []
    this.node = way.node
    this.peer = way.peer
    this.channel = way.channel
    this.direction = direction
    this.operation = name
    this.fields = Object.fromEntries(
      fields.map((field, index) => [names[index] ?? `field${index + 1}`, field as Term]),
    )
    this.hasPayload = payload.hasPayload
    this.payloadError = payload.error
    this.#read = payload.read
    this.#textOptions = textOptions
  }

  static in(way: TracedWay, frame: InboundFrame, textOptions: FrameTextOptions): TracedFrame {
    const { operation, fields, payloadError } = frame
    const hasPayload = payloadError !== undefined || withPayload.has(operation)
    const read = () => {
      return hasPayload && payloadError === undefined ? frame.payload() : undefined
    }
    const payload = { hasPayload, error: payloadError, read }
    return new TracedFrame(way, 'in', operation, fields, payload, textOptions)
  }

  static out(way: TracedWay, sent: SentFrame, textOptions: FrameTextOptions): TracedFrame {
    const { operation, fields, payload, encodeOptions } = sent
    const read = () => (payload === undefined ? undefined : asTerm(payload, encodeOptions))
    const hasPayload = payload !== undefined
    return new TracedFrame(way, 'out', operation, fields, { hasPayload, read }, textOptions)
  }

  /**
   * The message, the reason or the arguments, read each time it is asked for, and only while the
   * listener runs. Undefined where the operation has none, and for bytes that are no term.
   */
  get payload(): Term | undefined {
    return this.#read()
  }

  /** One line, shortened and without secrets. */
  toString(options: FrameTextOptions = {}): string {
    return frameText(this, { ...this.#textOptions, ...options })
  }
}

/** A frame that has been handed over to be written. */
export interface SentFrame {
  readonly operation: Operation
  readonly fields: readonly TermInput[]
  readonly payload: TermInput | undefined
  readonly encodeOptions: EncodeOptions | undefined
}

/** A value of this side as the other side reads it. */
export function asTerm(value: TermInput, options: EncodeOptions | undefined): Term {
  return decode(encode(value, options))
}

const withPayload = new Set<Operation>([
  Operation.Send,
  Operation.RegSend,
  Operation.SendSender,
  Operation.Exit,
  Operation.Exit2,
  Operation.MonitorExit,
  Operation.SpawnRequest,
  Operation.AliasSend,
])
