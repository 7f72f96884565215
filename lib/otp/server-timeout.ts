/**
 * gen_server's timeout: it is asked for by one callback, runs while the server has nothing to do, and
 * is gone with the next message. The timer does not keep the process alive; the node does.
 */
export class ServerTimeout {
  readonly #elapsed: () => void
  #ms: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(elapsed: () => void) {
    this.#elapsed = elapsed
  }

  /** What the callback that runs asks for. */
  request(ms: number): void {
    this.#ms = ms === Number.POSITIVE_INFINITY ? undefined : ms
  }

  /** A message has come that is the server's to handle. */
  cancel(): void {
    this.pause()
    this.#ms = undefined
  }

  /** There is nothing to do: the time starts. */
  start(): void {
    if (this.#ms === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.cancel()
      this.#elapsed()
    }, this.#ms).unref()
  }

  /** There is something to do; it may turn out to be none of the server's, as requests of `sys`. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
