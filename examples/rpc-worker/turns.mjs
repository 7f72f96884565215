/** Lets so many run at once and so many wait; those who give up while they wait are never run. */
export class Turns {
  #atOnce
  #mostWaiting
  #running = 0
  #waiting = []
  #isClosed = false
  #done = () => undefined
  #drained = new Promise((resolve) => {
    this.#done = resolve
  })

  constructor(atOnce, mostWaiting) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  get running() {
    return this.#running
  }

  get waiting() {
    return this.#waiting.length
  }

  /** Runs `work` in its turn. `refuse` makes the error for whom there is no place: full or closed. */
  async run(work, signal, refuse) {
    // It may have given up before it was begun with.
    signal.throwIfAborted()
    if (this.#isClosed) throw refuse('stopping')
    if (this.#running < this.#atOnce) this.#running += 1
    else if (this.#waiting.length < this.#mostWaiting) await this.#turn(signal)
    else throw refuse('busy')
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Takes no more; resolves when all that were taken are done. */
  close() {
    this.#isClosed = true
    if (this.#running === 0) this.#done()
    return this.#drained
  }

  /** Whoever is called has the place of the one that ended. */
  #turn(signal) {
    return new Promise((resolve, reject) => {
      const entry = { resolve }
      this.#waiting.push(entry)
      const leave = () => {
        const index = this.#waiting.indexOf(entry)
        if (index < 0) return
        this.#waiting.splice(index, 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next() {
    const next = this.#waiting.shift()
    if (next !== undefined) return next.resolve()
    this.#running -= 1
    if (this.#isClosed && this.#running === 0) this.#done()
  }
}
