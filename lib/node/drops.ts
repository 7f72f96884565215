import type { Pid } from '../term/pid.js'
import type { Reference } from '../term/reference.js'

/** Why something was dropped, as the protocol wants or as this node cannot help. */
export type DropReason =
  /** A message to a name that is not registered here. */
  | 'unknownName'
  /** A message to a process that is not (any more) here. */
  | 'unknownProcess'
  /** A message to an alias that is not (any more) in use. */
  | 'unknownAlias'
  /** A message to a server that has no callback for such. */
  | 'unhandled'
  /** The answer to a call that had timed out or was aborted. */
  | 'lateAnswer'
  /** Something sent to a peer that could not be reached. */
  | 'noConnection'
  /** A signal in the name of a process that does not belong to the peer it came from. */
  | 'forged'
  /** A message that was refused because more than `maxQueuedBytes` waits (`whenBusy: 'fail'`). */
  | 'busy'
  /** What had been handed over and was not yet written when the connection went. */
  | 'unwritten'
  /** An operation that is not known, or whose fields are not what they must be. */
  | 'unsupported'
  /** A connection that did not come up: wrong cookie, not allowed, no handshake. */
  | 'refused'
  /** What a peer asked for beyond one of the limits of this node, or a peer closed for that. */
  | 'limit'

/** Something that was dropped: what the event `drop` tells. */
export interface Drop {
  readonly reason: DropReason
  /**
   * The peer it came from or was meant for. Of a connection that was refused: the name that it gave
   * itself, else its address; empty where many are told at once.
   */
  readonly peer: string
  /** Of a connection that was refused: the numeric address it came from. */
  readonly address?: string
  /** How many were dropped at once; one when absent. */
  readonly count?: number
  readonly to?: Pid | Reference | string | undefined
  readonly detail?: string | undefined
}

/** Counts what is dropped, so that nothing is lost in silence. */
export class Drops {
  readonly #counts: Record<DropReason, number>
  readonly #tell: (drop: Drop) => void

  constructor(tell: (drop: Drop) => void) {
    this.#tell = tell
    this.#counts = {
      unknownName: 0,
      unknownProcess: 0,
      unknownAlias: 0,
      unhandled: 0,
      lateAnswer: 0,
      noConnection: 0,
      forged: 0,
      busy: 0,
      unwritten: 0,
      unsupported: 0,
      refused: 0,
      limit: 0,
    }
  }

  add(drop: Drop): void {
    this.#counts[drop.reason] += drop.count ?? 1
    this.#tell(drop)
  }

  counts(): Readonly<Record<DropReason, number>> {
    return { ...this.#counts }
  }
}
