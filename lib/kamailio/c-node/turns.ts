/** Somebody who waits for a turn. Neither of the two throws. */
export interface Turn {
  /** Its turn has come; it is over with `release`. */
  begin(): void
  /** There are no turns any more. */
  failed(error: unknown): void
}

/**
 * One after the other, and nobody while the turns are held. A turn begins within the event that makes
 * it possible, so that nothing can come in between.
 */
export class Turns {
  /** In their order; each comes, and leaves, without the others being moved. */
  #waiting = new Set<Turn>()
  #isTaken = false
  #isHeld = false
  /** Turns that are over at once come one after the other, not one within the other. */
  #isGiving = false
  #end: { readonly error: unknown } | undefined

  get waiting(): number {
    return this.#waiting.size
  }

  /** Begins `turn`, now or when it can; `isFirst` puts it before all who wait. */
  take(turn: Turn, isFirst = false): void {
    if (this.#end !== undefined) {
      turn.failed(this.#end.error)
      return
    }
    this.#waiting = isFirst ? new Set([turn, ...this.#waiting]) : this.#waiting.add(turn)
    this.#next()
  }

  /** Takes back a turn that has not begun. */
  leave(turn: Turn): void {
    this.#waiting.delete(turn)
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

  /** Whoever waits, and whoever comes, is told so. */
  close(error: unknown): void {
    this.#end = { error }
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const turn of waiting) turn.failed(error)
  }

  #next(): void {
    if (this.#isGiving) return
    this.#isGiving = true
    while (!this.#isTaken && !this.#isHeld) {
      const [turn] = this.#waiting
      if (turn === undefined) break
      this.#waiting.delete(turn)
      this.#isTaken = true
      turn.begin()
    }
    this.#isGiving = false
  }
}
