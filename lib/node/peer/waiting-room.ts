import type { ErlangError } from '../../errors.js'
import type { Operation } from '../../native/contract.js'
import type { RawTerm } from '../../term/raw.js'
import type { TermInput } from '../../term/term.js'
import type { Route, Waiting } from '../route.js'

/** What waits for one channel to come up, in the order in which it came. */
export class WaitingRoom {
  /** With the bytes that each one keeps. */
  readonly #entries = new Map<Waiting, number>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether somebody waits although attempts fail. */
  get isPatient(): boolean {
    for (const { whenDown } of this.#entries.keys()) if (whenDown === 'wait') return true
    return false
  }

  /** Errors: what has no Erlang form; it does not wait then. */
  add(waiting: Waiting): void {
    const bytes = waiting.snapshot()
    this.#entries.set(waiting, bytes)
    this.#bytes += bytes
  }

  remove(waiting: Waiting): void {
    this.#bytes -= this.#entries.get(waiting) ?? 0
    this.#entries.delete(waiting)
  }

  takeAll(): Waiting[] {
    const all = [...this.#entries.keys()]
    this.#entries.clear()
    this.#bytes = 0
    return all
  }

  /** Those for whom one failed attempt is the end of it. */
  takeImpatient(): Waiting[] {
    const taken = [...this.#entries.keys()].filter(({ whenDown }) => whenDown === 'fail')
    for (const waiting of taken) this.remove(waiting)
    return taken
  }
}

/** A frame that waits for its channel. */
export class WaitingFrame implements Waiting {
  readonly whenDown = 'fail'
  readonly #operation: Operation
  readonly #fields: readonly TermInput[]
  readonly #payload: RawTerm
  readonly #resolve: (below: Promise<void>) => void
  readonly #reject: (error: ErlangError) => void

  constructor(
    operation: Operation,
    fields: readonly TermInput[],
    payload: RawTerm,
    resolve: (below: Promise<void>) => void,
    reject: (error: ErlangError) => void,
  ) {
    this.#operation = operation
    this.#fields = fields
    this.#payload = payload
    this.#resolve = resolve
    this.#reject = reject
  }

  snapshot(): number {
    return this.#payload.bytes.length
  }

  routeUp(route: Route): void {
    this.#resolve(route.post(this.#operation, this.#fields, this.#payload))
  }

  routeFailed(error: ErlangError): void {
    this.#reject(error)
  }
}

/** Somebody who waits until what has been sent is written, before there is a channel. */
export class WaitingFlush implements Waiting {
  readonly whenDown = 'fail'
  readonly #resolve: () => void
  readonly #reject: (error: ErlangError) => void

  constructor(resolve: () => void, reject: (error: ErlangError) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  snapshot(): number {
    return 0
  }

  routeUp(): void {
    this.#resolve()
  }

  routeFailed(error: ErlangError): void {
    this.#reject(error)
  }
}
