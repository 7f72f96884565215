import type { ErlangErrorCode } from '../errors.js'
import type { ChannelCounts } from './channel-counts.js'
import type { Frame } from './frame.js'

/** A channel whose handshake has succeeded. */
export interface ChannelUp {
  readonly channel: number
  /** The name of the peer, as it gave it. */
  readonly peer: string
  /** The distribution flags that both sides have. */
  readonly flags: number
  /** The creation of the peer. */
  readonly creation: number
  /** Whether the peer dialled. */
  readonly incoming: boolean
  /** The numeric address of the peer. */
  readonly address: string
  /** How long it took to connect, if we dialled, and to shake hands. */
  readonly handshakeMs: number
}

/** Why and how a channel has come to its end. */
export interface ChannelEnd {
  readonly code: ErlangErrorCode
  readonly message: string
  /** What has gone over it from its beginning to its end. */
  readonly counts: ChannelCounts
  /** Whether this side has closed it because the peer went past one of its limits. */
  readonly isLimit: boolean
}

/** An incoming connection that did not come up. */
export interface Refusal {
  readonly code: ErlangErrorCode
  readonly message: string
  /** The remote address. */
  readonly address: string
  /** The name of the peer; empty if it did not get as far as giving one. */
  readonly peer: string
  /** More than one: so many that are not told one by one, of whatever address and name. */
  readonly count: number
}

/** An incoming connection that waits for `answer`. */
export interface Question {
  readonly id: number
  /** The number that it was given in `acceptThrough`; 0 for one that came to the listener. */
  readonly caller: number
  /** The name that it gives itself. */
  readonly name: string
  /** Its numeric address. */
  readonly address: string
}

/**
 * What a node hears from the reactor. Each call is an event of its own: what one throws is thrown
 * again on the next tick and keeps no other from being called.
 */
export interface NodeSink {
  frame(frame: Frame): void
  channelUp(up: ChannelUp): void
  channelDown(channel: number, end: ChannelEnd): void
  dialFailed(channel: number, code: ErlangErrorCode, message: string): void
  /** The cost written so far on a channel, after `drain`. */
  drained(channel: number, cost: number): void
  listening(port: number): void
  listenFailed(code: ErlangErrorCode, message: string): void
  refused(refusal: Refusal): void
  asked(question: Question): void
}
