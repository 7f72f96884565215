import { ErlangError, type ErlangErrorCode, type ErlangErrorOptions } from '../errors.js'
import type { Pid } from '../term/pid.js'
import type { Reference } from '../term/reference.js'
import { type Abortable, AbortListeners } from './abort-listeners.js'
import { type DeadlineQueue, Deadlines, type Timed } from './deadlines.js'
import type { Identity } from './identity.js'
import { NumberTable } from './number-table.js'
import { Resolvable } from './resolvable.js'
import type { InboundFrame, Route, Waiting, WhenDown } from './route.js'

/** How long a caller waits, and what can make it stop waiting. */
export interface WaitOptions {
  /** Milliseconds, 5,000 by default; `Infinity` waits for ever. */
  readonly timeoutMs?: number
  /** Aborting it rejects with `signal.reason`. */
  readonly signal?: AbortSignal
  /**
   * `'fail'` rejects when the peer cannot be reached; `'wait'` goes on trying, with growing pauses,
   * until `timeoutMs` is over. What was sent before a connection broke is never sent again. By
   * default the node's own `whenDown`.
   */
  readonly whenDown?: WhenDown
}

/** `WaitOptions` that have been checked. */
export interface Wait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** The node's choice when undefined. */
  readonly whenDown?: WhenDown | undefined
}

/**
 * How a call failed. It becomes an error only in the `async` function that the user called
 * (`valueOf`), because V8 then writes the user's own `await` into the stack, at no cost to calls
 * that succeed.
 */
export class Failure {
  readonly code: ErlangErrorCode
  readonly message: string
  readonly options: ErlangErrorOptions | undefined

  constructor(code: ErlangErrorCode, message: string, options?: ErlangErrorOptions) {
    this.code = code
    this.message = message
    this.options = options
  }

  toError(): unknown {
    return new ErlangError(this.code, this.message, this.options)
  }

  static of(error: ErlangError): Failure {
    return new Failure(error.code, error.message, 'cause' in error ? { cause: error.cause } : {})
  }
}

/** The caller's signal was aborted: its reason is what is thrown. */
export class Aborted extends Failure {
  readonly signal: AbortSignal

  constructor(signal: AbortSignal) {
    super('ERR_ERL_CLOSED', 'aborted')
    this.signal = signal
  }

  override toError(): unknown {
    return this.signal.reason
  }
}

/**
 * One call in flight. It is born before its peer is known to be up, sends in `routeUp`, hears the
 * answers that carry its reference, and settles once. Subclasses know the shapes.
 */
export abstract class Call implements Waiting, Timed, Abortable {
  readonly reference: Reference
  /** The name of the node that is called. */
  readonly peer: string
  /** A value or a `Failure`, once it is settled. */
  outcome: unknown
  isSettled = false
  /** Where the call went; undefined while the peer is being dialled. */
  route: Route | undefined
  whenDown: WhenDown = 'fail'

  /** What can abort it, from `Calls.start` on. */
  signal: AbortSignal | undefined
  dueAt = 0
  previous: Timed | undefined
  next: Timed | undefined
  queue: DeadlineQueue | undefined

  protected readonly calls: Calls
  readonly #end = new Resolvable<void>()
  #timeoutMs = 0
  /** Where it waits for a channel. */
  #waitsAt: Route | undefined

  constructor(calls: Calls, peer: string) {
    this.calls = calls
    this.reference = calls.identity.nextReference()
    this.peer = peer
  }

  /**
   * Resolves when there is an outcome; never rejects. Not with the outcome: V8 would have to look
   * whether that is a promise, too.
   */
  get settled(): Promise<void> {
    return this.#end.promise
  }

  /** Encodes what is to be sent, when it cannot be sent at once. */
  abstract snapshot(): number
  /** Sends the call. Errors: what has no Erlang form; the call then fails with it. */
  protected abstract send(route: Route): void
  /** Takes back what waits on the peer: timed out, aborted. Calls `calls.forget` when all is done. */
  protected abstract withdraw(route: Route): void

  /** SPAWN_REPLY with this reference. */
  spawnReply(_result: unknown): void {}
  /** MONITOR_P_EXIT with this reference. */
  abstract monitorExit(frame: InboundFrame, from: unknown): void
  /** A message to the alias that is this reference, or with it as its tag. */
  abstract answer(frame: InboundFrame): void

  /** @internal by `Calls.start` */
  begin(wait: Wait, whenDown: WhenDown, route: Route): void {
    this.#timeoutMs = wait.timeoutMs
    this.signal = wait.signal
    this.whenDown = whenDown
    this.#waitsAt = route
  }

  routeUp(route: Route): void {
    if (this.isSettled) return
    this.#waitsAt = undefined
    this.route = route
    route.callStarted()
    this.send(route)
  }

  routeFailed(error: ErlangError): void {
    this.settle(Failure.of(error))
    this.calls.forget(this)
  }

  abort(signal: AbortSignal): void {
    this.#giveUp(new Aborted(signal))
  }

  expire(): void {
    const message = `no answer from ${this.peer} within ${this.#timeoutMs} ms`
    if (this.route !== undefined) this.#giveUp(new Failure('ERR_ERL_TIMEOUT', message))
    else this.#giveUp(stillConnecting(message, this.#waitsAt?.failure))
  }

  /** Gives up for a reason of the caller's own. */
  fail(failure: Failure): void {
    this.#giveUp(failure)
  }

  /** Whoever was to answer is gone: the channel, most often. */
  answererLost(failure: Failure): void {
    this.settle(failure)
    this.calls.forget(this)
  }

  /** Ends the wait, once. Timer and abort listener go with it. */
  settle(outcome: unknown): void {
    if (this.isSettled) return
    this.isSettled = true
    this.outcome = outcome
    this.calls.stopWaiting(this)
    this.route?.callEnded()
    this.#end.resolve()
  }

  #giveUp(failure: Failure): void {
    if (this.isSettled) return
    this.settle(failure)
    if (this.route !== undefined) {
      this.withdraw(this.route)
      return
    }
    this.#waitsAt?.forget(this)
    this.calls.forget(this)
  }
}

function stillConnecting(message: string, cause: ErlangError | undefined): Failure {
  return cause === undefined
    ? new Failure('ERR_ERL_TIMEOUT', `${message} (still connecting)`)
    : new Failure('ERR_ERL_TIMEOUT', `${message} (still connecting: ${cause.message})`, { cause })
}

/** The only table of those who wait for an answer, by the reference that the answer will carry. */
export class Calls {
  readonly identity: Identity
  /** The process in whose name calls are made: answers of old peers come to it. */
  readonly caller: Pid
  /** For calls that do not say. */
  readonly #whenDown: WhenDown
  readonly #pending = new NumberTable<Call>()
  readonly #deadlines = new Deadlines()
  readonly #aborts = new AbortListeners()
  #closed: Failure | undefined

  constructor(identity: Identity, caller: Pid, whenDown: WhenDown = 'fail') {
    this.identity = identity
    this.caller = caller
    this.#whenDown = whenDown
  }

  get size(): number {
    return this.#pending.size
  }

  /** Starts the clock of a call and sends it as soon as its peer is up. */
  start(call: Call, wait: Wait, route: Route): void {
    if (wait.signal?.aborted === true) {
      call.settle(new Aborted(wait.signal))
      return
    }
    if (this.#closed !== undefined) {
      call.settle(this.#closed)
      return
    }
    const refusal = route.refusal()
    if (refusal !== undefined) {
      call.settle(Failure.of(refusal))
      return
    }
    this.#pending.set(this.identity.referenceKey(call.reference), call)
    call.begin(wait, wait.whenDown ?? this.#whenDown, route)
    this.#deadlines.start(call, wait.timeoutMs)
    if (wait.signal !== undefined) this.#aborts.add(wait.signal, call)
    try {
      route.whenUp(call)
    } catch (error) {
      // No Erlang form: the caller gets that very error, and nothing was sent.
      call.settle(undefined)
      this.forget(call)
      // What the caller gave, alone: the error says where in that, and not where in our message.
      call.snapshot()
      throw error
    }
  }

  find(reference: Reference): Call | undefined {
    return this.#pending.get(this.identity.referenceKey(reference))
  }

  stopWaiting(call: Call): void {
    this.#deadlines.stop(call)
    if (call.signal !== undefined) this.#aborts.remove(call.signal, call)
  }

  /** Nothing more is to come for this call. */
  forget(call: Call): void {
    this.#pending.delete(this.identity.referenceKey(call.reference))
  }

  /** Fails every call that went over `route`. Those that still wait for a channel go on waiting. */
  routeLost(route: Route, failure: Failure): void {
    this.lost((call) => call.route === route, failure)
  }

  /** Fails the calls that nobody will answer any more. */
  lost(isLost: (call: Call) => boolean, failure: Failure): void {
    for (const call of this.#pending.values()) {
      if (isLost(call)) call.answererLost(failure)
    }
  }

  /** Fails every call, and those to come. */
  close(failure: Failure): void {
    this.#closed = failure
    for (const call of this.#pending.values()) call.answererLost(failure)
  }
}

/**
 * What a call that has settled came to. To be called in the `async` function that the user called.
 * Errors: as the `Failure` says.
 */
export function valueOrThrow({ outcome }: Call): unknown {
  if (outcome instanceof Failure) throw outcome.toError()
  return outcome
}

/** The same for a call that has not settled yet. */
export async function resultOf(call: Call): Promise<unknown> {
  await call.settled
  return valueOrThrow(call)
}
