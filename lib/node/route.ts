import type { ErlangError } from '../errors.js'
import type { Operation } from '../native/contract.js'
import type { EncodeOptions, ResolvedDecodeOptions } from '../native/options.js'
import type { Atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { Term, TermInput } from '../term/term.js'
import type { Features } from './features.js'

/** What is owed for a frame until what it brought has been dealt with. */
export interface Charged {
  /** The channel that it came over; 0 for frames of this node to itself. */
  readonly channel: number
  /** Bytes to give back with `Route.consumed`. */
  readonly charge: number
}

/** One frame that has arrived: from the reactor, or from this node itself. */
export interface InboundFrame extends Charged {
  readonly operation: Operation
  /** The fields of the operation, as `Operation` in `lib/native/contract.ts` lists them. */
  readonly fields: readonly Term[]
  /** What is wrong with the payload; the control part is good. */
  readonly payloadError?: string | undefined
  /** Reads the payload: during the event only, and once. */
  payload(options?: ResolvedDecodeOptions): Term
  /** The bytes of the payload, without version byte, copied. */
  raw(): Buffer
}

/** The way to a node: a peer, or this node itself. Frames sent on one route arrive in order. */
export interface Route {
  readonly name: string
  readonly node: Atom
  /** What the other side understands; all false until the channel is up. */
  readonly features: Features
  readonly isUp: boolean
  /** Which life of the node it leads to; 0 when the other side has not said. */
  readonly creation: number
  /** Sends an operation without payload. Lost when the channel is gone, as signals are. */
  signal(operation: Operation, fields: readonly TermInput[]): void
  /**
   * Sends an operation with its payload, dialling first if need be.
   *
   * The promise resolves at once while the queue is below its mark, else when it has drained; it
   * rejects when no connection is to be had. Nobody has to look at it.
   * `isAnswer` says that the peer has asked for it: by default the operation tells.
   *
   * Errors: TypeError, now, for a payload that has no Erlang form.
   */
  post(
    operation: Operation,
    fields: readonly TermInput[],
    payload: TermInput,
    options?: EncodeOptions,
    isAnswer?: boolean,
  ): Promise<void>
  /**
   * Gives back what a frame was charged with; nothing when its channel is gone meanwhile. Later, if
   * the peer has too many answers to read, unless it `isDue`: it was an answer to us.
   */
  consumed(frame: Charged, isDue?: boolean): void
  /** Runs `waiting` when the channel is up: now, or after dialling. */
  whenUp(waiting: Waiting): void
  /** Takes back what still waits: nobody wants it any more. */
  forget(waiting: Waiting): void
  /** Why nothing more is taken now: too much waits, and the node was told not to wait for that. */
  refusal(): ErlangError | undefined
  /** Why the last attempt to connect failed; undefined once one has succeeded. */
  readonly failure: ErlangError | undefined
  /** A call to this node began or ended: while one is pending the channel goes on reading. */
  callStarted(): void
  callEnded(): void
}

/** What to do about a peer that cannot be reached: say so at once, or wait until it can. */
export type WhenDown = 'fail' | 'wait'

/** What waits for a channel. Exactly one of `routeUp` and `routeFailed` is called, once. */
export interface Waiting {
  /** `'wait'`: attempts to connect that fail are not the end of it. */
  readonly whenDown: WhenDown
  /**
   * Called before it has to wait: encode what is to be sent. Gives the bytes that are kept.
   * Errors: what has no Erlang form.
   */
  snapshot(): number
  routeUp(route: Route): void
  routeFailed(error: ErlangError): void
}

/** Whether a process was one of an earlier life of the node: it is dead, whoever has its number now. */
export function isOfEarlierLife(pid: Pid, { isUp, creation }: Route): boolean {
  return isUp && creation !== 0 && pid.creation !== 0 && pid.creation !== creation
}

/** A promise for all sends that need not wait. */
export const settled: Promise<void> = Promise.resolve()

/** Rejections of sends that nobody awaits are no unhandled rejections: `!` would lose them too. */
export function unobserved(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined)
  return promise
}
