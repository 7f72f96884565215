import { ErlangError, withAdvice } from '../../errors.js'
import type { TermInput } from '../../term/term.js'
import { OnDemandRun, type RunRequest } from './on-demand-run.js'
import { type RunSurroundings, RunThread } from './run-thread.js'
import type { SupervisedTask } from './supervised-task.js'

/** How many threads there are, and how many runs may wait for them. */
export interface PoolLimits {
  readonly workers: number
  readonly queued: number
}

/** The threads that run tasks on demand, and the queue before them: first come, first served. */
export class RunPool {
  readonly #limits: PoolLimits
  readonly #surroundings: RunSurroundings
  readonly #threads = new Set<RunThread>()
  readonly #free: RunThread[] = []
  readonly #queue = new Set<OnDemandRun>()
  readonly #running = new Map<SupervisedTask, Set<OnDemandRun>>()
  #ids = 0
  #isClosed = false

  constructor(limits: PoolLimits, surroundings: RunSurroundings) {
    this.#limits = limits
    this.#surroundings = surroundings
  }

  get threads(): number {
    return this.#threads.size
  }

  get queued(): number {
    return this.#queue.size
  }

  queuedOf(task: SupervisedTask): number {
    let count = 0
    for (const run of this.#queue) if (run.task === task) count += 1
    return count
  }

  runningOf(task: SupervisedTask): number {
    return this.#running.get(task)?.size ?? 0
  }

  /** Makes threads before anybody needs them. */
  warm(count: number): void {
    for (let missing = count - this.#threads.size; missing > 0; missing -= 1) this.#open()
  }

  /**
   * Runs a task; resolves with its value, or undefined when that is not wanted.
   *
   * Errors: ERR_ERL_BUSY when too many wait; ERR_ERL_CLOSED; ERR_ERL_TIMEOUT; ERR_ERL_REMOTE.
   */
  async run(task: SupervisedTask, request: RunRequest): Promise<TermInput | undefined> {
    if (this.#isClosed) throw closed()
    if (this.#queue.size >= this.#limits.queued && !this.#canBegin(task)) {
      const message = `${this.#queue.size} runs are waiting, so "${task.name}" cannot be run`
      throw new ErlangError('ERR_ERL_BUSY', message)
    }
    this.#ids += 1
    const run = new OnDemandRun(this.#ids, task, request, this.#surroundings.reports)
    this.#queue.add(run)
    run.leaveQueue = () => this.#queue.delete(run)
    this.#fill()
    return run.promise
  }

  /** Cancels what waits and what runs of one task. Resolves when that is over. */
  async cancel(task: SupervisedTask, graceMs: number): Promise<void> {
    const queued = [...this.#queue].filter((run) => run.task === task)
    const why = new ErlangError('ERR_ERL_CLOSED', `the task "${task.name}" was stopped`)
    await cancelled([...queued, ...(this.#running.get(task) ?? [])], why, graceMs)
  }

  /** Refuses new runs, tells those that last to end. Resolves when all threads are gone. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true
    const running = Array.from(this.#running.values(), (runs) => [...runs]).flat()
    await cancelled([...this.#queue, ...running], closed(), graceMs)
    await Promise.all(Array.from(this.#threads, (thread) => thread.terminate()))
  }

  /** A run that begins at once waits for nobody, so no queue is too long for it. */
  #canBegin(task: SupervisedTask): boolean {
    const hasThread = this.#free.length > 0 || this.#threads.size < this.#limits.workers
    return hasThread && this.runningOf(task) < task.definition.maxConcurrent
  }

  #fill(): void {
    for (const run of this.#queue) {
      if (this.#free.length === 0) break
      if (this.runningOf(run.task) < run.definition.maxConcurrent) this.#begin(run)
    }
    const mayGrow = this.#threads.size < this.#limits.workers
    if (mayGrow && !this.#isClosed && this.#queue.size > 0) this.#grow()
  }

  #begin(run: OnDemandRun): void {
    const thread = this.#free.pop()
    if (thread === undefined) return
    this.#queue.delete(run)
    const runs = this.#running.get(run.task) ?? new Set()
    this.#running.set(run.task, runs.add(run))
    const over = () => {
      runs.delete(run)
    }
    run.promise.then(over, over)
    thread.perform(run)
  }

  /** One more thread for each run that could begin, as far as the limit goes. */
  #grow(): void {
    const able = Array.from(this.#queue).filter(
      ({ task }) => this.runningOf(task) < task.definition.maxConcurrent,
    )
    const starting = this.#threads.size - this.#free.length - this.#busy
    for (let missing = able.length - starting; missing > 0; missing -= 1) {
      if (this.#threads.size >= this.#limits.workers) return
      this.#open()
    }
  }

  get #busy(): number {
    let busy = 0
    for (const runs of this.#running.values()) busy += runs.size
    return busy
  }

  #open(): void {
    try {
      const thread: RunThread = new RunThread(this.#surroundings, {
        free: () => this.#freed(thread),
        gone: (_, error) => this.#gone(thread, error),
      })
      this.#threads.add(thread)
    } catch (error) {
      // With other threads it only waits longer.
      if (this.#threads.size === 0) this.#refuseFirst(error as Error)
    }
  }

  /** For want of a thread, which would be tried for again and again: whoever waits hears why. */
  #refuseFirst(error: Error): void {
    const [first] = this.#queue
    first?.cancel(error, true)
  }

  #freed(thread: RunThread): void {
    if (this.#isClosed) return
    this.#free.push(thread)
    // What settles the run before makes room for the next of its task first.
    queueMicrotask(() => this.#fill())
  }

  #gone(thread: RunThread, error: Error | undefined): void {
    this.#threads.delete(thread)
    if (error !== undefined) this.#refuseFirst(error)
    const at = this.#free.indexOf(thread)
    if (at >= 0) this.#free.splice(at, 1)
    queueMicrotask(() => this.#fill())
  }
}

async function cancelled(
  runs: readonly OnDemandRun[],
  why: ErlangError,
  graceMs: number,
): Promise<void> {
  for (const run of runs) run.cancel(why, false, graceMs)
  await Promise.allSettled(runs.map(({ promise }) => promise))
}

function closed(): ErlangError {
  return new ErlangError('ERR_ERL_CLOSED', withAdvice('ERR_ERL_CLOSED', 'the tasks are stopped'))
}
