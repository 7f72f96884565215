/** Somebody who waits for a turn; called when it has come. */
export type Turn = () => void

/**
 * One after the other, and nobody while the turns are held. A turn begins within the event that makes
 * it possible, so that nothing can come in between.
 */
export class Turns {
  readonly #waiting: Turn[] = []
  #isTaken = false
  #isHeld = false

  get waiting(): number {
    return this.#waiting.length
  }

  /** Begins `turn`, now or when it can; `isFirst` puts it before all who wait. */
  take(turn: Turn, isFirst = false): void {
    if (isFirst) this.#waiting.unshift(turn)
    else this.#waiting.push(turn)
    this.#next()
  }

  /** Takes back a turn that has not begun. */
  leave(turn: Turn): void {
    const at = this.#waiting.indexOf(turn)
    if (at >= 0) this.#waiting.splice(at, 1)
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
    if (this.#isTaken || this.#isHeld) return
    const turn = this.#waiting.shift()
    if (turn === undefined) return
    this.#isTaken = true
    turn()
  }
}
