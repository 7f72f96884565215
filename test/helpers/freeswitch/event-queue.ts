import type { EventHost, NewEvent } from 'beamlink/freeswitch'
import type { PendingWork } from './pending-work.js'

/**
 * Hands events to the host a little later, in order, as the event thread of a real switch does: so
 * the handler of a call that has just been attached gets what happened right before.
 */
export class EventQueue {
  readonly #host: EventHost
  readonly #work: PendingWork
  #queued: NewEvent[] = []
  #flushed: Promise<void> | undefined

  constructor(host: EventHost, work: PendingWork) {
    this.#host = host
    this.#work = work
  }

  fire(event: NewEvent): void {
    this.#queued.push(event)
    this.#flushed ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#flush()
        resolve()
      })
    })
    this.#work.add(this.#flushed)
  }

  /** Resolves when the host has what was fired before. */
  async flushed(): Promise<void> {
    await this.#flushed
  }

  #flush(): void {
    this.#flushed = undefined
    for (const event of this.#queued.splice(0)) this.#host.emit(event)
  }
}
