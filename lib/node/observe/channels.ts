import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { ErlangErrorCode } from '../../errors.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { Term, TermInput } from '../../term/term.js'
import type { Drop } from '../drops.js'

/** `beamlink:connect`: a peer is connected. */
export interface ConnectMessage {
  /** Our node. */
  readonly node: string
  readonly peer: string
  /** Its numeric address. */
  readonly host: string
  /** Whether it has called us; else we have called it. */
  readonly isIncoming: boolean
  /** How long it took to connect, if we dialled, and to shake hands. */
  readonly handshakeMs: number
}

/** `beamlink:disconnect`: a peer is no longer connected. */
export interface DisconnectMessage {
  readonly node: string
  readonly peer: string
  readonly code: ErlangErrorCode
  /** For people. */
  readonly reason: string
}

/** `beamlink:drop`: something was dropped, as Erlang drops it. */
export interface DropMessage extends Drop {
  readonly node: string
}

/** `beamlink:refused`: a connection did not come up. It is a drop, too. */
export interface RefusedMessage {
  readonly node: string
  /** The name that it gave itself; its address when it gave none. */
  readonly peer: string
  /** The numeric address it came from, where it is told. */
  readonly address: string | undefined
  /** How many, where they are not told one by one. */
  readonly count: number
  /** Why, for people. */
  readonly detail: string | undefined
}

/** `beamlink:message`: a message goes out or has come in, also of this node to itself. */
export interface MessageMessage {
  readonly node: string
  readonly peer: string
  readonly direction: 'in' | 'out'
  /** The sender, where the protocol names it. */
  readonly from: Pid | undefined
  /** A pid, a registered name or an alias. */
  readonly to: Pid | Reference | string
  /** Read each time it is asked for, and only while the subscriber runs; undefined for bad bytes. */
  readonly message: Term | undefined
}

/** What stands in the messages of both kinds of calls. */
interface TracedCall {
  readonly node: string
  readonly peer: string
  /** What was called: of functions the module, of servers their name or pid as text. */
  readonly service: string
  /** Of functions their name; of requests the atom that they are, or that their tuple begins with. */
  readonly method: string
  /** From `asyncStart` on (`end` for what was synchronous), unless it failed. */
  result?: unknown
  /** From `error` on. */
  error?: unknown
}

/** `tracing:beamlink:call:…`: a call to a peer. */
export interface CallMessage extends TracedCall {
  readonly kind: 'rpc' | 'call' | 'spawn'
  /** The arguments of a function, or the one request to a server. */
  readonly args: readonly TermInput[]
}

/** `tracing:beamlink:serve:…`: a function, a server or a handler of ours runs for somebody. */
export interface ServeMessage extends TracedCall {
  readonly kind: 'rpc' | 'call' | 'cast' | 'info' | 'message'
  /** Who waits for the value, or has sent the message, where that is known. */
  readonly from: Pid | undefined
  /** The arguments of a function, or the one message. */
  readonly args: readonly unknown[]
  /**
   * To be set by a subscriber of `start` who wants the function to run inside a function of its own:
   * it has to call what it is given, once, and to give back what that gives.
   */
  around?: <Value>(run: () => Value) => Value
}

export const connectChannel = channel('beamlink:connect')
export const disconnectChannel = channel('beamlink:disconnect')
export const messageChannel = channel('beamlink:message')
export const dropChannel = channel('beamlink:drop')
export const refusedChannel = channel('beamlink:refused')
export const callChannel = tracingChannel<'beamlink:call', CallMessage>('beamlink:call')
export const serveChannel = tracingChannel<'beamlink:serve', ServeMessage>('beamlink:serve')
