/** Brings something up to date in steps, one run at a time; whoever asks meanwhile joins the run. */
export class Steps {
  readonly #isDone: () => boolean
  readonly #step: () => Promise<void>
  #running: Promise<void> | undefined

  constructor(isDone: () => boolean, step: () => Promise<void>) {
    this.#isDone = isDone
    this.#step = step
  }

  run(): Promise<void> {
    if (this.#running !== undefined) return this.#running
    if (this.#isDone()) return Promise.resolve()
    const running = this.#run()
    this.#running = running
    return running
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isDone()) await this.#step()
    } finally {
      // In the same turn as the last look, so that nobody joins a run that has seen the end.
      this.#running = undefined
    }
  }
}
