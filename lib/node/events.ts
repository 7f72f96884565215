import type { ErlangError } from '../errors.js'
import type { RawTerm } from '../term/raw.js'
import type { Term } from '../term/term.js'
import type { Drop } from './drops.js'
import type { Redial } from './peer/keeper.js'
import type { Process } from './process/process.js'
import type { DecodeFailure } from './router.js'

/** What a message handler, or the function of a process, threw. */
export interface HandlerFailure {
  readonly error: unknown
  /** The process whose function it was. */
  readonly process: Process
  /** Undefined when it is the process itself that failed: a spawned function. */
  readonly message: Term | RawTerm | undefined
}

/**
 * The events of a node, with the arguments of their listeners. None is named `error`, which Node
 * would throw when nobody listens.
 */
export interface NodeEvents {
  /** A peer is connected. */
  nodeup: [peer: string]
  /** A peer is no longer connected; `reason` is for people. */
  nodedown: [peer: string, reason: string]
  /**
   * A peer that is to be kept, or that somebody waits for, is not connected, and will be dialled
   * again after a pause.
   */
  redial: [peer: string, redial: Redial]
  /**
   * epmd has gone, or does not take this node's name back: nobody new finds the node until `epmdup`.
   * The node goes on trying; it is told again when the reason is another one.
   */
  epmddown: [error: ErlangError]
  /** The node's name is in epmd again. */
  epmdup: []
  /** Something was dropped, as Erlang drops it. Counted in `stats()` as well. */
  drop: [drop: Drop]
  /** A message was lost because its bytes were no term, or too deep. */
  decodeError: [failure: DecodeFailure]
  /**
   * A handler, or the function of a process, threw. Without a listener the error is thrown on the next
   * tick, unless it ended a process that somebody is linked to or monitors, or that a peer spawned.
   */
  handlerError: [failure: HandlerFailure]
  /** The node has stopped. */
  close: []
}
