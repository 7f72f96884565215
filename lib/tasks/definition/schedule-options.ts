import { Cron } from 'croner'
import { checkChoice, checkNames, checkObject, checkText } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'

/** When a task runs by the clock. */
export interface Schedule {
  /** A cron pattern of five fields, or of six with seconds first, or a single time as ISO 8601. */
  readonly pattern: string
  /** The time zone that the pattern means, such as `Europe/Vienna`; that of this machine by default. */
  readonly timezone?: string
  /**
   * What happens at a time at which the run before still lasts: `'skip'`, the default, leaves it out,
   * `'run'` runs beside it.
   */
  readonly overlap?: 'skip' | 'run'
  /** The data of each run. */
  readonly data?: string
}

const names = ['pattern', 'timezone', 'overlap', 'data']

/** Errors: TypeError and RangeError that name the field; the library's reason why a pattern is none. */
export function checkSchedule(given: string | Schedule): Schedule {
  const schedule = typeof given === 'string' ? { pattern: given } : given
  checkNames('schedule', checkObject('schedule', schedule), names)
  const { pattern, timezone, overlap, data } = schedule
  checkText('schedule', pattern)
  if (timezone !== undefined) checkText('schedule.timezone', timezone)
  if (overlap !== undefined) checkChoice('schedule.overlap', overlap, ['skip', 'run'])
  if (data !== undefined && typeof data !== 'string') {
    throw invalidArgument('schedule.data', 'a string', data)
  }
  checkPattern(schedule)
  return schedule
}

function checkPattern({ pattern, timezone }: Schedule): void {
  try {
    // Without a function it only computes; asking for a time makes it look at the time zone.
    new Cron(pattern, { paused: true, ...(timezone === undefined ? {} : { timezone }) }).nextRun()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw outOfRange('schedule', `a cron pattern (${why})`, pattern)
  }
}
