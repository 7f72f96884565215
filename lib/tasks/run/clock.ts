import { Cron } from 'croner'
import type { Schedule } from '../definition/schedule-options.js'

/** Runs something at the times of a schedule. */
export class Clock {
  readonly #cron: Cron
  #isRunning = false

  /** What `work` rejects with is its own business to tell. */
  constructor({ pattern, timezone, overlap }: Schedule, work: () => Promise<unknown>) {
    const options = timezone === undefined ? {} : { timezone }
    this.#cron = new Cron(pattern, options, () => {
      if (this.#isRunning && overlap !== 'run') return
      this.#isRunning = true
      const over = () => {
        this.#isRunning = false
      }
      work().then(over, over)
    })
  }

  /** When it will run next; undefined when never again. */
  get next(): Date | undefined {
    return this.#cron.nextRun() ?? undefined
  }

  stop(): void {
    this.#cron.stop()
  }
}
