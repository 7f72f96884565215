/** What a task counts, of all its workers and all its runs. */
export class Counts {
  /** Runs that began: of workers, on demand, by the clock, for datagrams. */
  runs = 0
  /** Runs that failed, and workers that died. */
  failures = 0
  restarts = 0
  /** Datagrams that found the queue full. */
  dropped = 0
  lastError: Error | undefined
  lastErrorAt: Date | undefined
  #busyMs = 0
  readonly #running = new Map<object, number>()

  /** A run begins; `key` stands for it. */
  began(key: object): void {
    this.runs += 1
    this.#running.set(key, performance.now())
  }

  /** It is over. Safe for one that never began. */
  ended(key: object): void {
    const start = this.#running.get(key)
    if (start === undefined) return
    this.#running.delete(key)
    this.#busyMs += performance.now() - start
  }

  /** A run that was timed elsewhere. */
  lasted(ms: number): void {
    this.runs += 1
    this.#busyMs += ms
  }

  failed(error: Error): void {
    this.failures += 1
    this.lastError = error
    this.lastErrorAt = new Date()
  }

  get running(): number {
    return this.#running.size
  }

  /** How long runs have lasted, those that still do among them. */
  get busyMs(): number {
    const now = performance.now()
    let busy = this.#busyMs
    for (const start of this.#running.values()) busy += now - start
    return busy
  }
}
