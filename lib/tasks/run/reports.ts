import type { LogLevel } from '../wire/messages.js'

/** A line that a task wrote, or that says what became of it. */
export interface LogEntry {
  readonly task: string
  /** The worker, or undefined for a run on demand. */
  readonly index: number | undefined
  readonly level: LogLevel
  readonly text: string
}

/** A run that failed, or a worker that died. */
export interface TaskFailure {
  readonly task: string
  readonly index: number | undefined
  readonly error: Error
}

/** A worker that is started again: what the event `restart` tells. */
export interface TaskRestart {
  readonly task: string
  readonly index: number
  /** In how many milliseconds. */
  readonly inMs: number
}

/** The events of `Tasks`. None is named `error`, which Node would throw when nobody listens. */
export interface TaskEvents {
  failure: [failure: TaskFailure]
  restart: [restart: TaskRestart]
  /** Too many restarts: the task is given up, its workers stop. */
  gaveUp: [task: string]
  /** The function of a worker begins. */
  running: [task: string, index: number]
  /** A worker's task has ended by itself. */
  done: [task: string, index: number]
}

/** Where what happens to tasks is told. */
export interface Reports {
  failed(failure: TaskFailure): void
  restarting(restart: TaskRestart): void
  gaveUp(task: string): void
  running(task: string, index: number): void
  done(task: string, index: number): void
  log(entry: LogEntry): void
}
