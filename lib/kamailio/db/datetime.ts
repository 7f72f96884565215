import { outOfRange } from '../../errors.js'
import { isTuple, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'

/** Which numbers `{{Year, Month, Day}, {Hour, Minute, Second}}` may hold; zero dates exist in SQL. */
const limits = [9999, 12, 31, 23, 59, 60]
const rule = "'2026-11-28 05:54:17' or {{Y,Mo,D},{H,Mi,S}}"

/** `2026-11-28 05:54:17` of `{{2026,11,28},{5,54,17}}`; undefined for what is no such tuple. */
export function datetimeText(term: Term): string | undefined {
  if (!isTuple(term, 2) || !isTuple(term[0], 3) || !isTuple(term[1], 3)) return undefined
  const parts = [...term[0], ...term[1]]
  if (!parts.every(isWithin)) return undefined
  const [year, ...others] = parts.map((part) => String(part))
  const [month, day, hour, minute, second] = others.map((part) => part.padStart(2, '0'))
  return `${year?.padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}`
}

function isWithin(part: unknown, at: number): boolean {
  return Number.isInteger(part) && Number(part) >= 0 && Number(part) <= (limits[at] ?? 0)
}

/** The six numbers of such a text; undefined when it is none. A date alone is midnight. */
export function datetimeParts(text: string): number[] | undefined {
  const read = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d))?$/.exec(text)
  const parts = read?.slice(1).map((part = '0') => Number(part))
  return parts?.every(isWithin) ? parts : undefined
}

/** Whether a value is such a text as stores keep. */
export function isDatetime(value: unknown): value is string {
  return typeof value === 'string' && value[10] === ' ' && datetimeParts(value) !== undefined
}

/** `{{2026,11,28},{5,54,17}}` of `2026-11-28 05:54:17`. Errors: RangeError for any other text. */
export function datetimeTerm(text: string) {
  const parts = datetimeParts(text)
  if (parts === undefined) throw outOfRange('datetime', rule, text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  return tuple(tuple(year, month, day), tuple(hour, minute, second))
}

/** The same of a `Date`, in the local time of this process. */
export function datetimeOf(date: Date) {
  return tuple(
    tuple(date.getFullYear(), date.getMonth() + 1, date.getDate()),
    tuple(date.getHours(), date.getMinutes(), date.getSeconds()),
  )
}

/** The `Date` at that local time; an invalid one for a zero date. */
export function dateAt(text: string): Date {
  const parts = datetimeParts(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts ?? []
  if (parts === undefined || month === 0 || day === 0) return new Date(Number.NaN)
  const date = new Date(2000, month - 1, day, hour, minute, second)
  // `new Date(99, …)` is in 1999.
  date.setFullYear(year, month - 1, day)
  return date
}
