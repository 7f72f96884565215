import type { DeadlineQueue, Deadlines, Timed } from '../../node/deadlines.js'

/**
 * gen_server's timeout: it is asked for by one callback, runs while the server has nothing to do, and
 * is gone with the next message.
 */
export class ServerTimeout implements Timed {
  dueAt = 0
  previous: Timed | undefined
  next: Timed | undefined
  queue: DeadlineQueue | undefined
  readonly #deadlines: Deadlines
  readonly #elapsed: () => void
  #ms = Number.POSITIVE_INFINITY

  constructor(deadlines: Deadlines, elapsed: () => void) {
    this.#deadlines = deadlines
    this.#elapsed = elapsed
  }

  /** What the callback that runs asks for. */
  request(ms: number): void {
    this.#ms = ms
  }

  /** A message has come that is the server's to handle. */
  cancel(): void {
    this.pause()
    this.#ms = Number.POSITIVE_INFINITY
  }

  /** There is nothing to do: the time starts. */
  start(): void {
    if (this.queue === undefined) this.#deadlines.start(this, this.#ms)
  }

  /** There is something to do; it may turn out to be none of the server's, as requests of `sys`. */
  pause(): void {
    this.#deadlines.stop(this)
  }

  expire(): void {
    this.cancel()
    this.#elapsed()
  }
}
