import type { Wait, WaitOptions } from './calls.js'
import { defaultTimeoutMs } from './options.js'
import { checkSignal, checkTimeout } from './validate.js'

/** Checks how long a caller wants to wait. */
export function resolveWait({ timeoutMs, signal }: WaitOptions): Wait {
  return {
    timeoutMs: timeoutMs === undefined ? defaultTimeoutMs : checkTimeout('timeoutMs', timeoutMs),
    signal: signal === undefined ? undefined : checkSignal(signal),
  }
}
