/** FreeSWITCH's log levels and their numbers: the higher, the more is said. Source: switch_types.h. */
export const logLevels = {
  console: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
} as const

/** The name of a level: a key of `logLevels`. */
export type LogLevel = keyof typeof logLevels
