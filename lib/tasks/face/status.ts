import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { atomKeys, type TermInput } from '../../term/term.js'
import type { SupervisedTask } from '../run/supervised-task.js'
import type { WorkerState } from '../run/supervised-worker.js'

/** What one worker does. */
export interface WorkerStatus {
  readonly index: number
  readonly state: WorkerState
  /** The process that stands for it at the node, where there is one. */
  readonly pid: Pid | undefined
  readonly threadId: number | undefined
  /** How busy its event loop is, from 0 to 1, since its thread began. */
  readonly utilization: number | undefined
  /** Of a UDP task: the port it listens on. */
  readonly port: number | undefined
}

/** What one task does, and what it has done. */
export interface TaskStatus {
  readonly name: string
  /**
   * `running` while a worker runs it or a run lasts, `failed` when a worker has failed for good,
   * `idle` for a task that waits for a call or for the clock; else the state of its first worker.
   */
  readonly state: WorkerState | 'idle'
  readonly workers: readonly WorkerStatus[]
  /** Runs that have begun: of workers, on demand, by the clock, for datagrams. */
  readonly runs: number
  /** Runs that failed, and workers that died. */
  readonly failures: number
  readonly restarts: number
  readonly lastError: string | undefined
  readonly lastErrorAt: Date | undefined
  /** How long its runs have lasted, in milliseconds; those that still do count with what they have. */
  readonly busyMs: number
  /** Runs on demand that last, and that wait. */
  readonly running: number
  readonly queued: number
  /** Datagrams that found too many others waiting. */
  readonly dropped: number
  /** When the clock runs it next. */
  readonly next: Date | undefined
}

/** What is known of a task's runs on demand. */
export interface RunFigures {
  readonly running: number
  readonly queued: number
  readonly next: Date | undefined
}

export function statusOf(task: SupervisedTask, figures: RunFigures): TaskStatus {
  const { counts, name } = task
  const workers = task.workers.map((worker, index) => ({
    index,
    state: worker.state,
    pid: worker.life?.pid,
    threadId: worker.life?.threadId,
    utilization: worker.life?.utilization,
    port: worker.life?.port,
  }))
  return {
    name,
    state: stateOf(workers, task, figures),
    workers,
    runs: counts.runs,
    failures: counts.failures,
    restarts: counts.restarts,
    lastError: counts.lastError?.message,
    lastErrorAt: counts.lastErrorAt,
    busyMs: counts.busyMs,
    dropped: counts.dropped,
    ...figures,
  }
}

function stateOf(
  workers: readonly WorkerStatus[],
  task: SupervisedTask,
  { running }: RunFigures,
): TaskStatus['state'] {
  if (task.isGivenUp) return 'failed'
  const states = workers.map(({ state }) => state)
  if (running > 0 || states.includes('running')) return 'running'
  if (states.includes('failed')) return 'failed'
  if (task.isStopped && task.definition.schedule !== undefined) return 'stopped'
  return states[0] ?? 'idle'
}

/** As a map of Erlang: keys are atoms, texts binaries, what is not there `undefined`, times integers. */
export function statusTerm(status: TaskStatus): TermInput {
  return atomKeys({
    name: status.name,
    state: atom(status.state),
    workers: status.workers.map(workerTerm),
    runs: status.runs,
    failures: status.failures,
    restarts: status.restarts,
    last_error: status.lastError ?? atom('undefined'),
    last_error_at: timeTerm(status.lastErrorAt),
    busy_ms: Math.round(status.busyMs),
    running: status.running,
    queued: status.queued,
    dropped: status.dropped,
    next: timeTerm(status.next),
  })
}

function workerTerm({ index, state, pid, port }: WorkerStatus): TermInput {
  return atomKeys({
    index,
    state: atom(state),
    pid: pid ?? atom('undefined'),
    port: port ?? atom('undefined'),
  })
}

/** Milliseconds since 1970, as `erlang:system_time(millisecond)`. */
function timeTerm(time: Date | undefined): TermInput {
  return time === undefined ? atom('undefined') : time.getTime()
}
