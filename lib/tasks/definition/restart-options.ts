import {
  checkChoice,
  checkInteger,
  checkNames,
  checkObject,
  checkTimeout,
} from '../../base/validate.js'
import { outOfRange } from '../../errors.js'

/** When a worker whose task has ended runs it again, and when that is given up. */
export interface RestartOptions {
  /**
   * `'never'`; `'onFailure'`, the default: when it threw, did not load, or its thread died, as
   * `transient` children of OTP; `'always'`, as `permanent` ones.
   */
  readonly when?: 'never' | 'onFailure' | 'always'
  /** The pause before the first restart, 100 ms by default; it doubles with each… */
  readonly minMs?: number
  /** …up to this, 30,000 ms by default. A life longer than `periodMs` makes it short again. */
  readonly maxMs?: number
  /**
   * More restarts than `restarts` (5 by default) of a task within `periodMs` (60,000 by default), of
   * all its workers together, and it is given up, as OTP's supervisors count: all its workers stop.
   */
  readonly restarts?: number
  /** The time, in milliseconds, in which `restarts` may happen; 60,000 by default. */
  readonly periodMs?: number
}

export type Restart = Required<RestartOptions>

const choices = ['never', 'onFailure', 'always'] as const
const names = ['when', 'minMs', 'maxMs', 'restarts', 'periodMs']

export function resolveRestart(
  given: RestartOptions | RestartOptions['when'] | undefined,
): Restart {
  const options = typeof given === 'object' ? given : given === undefined ? {} : { when: given }
  checkNames('restart', checkObject('restart', options), names)
  const {
    when = 'onFailure',
    minMs = 100,
    maxMs = 30_000,
    restarts = 5,
    periodMs = 60_000,
  } = options
  const restart = {
    when: checkChoice('restart.when', when, choices),
    minMs: checkTimeout('restart.minMs', minMs),
    maxMs: checkTimeout('restart.maxMs', maxMs),
    restarts: restarts === Infinity ? restarts : checkInteger('restart.restarts', restarts, 0, 1e9),
    periodMs: checkTimeout('restart.periodMs', periodMs),
  }
  if (restart.maxMs < restart.minMs || restart.maxMs > 2 ** 31 - 1) {
    throw outOfRange('restart.maxMs', 'from minMs to 2147483647', restart.maxMs)
  }
  return restart
}
