import { availableParallelism } from 'node:os'
import type { TaskLife } from './task-life.js'

/** Threads that begin at the same time hold each other up, and the main loop with them. */
const mostBeginning = 2 * availableParallelism()

/** Lets workers begin one after the other, in the order in which they are added. */
export class StartTurns {
  readonly #beginning: TaskLife[] = []
  readonly #begun: Promise<void>[] = []

  /** Resolves when the next one may be made. */
  async add(life: TaskLife): Promise<void> {
    this.#beginning.push(life)
    this.#begun.push(life.begun)
    if (this.#beginning.length >= mostBeginning) await this.#next()
    // Making a thread takes the loop a while: it turns between two.
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Resolves when all have begun, or have failed to. */
  async end(): Promise<void> {
    while (this.#beginning.length > 0) await this.#next()
    await Promise.all(this.#begun)
  }

  async #next(): Promise<void> {
    const life = this.#beginning.shift()
    await life?.ready
    life?.go()
  }
}
