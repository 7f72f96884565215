import type { Restart } from '../definition/restart-options.js'

/**
 * Counts restarts as OTP's supervisors do: those within the last `periodMs`, of all the workers of a
 * task together. Source: OTP, stdlib/src/supervisor.erl, add_restart.
 */
export class RestartWindow {
  readonly #restart: Restart
  readonly #times: number[] = []

  constructor(restart: Restart) {
    this.#restart = restart
  }

  /** Counts one. False when that is more than the limit: it is to be given up. */
  add(now: number): boolean {
    const { periodMs, restarts } = this.#restart
    while ((this.#times[0] ?? now) < now - periodMs) this.#times.shift()
    if (this.#times.length >= restarts) return false
    if (restarts !== Infinity) this.#times.push(now)
    return true
  }

  /** Somebody started it again by hand, which counts for nothing. */
  clear(): void {
    this.#times.length = 0
  }
}

/** More would not fit a timer, whatever the first pause. */
const mostDoublings = 40

/** The pauses before the restarts of one worker. */
export class Backoff {
  readonly #restart: Restart
  #inRow = 0

  constructor(restart: Restart) {
    this.#restart = restart
  }

  /** The pause after a life of `livedMs`. */
  next(livedMs: number): number {
    const { minMs, maxMs, periodMs } = this.#restart
    if (livedMs > periodMs) this.#inRow = 0
    const pause = Math.min(maxMs, minMs * 2 ** this.#inRow)
    this.#inRow = Math.min(this.#inRow + 1, mostDoublings)
    return pause
  }
}
