import type { ErlangErrorCode } from '../../errors.js'
import { Operation } from '../../native/contract.js'
import type { ChannelUp } from '../../native/reactor.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { Term, TermInput } from '../../term/term.js'
import { atomName } from '../atom-name.js'
import type { Drop } from '../drops.js'
import type { InboundFrame, Route } from '../route.js'
import {
  type ConnectMessage,
  connectChannel,
  type DisconnectMessage,
  type DropMessage,
  disconnectChannel,
  dropChannel,
  type MessageMessage,
  messageChannel,
  type RefusedMessage,
  refusedChannel,
} from './channels.js'
import type { FrameTextOptions } from './frame-text.js'
import { type TraceLog, traceFromEnvironment } from './trace-log.js'
import { asTerm, type SentFrame, TracedFrame } from './traced-frame.js'

/** Is told of each frame, before it is dealt with or after it has been handed over. */
export type FrameListener = (frame: TracedFrame) => void

/** The way of a frame: a peer, or this node itself, which has no channel. */
type Way = Pick<Route, 'name'> & { readonly channel?: number }

/**
 * Tells those who watch a node, from outside (`node:diagnostics_channel`) or by `trace`, what happens
 * at it. Costs a look whether there is anybody.
 */
export class Observer {
  readonly #node: string
  readonly #secrets: Set<string>
  readonly #listeners = new Set<FrameListener>()
  readonly #guard: (run: () => void) => void
  readonly #log: TraceLog | undefined

  /** Errors: as `traceFromEnvironment`. `guard` runs what is not ours: what it throws must not unwind the events of the reactor. */
  constructor(node: string, cookie: string, guard: (run: () => void) => void) {
    this.#node = node
    this.#secrets = new Set([cookie])
    this.#guard = guard
    if (process.env.BEAMLINK_TRACE !== undefined) this.#log = this.#openLog()
  }

  /** Whether frames are to be shown: to be asked before each. */
  get watchesFrames(): boolean {
    return this.#listeners.size > 0 || messageChannel.hasSubscribers
  }

  /** Never to be shown: the cookie for some peer. */
  keepSecret(cookie: string): void {
    this.#secrets.add(cookie)
  }

  /** Calls `listener` for each frame of every peer, until the function that it returns is called. */
  trace(listener: FrameListener): () => void {
    // Two of the same function are two.
    const own: FrameListener = (frame) => listener(frame)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  /** The node has stopped: the log of the environment is closed. */
  close(): void {
    this.#log?.close()
  }

  connected(up: ChannelUp): void {
    if (!connectChannel.hasSubscribers) return
    const { peer, address: host, incoming: isIncoming, handshakeMs } = up
    const message: ConnectMessage = { node: this.#node, peer, host, isIncoming, handshakeMs }
    connectChannel.publish(message)
  }

  disconnected(peer: string, code: ErlangErrorCode, reason: string): void {
    if (!disconnectChannel.hasSubscribers) return
    const message: DisconnectMessage = { node: this.#node, peer, code, reason }
    disconnectChannel.publish(message)
  }

  dropped(drop: Drop): void {
    if (dropChannel.hasSubscribers) {
      const message: DropMessage = { node: this.#node, ...drop }
      dropChannel.publish(message)
    }
    if (drop.reason === 'refused' && refusedChannel.hasSubscribers) {
      const { peer, address, count = 1, detail } = drop
      const message: RefusedMessage = { node: this.#node, peer, address, count, detail }
      refusedChannel.publish(message)
    }
  }

  /** A frame has come. */
  received(frame: InboundFrame, way: Way): void {
    if (way.channel !== undefined) {
      this.#tell(() => TracedFrame.in(this.#wayOf(way), frame, this.#textOptions))
    }
    if (!messageChannel.hasSubscribers) return
    const read = () => (frame.payloadError === undefined ? frame.payload() : undefined)
    this.#publish('in', way, frame.operation, frame.fields, read)
  }

  /** A frame has been handed over to be written. */
  sent(frame: SentFrame, way: Way): void {
    if (way.channel !== undefined) {
      this.#tell(() => TracedFrame.out(this.#wayOf(way), frame, this.#textOptions))
    }
    const { operation, fields, payload, encodeOptions } = frame
    if (!messageChannel.hasSubscribers || payload === undefined) return
    this.#publish('out', way, operation, fields, () => asTerm(payload, encodeOptions))
  }

  #openLog(): TraceLog | undefined {
    const log = traceFromEnvironment(process.env)
    if (log === undefined) return undefined
    const untrace = this.trace(log.listener)
    return {
      close: () => {
        untrace()
        log.close()
      },
    }
  }

  get #textOptions(): FrameTextOptions {
    return { secrets: [...this.#secrets] }
  }

  #wayOf({ name, channel = 0 }: Way) {
    return { node: this.#node, peer: name, channel }
  }

  #tell(make: () => TracedFrame): void {
    if (this.#listeners.size === 0) return
    const frame = make()
    for (const listener of this.#listeners) this.#guard(() => listener(frame))
  }

  #publish(
    direction: 'in' | 'out',
    { name: peer }: Way,
    operation: Operation,
    fields: readonly TermInput[],
    read: () => Term | undefined,
  ): void {
    const ends = endsOf(operation, fields)
    if (ends === undefined) return
    const message: MessageMessage = {
      node: this.#node,
      peer,
      direction,
      ...ends,
      get message() {
        return read()
      },
    }
    messageChannel.publish(message)
  }
}

/** Who sends a message to whom; undefined for what is no message. */
function endsOf(
  operation: Operation,
  fields: readonly TermInput[],
): Pick<MessageMessage, 'from' | 'to'> | undefined {
  const [first, second] = fields
  switch (operation) {
    case Operation.Send:
      return { from: undefined, to: first as Pid }
    case Operation.SendSender:
    case Operation.AliasSend:
      return { from: first as Pid, to: second as Pid | Reference }
    case Operation.RegSend:
      return { from: first as Pid, to: atomName(second as Term) ?? '' }
    default:
      return undefined
  }
}
