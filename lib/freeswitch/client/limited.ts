import { ErlangError } from '../../errors.js'
import { aborts } from './aborts.js'

/** How long something may take, and what ends the wait before. */
export interface Limits {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** What `setTimeout` takes; it turns more into 1 ms. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Settles as `promise` does, unless the time is over or the signal aborted before.
 *
 * Errors: ERR_ERL_TIMEOUT with `late` as its message; `signal.reason`.
 */
export function limited<Value>(
  promise: Promise<Value>,
  { timeoutMs, signal }: Limits,
  late: string,
): Promise<Value> {
  if (timeoutMs === Number.POSITIVE_INFINITY && signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs <= longestTimerMs
        ? setTimeout(() => end(() => reject(timeout(late, timeoutMs))), timeoutMs).unref()
        : undefined
    const aborted = { abort: () => end(() => reject(signal?.reason)) }
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      if (signal !== undefined) aborts.remove(signal, aborted)
      settle()
    }
    if (signal?.aborted === true) return aborted.abort()
    if (signal !== undefined) aborts.add(signal, aborted)
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    )
  })
}

export function timeout(what: string, timeoutMs: number): ErlangError {
  return new ErlangError('ERR_ERL_TIMEOUT', `${what} within ${timeoutMs} ms`)
}
