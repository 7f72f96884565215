import { type LogLevel, logLevels } from '../../protocol/log-levels.js'

/** What `disable` sets: not even lines of level 0 are sent. */
export const noLevel = -1
/** Above all levels that there are. */
const highestLevel = 63
const invalidLevel = 64

/** The number of a level, named in any case; undefined for other text. */
export function logLevelOf(text: string): number | undefined {
  const name = text.toLowerCase()
  return Object.hasOwn(logLevels, name) ? logLevels[name as LogLevel] : undefined
}

/**
 * What `set_log_level` takes: the names but `console`, `disable`, and numbers from 1; those above 64,
 * which stands for a wrong one, are as good as 63.
 *
 * Source: freeswitch-observed A.5.
 */
export function settableLevel(text: string): number | undefined {
  if (text.toLowerCase() === 'disable') return noLevel
  const level = /^\+?[0-9.]+$/.test(text) ? Number.parseInt(text, 10) : logLevelOf(text)
  if (level === undefined || !(level >= 1) || level === invalidLevel) return undefined
  return Math.min(level, highestLevel)
}
