import path from 'node:path'
import { type LogEntry, type TaskDefinition, Tasks, type TasksOptions } from 'beamlink/tasks'
import { Arrivals, until } from './waiting.js'

export const fixtures = path.join(__dirname, '../fixtures/tasks')

/** Tasks whose lines and failures a test waits for; `stop` is due. */
export interface ObservedTasks {
  readonly tasks: Tasks
  /** The lines of the tasks, as `name[index]: text`, without those of failures. */
  readonly lines: Arrivals<string>
  readonly failures: Arrivals<string>
  /** Defines one of the functions of the fixtures, under its own name unless told otherwise. */
  define(name: string, fields?: Partial<TaskDefinition>): ObservedTasks
}

const open = new Set<Tasks>()

export function observedTasks(options: TasksOptions = {}): ObservedTasks {
  const lines = new Arrivals<string>()
  const failures = new Arrivals<string>()
  const log = ({ task, index, level, text }: LogEntry) => {
    if (level !== 'error') lines.push(`${task}[${index ?? ''}]: ${text}`)
  }
  const tasks = new Tasks({ base: fixtures, script: './jobs.mjs', graceMs: 200, log, ...options })
  tasks.on('failure', ({ task, error }) => failures.push(`${task}: ${error.message}`))
  open.add(tasks)
  const observed: ObservedTasks = {
    tasks,
    lines,
    failures,
    define(name, fields = {}) {
      tasks.define({ name, restart: 'never', ...fields } as TaskDefinition)
      return observed
    },
  }
  return observed
}

/** For `afterEach`. */
export async function stopAllTasks(): Promise<void> {
  await Promise.all(Array.from(open, (tasks) => tasks.stop({ graceMs: 0 })))
  open.clear()
}

/** What a definition without workers looks like. */
export const onDemand = { startup: false } as const

export { until }
