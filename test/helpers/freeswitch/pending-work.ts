/** Knows whether something is still going on, and tells when it is not. */
export class PendingWork {
  #count = 0
  #waiting: (() => void)[] = []

  /** Goes on until `promise` has settled. */
  add(promise: Promise<unknown>): void {
    this.#count += 1
    const done = () => this.#done()
    promise.then(done, done)
  }

  /** Waits, within something that goes on, for what may never come: that is no work. */
  async except<T>(promise: Promise<T>): Promise<T> {
    this.#done()
    try {
      return await promise
    } finally {
      this.#count += 1
    }
  }

  /** Resolves when nothing goes on; what begins meanwhile is waited for too. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #done(): void {
    this.#count -= 1
    if (this.#count > 0) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
