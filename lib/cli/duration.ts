import { UsageError } from './usage-error.js'

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * Reads a duration with its unit: `500ms`, `5s`, `1.5m`, `1h`, or `infinity`; gives milliseconds.
 *
 * Errors: UsageError for a number without unit, which `erl_call` takes as seconds and the library as
 *         milliseconds, and for what is no duration.
 */
export function readDuration(option: string, text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text) ?? []
  const unitMs = unitsMs[unit]
  if (amount === undefined || unitMs === undefined) {
    const advice = amount === undefined ? '' : ` Did you mean ${amount}s?`
    throw new UsageError(
      `${option} must be a number with its unit (500ms, 5s, 2m, 1h) or infinity, got "${text}".${advice}`,
    )
  }
  return Math.round(Number(amount) * unitMs)
}

/** As short as it is read: `1500ms`, `5s`. */
export function durationText(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'infinity'
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`
}
