import { EventEmitter } from 'node:events'
import {
  checkBoolean,
  checkNames,
  checkObject,
  checkSignal,
  checkText,
  checkTimeout,
} from '../base/validate.js'
import { ErlangError, invalidArgument, outOfRange, withAdvice } from '../errors.js'
import { Pid } from '../term/pid.js'
import type { Term } from '../term/term.js'
import { resolveDefinition, type TaskDefinition } from './definition/definition.js'
import { readDefinitionFile } from './definition/definition-file.js'
import { type ExecFields, parseExec } from './definition/exec-string.js'
import { Evrexec } from './face/evrexec.js'
import { statusOf, type TaskStatus } from './face/status.js'
import { type ResolvedTasksOptions, resolveTasksOptions, type TasksOptions } from './options.js'
import { Clock } from './run/clock.js'
import type { RunRequest } from './run/on-demand-run.js'
import type { Reports, TaskEvents } from './run/reports.js'
import { RunPool } from './run/run-pool.js'
import { StartTurns } from './run/start-turns.js'
import { SupervisedTask } from './run/supervised-task.js'

/** How a run on demand is to be made. */
export interface RunTaskOptions {
  /** Whether the promise gives what the task returns, and rejects with what it throws. */
  readonly result?: boolean
  /** How long it may last, its wait included; what the definition says by default. */
  readonly timeoutMs?: number
  /** Gives up on the run when it aborts; the `signal` of the task aborts, too. */
  readonly signal?: AbortSignal
  /** Links the process of the run with this one: when either ends, the other does. */
  readonly link?: Pid
}

/** Options of `stop` and `stopTask`. */
export interface StopOptions {
  /** How long tasks have for ending, in milliseconds; what `Tasks` was given by default. */
  readonly graceMs?: number
}

/** What the string form cannot say. */
export type DefineOptions = Omit<
  TaskDefinition,
  'name' | 'waitUs' | 'waitMs' | 'workers' | 'sockaddr'
>

const runNames = ['result', 'timeoutMs', 'signal', 'link']

/**
 * Background tasks: each runs on worker threads of its own from the start, or by name, or by the clock.
 *
 * ```ts
 * const tasks = new Tasks({ node, base: import.meta.url })
 * tasks.define({ name: 'evrexec:timer', waitUs: 1000, run: './jobs.mjs#timer' })
 * await tasks.start()
 * ```
 */
export class Tasks extends EventEmitter<TaskEvents> implements AsyncDisposable {
  readonly #options: ResolvedTasksOptions
  readonly #tasks = new Map<string, SupervisedTask>()
  readonly #clocks = new Map<SupervisedTask, Clock>()
  readonly #reports: Reports
  readonly #pool: RunPool
  readonly #evrexec: Evrexec | undefined
  #stopping: Promise<void> | undefined

  /** Errors: TypeError and RangeError that name the option, the rule and the value. */
  constructor(options: TasksOptions = {}) {
    super()
    this.#options = resolveTasksOptions(options)
    const { node, graceMs, runs, signal, expose } = this.#options
    this.#reports = this.#makeReports()
    const { resourceLimits } = runs
    this.#pool = new RunPool(runs, { node, graceMs, resourceLimits, reports: this.#reports })
    if (node !== undefined && expose !== undefined) {
      this.#evrexec = new Evrexec(node, this.#commands, expose)
    }
    if (signal?.aborted === true) void this.stop()
    else signal?.addEventListener('abort', this.#aborted, { once: true })
  }

  /**
   * Defines a task: by its fields, or by the original's string and what that has no key for. Those that
   * are defined after `start` are started by the next `start`.
   *
   * Errors: TypeError and RangeError that name the definition, the field and the rule; RangeError for
   *         a name that is taken.
   */
  define(definition: TaskDefinition): this
  define(definition: string, options?: DefineOptions): this
  define(definition: TaskDefinition | string, options: DefineOptions = {}): this {
    const { base, script } = this.#options
    this.#add(
      typeof definition === 'string' ? joined(parseExec(definition), options) : definition,
      {
        base,
        script,
      },
    )
    return this
  }

  /** Defines the tasks of a JSON file. Errors: as `define`, and those of reading it; none or all. */
  load(file: string | URL): this {
    const { tasks, base, script = this.#options.script } = readDefinitionFile(file)
    const before = new Set(this.#tasks.keys())
    try {
      for (const task of tasks) this.#add(task, { base, script })
    } catch (error) {
      for (const name of this.#tasks.keys()) if (!before.has(name)) this.#tasks.delete(name)
      if (error instanceof Error) error.message = `${String(file)}: ${error.message}`
      throw error
    }
    return this
  }

  /**
   * Starts the workers of all tasks, one after the other in the order of the definitions. Resolves when
   * each has begun: its module is loaded, its socket bound, or that has failed, which is told by the
   * event `failure` and by `list`, and does not hold up the others.
   *
   * Errors: ERR_ERL_CLOSED after `stop`.
   */
  async start(): Promise<this> {
    this.#checkOpen()
    this.#pool.warm(this.#options.runs.warm)
    const order = [...this.#tasks.values()]
    if (this.#options.isReverse) order.reverse()
    await this.#startAll(order)
    return this
  }

  /**
   * Starts one task: for the first time, or again when it was stopped, was given up or has ended, with
   * the restarts before forgotten. Workers that are there are left alone. Resolves as `start` does.
   *
   * Errors: ERR_ERL_NOPROC for a name that nobody has; RangeError for a task that only runs on demand;
   *         ERR_ERL_CLOSED after `stop`.
   */
  async startTask(name: string): Promise<void> {
    this.#checkOpen()
    const task = this.#find(checkText('name', name))
    if (!task.definition.startup) {
      throw outOfRange('name', 'that of a task with startup', name)
    }
    await task.renew()
    this.#checkOpen()
    await this.#startAll([task])
  }

  /**
   * Runs a task by its name, in a thread of the pool; resolves when it has ended, with `'ok'`, or with
   * `result` with what it returned. As in the original a task that failed has run: `'ok'`, unless
   * `result` is wanted or its thread died.
   *
   * Errors: TypeError for a name or data that is no string; ERR_ERL_NOPROC for a name that nobody has;
   *         ERR_ERL_BUSY when too many wait; ERR_ERL_TIMEOUT; ERR_ERL_CLOSED; `signal.reason`;
   *         ERR_ERL_REMOTE with the `cause` when the task fails.
   */
  run(
    name: string,
    data: string | undefined,
    options: RunTaskOptions & { readonly result: true },
  ): Promise<Term | undefined>
  run(name: string, data?: string, options?: RunTaskOptions): Promise<Term | undefined>
  async run(name: string, data = '', options: RunTaskOptions = {}): Promise<Term | undefined> {
    const task = this.#find(checkText('name', name))
    if (typeof data !== 'string') throw invalidArgument('data', 'a string', data)
    if (options.link !== undefined && this.#options.node === undefined) {
      throw invalidArgument('link', 'left out where tasks have no node', options.link)
    }
    const request = requestOf(task, data, options)
    const value = await this.#pool.run(task, request)
    return (request.wantsValue ? value : 'ok') as Term | undefined
  }

  /** What every task does, in the order of the definitions. */
  list(): TaskStatus[] {
    return Array.from(this.#tasks.values(), (task) =>
      statusOf(task, {
        running: this.#pool.runningOf(task),
        queued: this.#pool.queuedOf(task),
        next: this.#clocks.get(task)?.next,
      }),
    )
  }

  /**
   * Stops one task: its workers, its clock, its runs. It stays defined, and can be run on demand or
   * started again with `startTask`.
   *
   * Errors: ERR_ERL_NOPROC for a name that nobody has.
   */
  async stopTask(name: string, options: StopOptions = {}): Promise<void> {
    const task = this.#find(checkText('name', name))
    const graceMs = graceOf(options, this.#options.graceMs)
    this.#clocks.get(task)?.stop()
    this.#clocks.delete(task)
    await Promise.all([task.stop('the task is stopped', graceMs), this.#pool.cancel(task, graceMs)])
  }

  /**
   * Stops everything: refuses new runs, aborts the signal of every task, waits for them for the grace
   * time, and ends the threads of the rest. Safe twice; of several grace times the last counts. The
   * node is left as it is.
   */
  stop(options: StopOptions = {}): Promise<void> {
    const graceMs = graceOf(options, this.#options.graceMs)
    if (this.#stopping === undefined) this.#stopping = this.#stop(graceMs)
    else if (options.graceMs !== undefined) void this.#end(graceMs)
    return this.#stopping
  }

  /** As `stop`, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  readonly #aborted = (): void => void this.stop()

  async #stop(graceMs: number): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#aborted)
    this.#evrexec?.close()
    for (const clock of this.#clocks.values()) clock.stop()
    await this.#end(graceMs)
  }

  async #end(graceMs: number): Promise<void> {
    const tasks = Array.from(this.#tasks.values(), (task) =>
      task.stop('the tasks are stopped', graceMs),
    )
    await Promise.all([...tasks, this.#pool.close(graceMs)])
  }

  #add(
    definition: TaskDefinition,
    defaults: { base: string; script: ResolvedTasksOptions['script'] },
  ): void {
    this.#checkOpen()
    const resolved = resolveDefinition(definition, defaults)
    const { name } = resolved
    if (this.#tasks.has(name)) throw outOfRange('name', 'one that no other task has', name)
    const { node, graceMs } = this.#options
    const surroundings = { node, graceMs, reports: this.#reports }
    this.#tasks.set(name, new SupervisedTask(resolved, surroundings))
  }

  async #startAll(order: readonly SupervisedTask[]): Promise<void> {
    const turns = new StartTurns()
    for (const task of order) {
      for (const life of task.start()) await turns.add(life)
      this.#startClock(task)
    }
    await turns.end()
  }

  #startClock(task: SupervisedTask): void {
    const { schedule, startup, result, timeoutMs } = task.definition
    if (schedule === undefined || !startup || this.#clocks.has(task)) return
    if (task.isStopped) return
    const request = { data: schedule.data ?? '', wantsValue: result, timeoutMs, ...nothingElse }
    const work = async () => {
      // Whatever goes wrong with the run itself is reported where it happens.
      await this.#pool.run(task, request).catch((error: unknown) => this.#notRun(task, error))
    }
    this.#clocks.set(task, new Clock(schedule, work))
  }

  /** A run of the clock that did not even begin. */
  #notRun(task: SupervisedTask, error: unknown): void {
    if (!ErlangError.is(error) || error.code !== 'ERR_ERL_BUSY') return
    task.counts.failed(error)
    this.#reports.failed({ task: task.name, index: undefined, error })
  }

  #find(name: string): SupervisedTask {
    const task = this.#tasks.get(name)
    if (task !== undefined) return task
    const message = `Event route not found: there is no task "${name}"`
    throw new ErlangError('ERR_ERL_NOPROC', message)
  }

  #checkOpen(): void {
    if (this.#stopping === undefined) return
    throw new ErlangError('ERR_ERL_CLOSED', withAdvice('ERR_ERL_CLOSED', 'the tasks are stopped'))
  }

  get #commands() {
    return {
      has: (name: string) => this.#tasks.has(name),
      givesResult: (name: string) => this.#find(name).definition.result,
      run: async (name: string, data: string, wantsValue: boolean) => {
        const task = this.#find(name)
        const { timeoutMs } = task.definition
        return this.#pool.run(task, { data, wantsValue, timeoutMs, ...nothingElse })
      },
      begin: (name: string, data: string) => this.#begin(this.#find(name), data),
      list: () => this.list(),
    }
  }

  #begin(task: SupervisedTask, data: string): Promise<Pid> {
    const { timeoutMs } = task.definition
    return new Promise((resolve, reject) => {
      const request = { data, wantsValue: false, timeoutMs, ...nothingElse, onPid: resolve }
      // Once the pid is known, the end of its process tells.
      this.#pool.run(task, request).catch(reject)
    })
  }

  #makeReports(): Reports {
    const tell = <Name extends keyof TaskEvents>(name: Name, ...values: TaskEvents[Name]) => {
      this.#guarded(() =>
        (this.emit as (name: string, ...values: unknown[]) => void).call(this, name, ...values),
      )
    }
    const log: Reports['log'] = (entry) => this.#guarded(() => this.#options.log(entry))
    return {
      log,
      failed: (failure) => {
        const { task, index, error } = failure
        log({ task, index, level: 'error', text: error.stack ?? error.message })
        tell('failure', failure)
      },
      restarting: (restart) => tell('restart', restart),
      gaveUp: (task) => {
        log({ task, index: undefined, level: 'error', text: 'given up: too many restarts' })
        tell('gaveUp', task)
      },
      running: (task, index) => tell('running', task, index),
      done: (task, index) => tell('done', task, index),
    }
  }

  /** What a listener throws must not unwind the supervision of tasks. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}

const nothingElse = { signal: undefined, link: undefined, onPid: undefined }

function joined({ name, ...fields }: ExecFields, options: DefineOptions): TaskDefinition {
  return { ...options, name, ...fields }
}

function requestOf(task: SupervisedTask, data: string, options: RunTaskOptions): RunRequest {
  checkNames('run', checkObject('options', options), runNames)
  const { result, timeoutMs, signal, link } = options
  if (signal !== undefined) checkSignal(signal).throwIfAborted()
  if (link !== undefined && !Pid.is(link)) throw invalidArgument('link', 'a pid', link)
  return {
    data,
    wantsValue: result !== undefined && checkBoolean('result', result),
    timeoutMs:
      timeoutMs === undefined ? task.definition.timeoutMs : checkTimeout('timeoutMs', timeoutMs),
    signal,
    link,
    onPid: undefined,
  }
}

function graceOf(options: StopOptions, byDefault: number): number {
  checkNames('stop', checkObject('options', options), ['graceMs'])
  return options.graceMs === undefined ? byDefault : checkTimeout('graceMs', options.graceMs)
}
