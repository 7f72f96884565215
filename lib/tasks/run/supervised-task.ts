import type { ErlangNode } from '../../otp/erlang-node.js'
import type { ResolvedDefinition } from '../definition/definition.js'
import { Counts } from './counts.js'
import type { Reports } from './reports.js'
import { RestartWindow } from './restart-window.js'
import { SupervisedWorker } from './supervised-worker.js'
import type { TaskLife } from './task-life.js'

/** What all tasks have in common. */
export interface TaskSurroundings {
  readonly node: ErlangNode | undefined
  readonly graceMs: number
  readonly reports: Reports
}

/** A task with its workers, supervised one for one. */
export class SupervisedTask {
  readonly definition: ResolvedDefinition
  readonly counts = new Counts()
  readonly #surroundings: TaskSurroundings
  readonly #window: RestartWindow
  #workers: readonly SupervisedWorker[]
  #isStopped = false
  #isGivenUp = false
  /** How often it was stopped: who waits for its end sees whether it was again. */
  #stops = 0

  constructor(definition: ResolvedDefinition, surroundings: TaskSurroundings) {
    this.definition = definition
    this.#surroundings = surroundings
    this.#window = new RestartWindow(definition.restart)
    const hasWorkers = definition.startup && definition.schedule === undefined
    const length = hasWorkers ? definition.workers : 0
    this.#workers = Array.from({ length }, (_, index) => this.#worker(index))
  }

  get name(): string {
    return this.definition.name
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  get workers(): readonly SupervisedWorker[] {
    return this.#workers
  }

  /** Makes the threads of its workers, those that are not there yet; they wait for their turn. */
  *start(): Generator<TaskLife> {
    for (const worker of this.#workers) {
      const life = worker.start()
      if (life !== undefined) yield life
    }
  }

  /** Puts new workers in the place of those that are over, or will be once they have been stopped. */
  async renew(): Promise<void> {
    const stops = this.#stops
    if (this.#isStopped || this.#isGivenUp) {
      await Promise.all(this.#workers.map(({ life }) => life?.ended))
    }
    if (this.#stops !== stops) return
    if (this.#workers.some(({ isOver }) => isOver)) this.#window.clear()
    this.#workers = this.#workers.map((worker, index) =>
      worker.isOver ? this.#worker(index) : worker,
    )
    this.#isStopped = false
    this.#isGivenUp = false
  }

  /** Ends its workers. Resolves when their threads are gone. */
  async stop(reason: string, graceMs = this.#surroundings.graceMs): Promise<void> {
    this.#isStopped = true
    this.#stops += 1
    await Promise.all(this.#workers.map((worker) => worker.stop(reason, graceMs)))
  }

  #worker(index: number): SupervisedWorker {
    const { definition, counts } = this
    const supervisor = { window: this.#window, giveUp: () => this.#giveUp() }
    return new SupervisedWorker({ definition, index, counts, ...this.#surroundings }, supervisor)
  }

  #giveUp(): void {
    this.#isGivenUp = true
    this.#surroundings.reports.gaveUp(this.name)
    void this.stop('the task was given up: too many restarts')
  }
}
