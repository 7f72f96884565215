import type { ResourceLimits } from 'node:worker_threads'
import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNames,
  checkObject,
  checkSignal,
  checkTimeout,
} from '../base/validate.js'
import { invalidArgument } from '../errors.js'
import type { ErlangNode } from '../otp/erlang-node.js'
import type { ExposeOptions } from '../otp/rpc/exposed.js'
import { checkLimits, count, integer } from './definition/definition.js'
import { type RunOption, resolveBase } from './definition/run-target.js'
import type { LogEntry } from './run/reports.js'

/** Runs on demand, of all tasks together. */
export interface RunOptions {
  /** How many threads there are at most, 2 by default: so many runs last at the same time. */
  readonly workers?: number
  /** How many of them are made by `start`, before anybody needs them; none by default. */
  readonly warm?: number
  /** How many runs may wait for a thread, 1,000 by default; more are refused with ERR_ERL_BUSY. */
  readonly queued?: number
  /** Limits of memory of these threads: those of `Worker` of Node. */
  readonly resourceLimits?: ResourceLimits
}

/** Options of `Tasks`. */
export interface TasksOptions {
  /** The node that tasks send and call with, and at which Erlang finds `evrexec`. */
  readonly node?: ErlangNode
  /** Where relative modules count from: a folder, or `import.meta.url`. The current one by default. */
  readonly base?: string | URL
  /** The module of the tasks that name none, as the script of KEMI. */
  readonly script?: RunOption
  /** `'reverse'` starts the task that was defined last first, as the original does. */
  readonly startOrder?: 'declared' | 'reverse'
  /** How long tasks have for ending when they are told to, in milliseconds; 5,000 by default. */
  readonly graceMs?: number
  /** How runs on demand share threads. */
  readonly runs?: RunOptions
  /** Gets the lines of tasks and what becomes of them; by default they go to standard error. */
  readonly log?: (entry: LogEntry) => void
  /** Stops all tasks when it is aborted. */
  readonly signal?: AbortSignal
  /** Whether Erlang may run and list tasks: which peers, or `false`; every peer by default. */
  readonly expose?: boolean | Pick<ExposeOptions, 'exposeTo'>
}

export interface ResolvedTasksOptions {
  readonly node: ErlangNode | undefined
  readonly base: string
  readonly script: RunOption | undefined
  readonly isReverse: boolean
  readonly graceMs: number
  readonly runs: {
    readonly workers: number
    readonly warm: number
    readonly queued: number
    readonly resourceLimits: ResourceLimits | undefined
  }
  readonly log: (entry: LogEntry) => void
  readonly signal: AbortSignal | undefined
  readonly expose: Pick<ExposeOptions, 'exposeTo'> | undefined
}

const names: readonly (keyof TasksOptions)[] = [
  ...(['node', 'base', 'script', 'startOrder', 'graceMs', 'runs', 'log', 'signal'] as const),
  'expose',
]
const mostThreads = 1_024

export function resolveTasksOptions(given: TasksOptions): ResolvedTasksOptions {
  checkNames('Tasks', checkObject('options', given), names)
  const { node, startOrder = 'declared', graceMs = 5_000, log = toStandardError, signal } = given
  checkFunction('log', log)
  if (signal !== undefined) checkSignal(signal)
  if (node !== undefined && typeof node.expose !== 'function') {
    throw invalidArgument('node', 'an ErlangNode', node)
  }
  return {
    node,
    base: resolveBase(given.base ?? process.cwd()),
    script: given.script,
    isReverse: checkChoice('startOrder', startOrder, ['declared', 'reverse']) === 'reverse',
    graceMs: checkTimeout('graceMs', graceMs),
    runs: resolveRuns(given.runs ?? {}),
    log,
    signal,
    expose: resolveExpose(given.expose ?? true),
  }
}

function resolveRuns(runs: RunOptions): ResolvedTasksOptions['runs'] {
  checkNames('runs', checkObject('runs', runs), ['workers', 'warm', 'queued', 'resourceLimits'])
  const workers = integer('runs.workers', runs.workers, 2, 1, mostThreads)
  return {
    workers,
    warm: integer('runs.warm', runs.warm, 0, 0, workers),
    queued:
      runs.queued === undefined ? 1_000 : runs.queued === 0 ? 0 : count('runs.queued', runs.queued),
    resourceLimits:
      runs.resourceLimits === undefined ? undefined : checkLimits(runs.resourceLimits),
  }
}

function resolveExpose(expose: boolean | Pick<ExposeOptions, 'exposeTo'>) {
  if (typeof expose !== 'object') return checkBoolean('expose', expose) ? {} : undefined
  checkNames('expose', checkObject('expose', expose), ['exposeTo'])
  return expose
}

function toStandardError({ task, index, level, text }: LogEntry): void {
  const worker = index === undefined ? '' : `[${index}]`
  process.stderr.write(`${level} ${task}${worker}: ${text}\n`)
}
