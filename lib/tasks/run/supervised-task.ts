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
  readonly workers: readonly SupervisedWorker[]
  readonly #surroundings: TaskSurroundings
  #isStarted = false
  #isGivenUp = false

  constructor(definition: ResolvedDefinition, surroundings: TaskSurroundings) {
    this.definition = definition
    this.#surroundings = surroundings
    const window = new RestartWindow(definition.restart)
    const supervisor = { window, giveUp: () => this.#giveUp() }
    const hasWorkers = definition.startup && definition.schedule === undefined
    this.workers = Array.from({ length: hasWorkers ? definition.workers : 0 }, (_, index) => {
      const context = { definition, index, counts: this.counts, ...surroundings }
      return new SupervisedWorker(context, supervisor)
    })
  }

  get name(): string {
    return this.definition.name
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** Makes the threads of its workers, those that are not there yet; they wait for their turn. */
  *start(): Generator<TaskLife> {
    if (this.#isStarted) return
    this.#isStarted = true
    for (const worker of this.workers) yield worker.start()
  }

  /** Ends its workers. Resolves when their threads are gone. */
  async stop(reason: string, graceMs = this.#surroundings.graceMs): Promise<void> {
    this.#isStarted = true
    await Promise.all(this.workers.map((worker) => worker.stop(reason, graceMs)))
  }

  #giveUp(): void {
    this.#isGivenUp = true
    this.#surroundings.reports.gaveUp(this.name)
    void this.stop('the task was given up: too many restarts')
  }
}
