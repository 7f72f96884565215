/**
 * Background tasks on worker threads, as Kamailio's `evrexec` has them: {@link Tasks}.
 *
 * @module beamlink/tasks
 */
export type { TaskDefinition } from './definition/definition.js'
export type { RestartOptions } from './definition/restart-options.js'
export type { RunOption } from './definition/run-target.js'
export type { Schedule } from './definition/schedule-options.js'
export type { TaskStatus, WorkerStatus } from './face/status.js'
export type { RunOptions, TasksOptions } from './options.js'
export type { LogEntry, TaskEvents, TaskFailure, TaskRestart } from './run/reports.js'
export type { WorkerState } from './run/supervised-worker.js'
export { type DefineOptions, type RunTaskOptions, type StopOptions, Tasks } from './tasks.js'
export type { LogLevel } from './wire/messages.js'
export type {
  Registration,
  Task,
  TaskFunction,
  TaskLog,
  TaskMessageContext,
  TaskNode,
  TaskProcessNode,
  TaskWait,
} from './worker/task.js'
