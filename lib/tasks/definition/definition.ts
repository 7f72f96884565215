import type { ResourceLimits } from 'node:worker_threads'
import {
  checkBoolean,
  checkInteger,
  checkNames,
  checkObject,
  checkText,
  checkTimeout,
} from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import type { NodeOptions } from '../../node/options.js'
import type { UdpAddress } from '../wire/messages.js'
import { type Restart, type RestartOptions, resolveRestart } from './restart-options.js'
import { type RunOption, type RunTarget, resolveTarget } from './run-target.js'
import { checkSchedule, type Schedule } from './schedule-options.js'
import { resolveAddress } from './udp-address.js'

/** A task: what it is called, what it runs, and how. */
export interface TaskDefinition {
  /** What it is run and listed by; no other task may have it. */
  readonly name: string
  /**
   * The module and the export to run: `'./jobs.mjs#timer'`. Without a name, and without `run` with the
   * module of the option `script`, it is the export of the task's name, or of what follows the last
   * colon in it.
   */
  readonly run?: RunOption
  /** How long each worker waits before it runs the task, in microseconds as in the original… */
  readonly waitUs?: number
  /** …or in milliseconds. */
  readonly waitMs?: number
  /** How many worker threads run the task, 1 by default; 0 means 1. */
  readonly workers?: number
  /** `false`: the task runs on demand only. True by default. */
  readonly startup?: boolean
  /** `udp:host:port`: the task runs for every datagram, in one worker. */
  readonly sockaddr?: string
  /** How many datagrams wait at most for the run before them, 10,000 by default; more are dropped. */
  readonly maxDatagrams?: number
  /** Runs the task at the times of a cron pattern, in place of once at the start. */
  readonly schedule?: string | Schedule
  /** Whether it is started again when it ends, and how often; `onFailure` by default. */
  readonly restart?: RestartOptions | RestartOptions['when']
  /** How many runs on demand may last at the same time; no limit but that of all by default. */
  readonly maxConcurrent?: number
  /** How long a run on demand may last, in milliseconds; for ever by default. */
  readonly timeoutMs?: number
  /** Whether `evrexec:run` from Erlang gives the task's own value in place of `ok`. */
  readonly result?: boolean
  /** Gives each worker an Erlang node of its own, with these options. */
  readonly node?: NodeOptions
  /** Limits of memory of its workers, as `Worker` of Node takes them. */
  readonly resourceLimits?: ResourceLimits
}

/** A definition that has been checked. */
export interface ResolvedDefinition {
  readonly name: string
  readonly target: RunTarget
  readonly waitMs: number
  readonly workers: number
  readonly startup: boolean
  readonly address: UdpAddress | undefined
  readonly schedule: Schedule | undefined
  readonly restart: Restart
  readonly maxConcurrent: number
  readonly timeoutMs: number
  readonly result: boolean
  readonly node: NodeOptions | undefined
  readonly resourceLimits: ResourceLimits | undefined
}

export const definitionNames: readonly (keyof TaskDefinition)[] = [
  ...(['name', 'run', 'waitUs', 'waitMs', 'workers', 'startup', 'sockaddr'] as const),
  ...(['maxDatagrams', 'schedule', 'restart', 'maxConcurrent', 'timeoutMs', 'result'] as const),
  ...(['node', 'resourceLimits'] as const),
]

/** Of one task. More threads than that help no machine. */
const mostWorkers = 1_024
/** The longest time that a timer of Node can wait. */
const longestMs = 2 ** 31 - 1

/** Where relative modules count from, and the module of tasks that name none. */
export interface TargetDefaults {
  readonly base: string
  readonly script: RunOption | undefined
}

/**
 * Checks a definition.
 *
 * Errors: TypeError and RangeError that name the task, the field, the rule and the value.
 */
export function resolveDefinition(
  definition: TaskDefinition,
  defaults: TargetDefaults,
): ResolvedDefinition {
  const given = checkObject('definition', definition) as TaskDefinition
  const name = checkText('name', given.name)
  try {
    checkNames('define', given, definitionNames)
    const resolved = fieldsOf(name, given, defaults)
    checkTogether(given, resolved)
    return resolved
  } catch (error) {
    if (error instanceof Error) error.message = `task "${name}": ${error.message}`
    throw error
  }
}

function fieldsOf(
  name: string,
  given: TaskDefinition,
  { base, script }: TargetDefaults,
): ResolvedDefinition {
  const { maxConcurrent, timeoutMs, maxDatagrams } = given
  const address =
    given.sockaddr === undefined ? undefined : resolveAddress(given.sockaddr, maxDatagrams)
  const schedule = given.schedule === undefined ? undefined : checkSchedule(given.schedule)
  const workers = Math.max(1, integer('workers', given.workers, 1, 0, mostWorkers))
  return {
    name,
    target: resolveTarget(name, given.run ?? script, base),
    waitMs: waitOf(given),
    // The original's sockets have one process each.
    workers: address === undefined ? workers : 1,
    startup: given.startup === undefined || checkBoolean('startup', given.startup),
    address,
    schedule,
    restart: resolveRestart(given.restart),
    maxConcurrent: maxConcurrent === undefined ? Infinity : count('maxConcurrent', maxConcurrent),
    timeoutMs: timeoutMs === undefined ? Infinity : checkTimeout('timeoutMs', timeoutMs),
    result: given.result !== undefined && checkBoolean('result', given.result),
    node: given.node === undefined ? undefined : checkNodeOptions(given.node),
    resourceLimits:
      given.resourceLimits === undefined ? undefined : checkLimits(given.resourceLimits),
  }
}

/** What the fields, each of them good, must not say together. */
function checkTogether(given: TaskDefinition, resolved: ResolvedDefinition): void {
  if (given.maxDatagrams !== undefined && resolved.address === undefined) {
    throw invalidArgument('maxDatagrams', 'given together with sockaddr', given.maxDatagrams)
  }
  if (resolved.schedule === undefined) return
  // Its runs are runs on demand, made by the clock.
  for (const name of ['waitUs', 'waitMs', 'workers', 'sockaddr', 'node', 'restart'] as const) {
    if (given[name] !== undefined) {
      throw invalidArgument(name, 'left out of a task with a schedule', given[name])
    }
  }
}

function waitOf({ waitUs, waitMs }: TaskDefinition): number {
  if (waitUs !== undefined && waitMs !== undefined) {
    throw invalidArgument('waitMs', 'left out where waitUs is given', waitMs)
  }
  if (waitUs !== undefined) {
    return integer('waitUs', waitUs, 0, 0, longestMs * 1_000) / 1_000
  }
  const wait = waitMs === undefined ? 0 : checkTimeout('waitMs', waitMs)
  if (wait > longestMs) throw outOfRange('waitMs', `at most ${longestMs}`, wait)
  return wait
}

export function integer(
  name: string,
  value: unknown,
  byDefault: number,
  min: number,
  max: number,
): number {
  return value === undefined ? byDefault : checkInteger(name, value, min, max)
}

/** One or more; `Infinity` stands for no limit. */
export function count(name: string, value: unknown): number {
  return value === Infinity ? Infinity : checkInteger(name, value, 1, Number.MAX_SAFE_INTEGER)
}

/** They go to the worker by message, which takes no functions. */
function checkNodeOptions(options: NodeOptions): NodeOptions {
  checkText('node.name', (checkObject('node', options) as NodeOptions).name)
  try {
    return structuredClone(options)
  } catch (error) {
    throw invalidArgument(
      'node',
      `options that can be copied (${(error as Error).message})`,
      options,
    )
  }
}

const limitNames = [
  ...['maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb'],
]

/** With less a thread cannot begin, for which Node 22 and later end the whole process. */
const leastHeapMb = 4

export function checkLimits(limits: ResourceLimits): ResourceLimits {
  checkNames('resourceLimits', checkObject('resourceLimits', limits), limitNames)
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value !== 'number') throw invalidArgument(name, 'a number of MiB', value)
    if (!(value > 0)) throw outOfRange(name, 'a number of MiB above 0', value)
    if (name === 'maxOldGenerationSizeMb' && value < leastHeapMb) {
      throw outOfRange(name, `at least ${leastHeapMb} MiB`, value)
    }
  }
  return limits
}
