import type { Watcher } from '../node/monitors.js'
import { Process, type ProcessOwner } from '../node/process.js'
import type { InboundFrame, Route } from '../node/route.js'
import type { Pid } from '../term/pid.js'
import type { Reference } from '../term/reference.js'
import type { CallContext } from './call-context.js'

/** Who asked for a process. */
export interface SpawnOrigin {
  readonly from: Pid
  readonly node: string
  /** The reference of the request, and of the monitor that it may ask for. */
  readonly request: Reference | undefined
}

/** The process that runs a function for a caller elsewhere. It ends when the function does. */
export class SpawnedProcess extends Process {
  /** Who called. */
  readonly from: Pid
  /** The node of the caller. */
  readonly peer: string
  readonly #request: Reference | undefined
  #abort: AbortController | undefined
  #isAbandoned = false

  constructor(pid: Pid, owner: ProcessOwner, origin: SpawnOrigin) {
    super(pid, owner)
    this.from = origin.from
    this.peer = origin.node
    this.#request = origin.request
  }

  get context(): CallContext {
    const signal = () => this.signal
    return {
      from: this.from,
      node: this.peer,
      self: this.pid,
      get signal() {
        return signal()
      },
    }
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#isAbandoned) this.#abort.abort()
    }
    return this.#abort.signal
  }

  /** A function has no mailbox: what is sent to its pid is not received, as in any such process. */
  deliver(frame: InboundFrame, _from: Pid | undefined, route: Route): void {
    route.consumed(frame)
  }

  /** The function runs on, as it would in Erlang, but it can know that nobody waits. */
  override unwatched(watcher: Watcher): void {
    if (watcher.reference === this.#request) this.#abandon()
  }

  protected notified(): void {}

  protected ended(): void {
    this.#abandon()
  }

  #abandon(): void {
    this.#isAbandoned = true
    this.#abort?.abort()
  }
}
