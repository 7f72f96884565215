/** How many processes run for each peer, and how many may. */
export class Quotas {
  readonly #most: number
  readonly #running = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Counts one more for a peer, unless it has as many as may be. */
  take(peer: string): boolean {
    const running = this.#running.get(peer) ?? 0
    if (running >= this.#most) return false
    this.#running.set(peer, running + 1)
    return true
  }

  giveBack(peer: string): void {
    const running = this.#running.get(peer) ?? 0
    if (running > 1) this.#running.set(peer, running - 1)
    else this.#running.delete(peer)
  }
}
