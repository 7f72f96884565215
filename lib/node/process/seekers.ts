/** A channel whose queue is near its limit. */
export interface Pressed {
  /** Looks again at whether it must read on past the limit. */
  reconsider(): void
}

/**
 * Who waits for one message among others: `receive({ match })`. What it waits for may lie behind
 * messages that fill the mailbox, so channels read on past their limit meanwhile, as they do for
 * calls; whose message it will be, nobody knows.
 */
export class Seekers {
  readonly #pressed = new Set<Pressed>()
  #count = 0

  get isAny(): boolean {
    return this.#count > 0
  }

  started(): void {
    this.#count += 1
    if (this.#count === 1) this.#changed()
  }

  ended(): void {
    this.#count -= 1
    if (this.#count === 0) this.#changed()
  }

  /** Tells `channel` of changes from now on, or no more. */
  watch(channel: Pressed, isPressed: boolean): void {
    if (isPressed) this.#pressed.add(channel)
    else this.#pressed.delete(channel)
  }

  #changed(): void {
    for (const channel of this.#pressed) channel.reconsider()
  }
}
