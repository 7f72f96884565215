import { Backoff, type RestartWindow } from './restart-window.js'
import { type Ending, type LifeContext, TaskLife } from './task-life.js'

/** Where a worker is in its life. */
export type WorkerState =
  | 'starting'
  | 'waiting'
  | 'running'
  | 'restarting'
  | 'done'
  | 'failed'
  | 'stopped'

/** What the supervisor of a task does for each of its workers. */
export interface WorkerSupervisor {
  readonly window: RestartWindow
  /** Too many restarts: all workers are to stop. */
  giveUp(): void
}

/** One worker of a task, over all its lives. */
export class SupervisedWorker {
  readonly #context: LifeContext
  readonly #supervisor: WorkerSupervisor
  readonly #backoff: Backoff
  #life: TaskLife | undefined
  #timer: NodeJS.Timeout | undefined
  #isStarted = false
  #final: 'done' | 'failed' | 'stopped' | undefined

  constructor(context: LifeContext, supervisor: WorkerSupervisor) {
    this.#context = context
    this.#supervisor = supervisor
    this.#backoff = new Backoff(context.definition.restart)
  }

  get life(): TaskLife | undefined {
    return this.#life
  }

  get state(): WorkerState {
    if (this.#final !== undefined) return this.#final
    if (this.#life === undefined) return this.#timer === undefined ? 'starting' : 'restarting'
    return this.#life.isRunning ? 'running' : 'waiting'
  }

  /** Whether it is over for good, its thread too. */
  get isOver(): boolean {
    return this.#final !== undefined && this.#life === undefined
  }

  /**
   * Makes its thread, once; `go` of the life lets it begin. Undefined when it was started or stopped
   * before, and when no thread is to be had or the node has stopped, which is a failure as others are.
   */
  start(): TaskLife | undefined {
    if (this.#isStarted || this.#final !== undefined) return undefined
    this.#isStarted = true
    return this.#live()
  }

  /** Ends it for good. Resolves when its thread is gone. */
  async stop(reason: string, graceMs: number): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#final ??= 'stopped'
    this.#life?.stop(reason, graceMs)
    await this.#life?.ended
  }

  #ended(life: TaskLife, ending: Ending): void {
    this.#life = undefined
    const { reports, definition, index } = this.#context
    const hasFailed = isFailure(ending)
    if (hasFailed) {
      this.#failed(ending.error)
    } else if (ending.kind === 'done') {
      reports.done(definition.name, index)
    }
    if (this.#final !== undefined) return
    if (ending.kind === 'stopped' || !this.#isRestarted(hasFailed)) {
      this.#final = hasFailed ? 'failed' : ending.kind === 'done' ? 'done' : 'stopped'
    } else if (this.#supervisor.window.add(performance.now())) this.#restart(life)
    else {
      this.#final = 'failed'
      this.#supervisor.giveUp()
    }
  }

  #live(): TaskLife | undefined {
    try {
      const life = new TaskLife(this.#context)
      this.#life = life
      void life.ended.then((ending) => this.#ended(life, ending))
      return life
    } catch (error) {
      this.#final = 'failed'
      this.#failed(error as Error)
      return undefined
    }
  }

  #failed(error: Error): void {
    const { counts, reports, definition, index } = this.#context
    counts.failed(error)
    reports.failed({ task: definition.name, index, error })
  }

  #isRestarted(hasFailed: boolean): boolean {
    const { when } = this.#context.definition.restart
    return when === 'always' || (when === 'onFailure' && hasFailed)
  }

  #restart(life: TaskLife): void {
    const { counts, reports, definition, index } = this.#context
    const inMs = this.#backoff.next(performance.now() - life.start)
    counts.restarts += 1
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const next = this.#live()
      void next?.ready.then(() => next.go())
    }, inMs)
    reports.restarting({ task: definition.name, index, inMs })
  }
}

function isFailure(ending: Ending): ending is Extract<Ending, { error: Error }> {
  return ending.kind === 'failed' || (ending.kind === 'signalled' && !ending.isOrderly)
}
