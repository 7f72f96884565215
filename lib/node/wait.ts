import { checkChoice, checkSignal, checkTimeout } from '../base/validate.js'
import type { Wait, WaitOptions } from './calls.js'
import { defaultTimeoutMs, whenDowns } from './options.js'

/** The options of `resolveWait`, for those who check the names of theirs. */
export const waitOptionNames: readonly (keyof WaitOptions)[] = ['timeoutMs', 'signal', 'whenDown']

/** Of those who do not say. */
const defaultWait: Wait = { timeoutMs: defaultTimeoutMs, signal: undefined, whenDown: undefined }

/** Checks how long a caller wants to wait. */
export function resolveWait({ timeoutMs, signal, whenDown }: WaitOptions): Wait {
  if (timeoutMs === undefined && signal === undefined && whenDown === undefined) return defaultWait
  return {
    timeoutMs: timeoutMs === undefined ? defaultTimeoutMs : checkTimeout('timeoutMs', timeoutMs),
    signal: signal === undefined ? undefined : checkSignal(signal),
    whenDown: whenDown === undefined ? undefined : checkChoice('whenDown', whenDown, whenDowns),
  }
}
