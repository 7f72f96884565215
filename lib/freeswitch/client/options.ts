import {
  checkChoice,
  checkInteger,
  checkNames,
  checkObject,
  checkSignal,
  checkText,
  checkTimeout,
} from '../../base/validate.js'
import type { WaitOptions } from '../../node/calls.js'
import { whenDowns } from '../../node/options.js'
import type { WhenDown } from '../../node/route.js'

/** How a client deals with its switch. */
export interface FreeSwitchOptions {
  /** For every request that does not say, 5,000 by default. */
  readonly timeoutMs?: number
  /**
   * What is done while the switch cannot be reached. `'fail'` (default): requests reject, and new
   * readers and handlers too. `'wait'`: requests wait for the switch until their `timeoutMs` is over,
   * readers and handlers for ever. What has been registered once is registered again in either case.
   */
  readonly whenDown?: WhenDown
  /** Items that may wait for the reader of `events`, of `logs` or of a call; 10,000 by default. */
  readonly queueLimit?: number
  /** The first and the longest pause when registering again has failed; 100 and 30,000 by default. */
  readonly retry?: { readonly minMs?: number; readonly maxMs?: number }
  /** The name that messages are sent to, `freeswitch` by default. FreeSWITCH takes any. */
  readonly name?: string
}

/** How long a request waits, and what can make it stop waiting. */
export type RequestOptions = WaitOptions

export interface ResolvedClientOptions {
  readonly timeoutMs: number
  readonly whenDown: WhenDown
  readonly queueLimit: number
  readonly retry: { readonly minMs: number; readonly maxMs: number }
  readonly name: string
  /** Of requests that do not say. */
  readonly wait: RequestWait
}

/** `RequestOptions` with the client's choices in place. */
export interface RequestWait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly whenDown: WhenDown
}

const clientOptionNames: readonly (keyof FreeSwitchOptions)[] = [
  'timeoutMs',
  'whenDown',
  'queueLimit',
  'retry',
  'name',
]

const clientDefaults = {
  timeoutMs: 5_000,
  whenDown: 'fail',
  queueLimit: 10_000,
  retry: { minMs: 100, maxMs: 30_000 },
  name: 'freeswitch',
} as const

const longestPauseMs = 2 ** 31 - 1
const largestQueue = 2 ** 31 - 1

/** Errors: TypeError and RangeError that name option, rule and value. */
export function resolveClientOptions(options: FreeSwitchOptions): ResolvedClientOptions {
  checkNames('FreeSwitch', checkObject('options', options), clientOptionNames)
  const { timeoutMs, whenDown, queueLimit, retry, name } = options
  const wait: RequestWait = {
    timeoutMs: checkTimeout('timeoutMs', timeoutMs ?? clientDefaults.timeoutMs),
    signal: undefined,
    whenDown: checkChoice('whenDown', whenDown ?? clientDefaults.whenDown, whenDowns),
  }
  return {
    timeoutMs: wait.timeoutMs,
    whenDown: wait.whenDown,
    wait,
    queueLimit: checkQueueLimit(queueLimit ?? clientDefaults.queueLimit),
    retry: resolveRetry(retry ?? {}),
    name: checkText('name', name ?? clientDefaults.name),
  }
}

export function checkQueueLimit(value: unknown): number {
  return checkInteger('queueLimit', value, 1, largestQueue)
}

function resolveRetry(retry: NonNullable<FreeSwitchOptions['retry']>) {
  checkNames('retry', checkObject('retry', retry), ['minMs', 'maxMs'])
  const { minMs: leastMs, maxMs: mostMs } = clientDefaults.retry
  const minMs = checkInteger('retry.minMs', retry.minMs ?? leastMs, 1, longestPauseMs)
  const most = retry.maxMs ?? Math.max(minMs, mostMs)
  return { minMs, maxMs: checkInteger('retry.maxMs', most, minMs, longestPauseMs) }
}

export const requestOptionNames: readonly (keyof RequestOptions)[] = [
  'timeoutMs',
  'signal',
  'whenDown',
]

/** For methods that are called without options: they need no check. */
export const noOptions: RequestOptions = {}

/** Checks how long a caller wants to wait; `names` are all options that the method knows. */
export function resolveRequest(
  method: string,
  options: RequestOptions,
  { timeoutMs, whenDown, wait }: ResolvedClientOptions,
  names: readonly string[] = requestOptionNames,
): RequestWait {
  if (options === noOptions) return wait
  checkNames(method, checkObject('options', options), names)
  const { signal } = options
  return {
    timeoutMs: checkTimeout('timeoutMs', options.timeoutMs ?? timeoutMs),
    signal: signal === undefined ? undefined : checkSignal(signal),
    whenDown: checkChoice('whenDown', options.whenDown ?? whenDown, whenDowns),
  }
}
