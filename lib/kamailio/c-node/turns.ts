import { ErlangError } from '../../errors.js'

/** Somebody who waits for a turn. */
interface Waiter {
  readonly proceed: () => void
}

/** How long somebody waits, and what makes it stop. */
export interface TurnWait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * One after the other, and nobody while the turns are held: what this node sends to a Kamailio that
 * waits for an answer would be taken as that answer.
 */
export class Turns {
  readonly #what: string
  readonly #waiting = new Set<Waiter>()
  #isTaken = false
  #isHeld = false

  /** `what` is had in turns, for messages. */
  constructor(what: string) {
    this.#what = what
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Resolves when it is the caller's turn. Errors: ERR_ERL_TIMEOUT, `signal.reason`. */
  take({ timeoutMs, signal }: TurnWait): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (!this.#isTaken && !this.#isHeld && this.#waiting.size === 0) {
      this.#isTaken = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', aborted)
        this.#waiting.delete(waiter)
      }
      const aborted = () => {
        leave()
        reject(signal?.reason)
      }
      const late = () => {
        leave()
        reject(new ErlangError('ERR_ERL_TIMEOUT', `${this.#what} was busy for ${timeoutMs} ms`))
      }
      const proceed = () => {
        leave()
        resolve()
      }
      const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined
      const waiter = { proceed }
      signal?.addEventListener('abort', aborted)
      this.#waiting.add(waiter)
    })
  }

  /** The turn is over. */
  release(): void {
    this.#isTaken = false
    this.#next()
  }

  /** Lets nobody begin until `free`. */
  hold(): void {
    this.#isHeld = true
  }

  free(): void {
    this.#isHeld = false
    this.#next()
  }

  #next(): void {
    const [first] = this.#waiting
    if (first === undefined || this.#isTaken || this.#isHeld) return
    this.#isTaken = true
    first.proceed()
  }
}
