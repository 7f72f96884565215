import { invalidArgument } from '../../errors.js'
import { Atom, atom } from '../../term/atom.js'
import { Float, float } from '../../term/float.js'
import { format } from '../../term/format.js'
import { isAtom, type Term, type TermInput } from '../../term/term.js'
import type { AgreedTexts } from './column-value.js'
import { dateAt, datetimeOf, datetimeParts, datetimeText } from './datetime.js'
import type { ColumnType } from './schema.js'
import { byteList, bytesOf, textOf } from './text-bytes.js'

/** What a row holds. NULL is `null`; a datetime is the `Date` at that local time. */
export type DatabaseValue = number | bigint | string | Date | Buffer | null

/** What can be written or compared with. NULL is `null` or `undefined`; `float(1)` is a float. */
export type DatabaseInput = number | bigint | string | Date | Uint8Array | Float | null | undefined

/** What columns hold, by the names that servers give their types. */
const families: ReadonlyMap<string, 'number' | 'text' | 'datetime' | 'blob'> = new Map([
  ['int', 'number'],
  ['char', 'text'],
  ['short', 'number'],
  ['autoint', 'number'],
  ['long', 'number'],
  ['bigint', 'number'],
  ['float', 'number'],
  ['double', 'number'],
  ['string', 'text'],
  ['text', 'text'],
  ['datetime', 'datetime'],
  ['binary', 'blob'],
  ['blob', 'blob'],
])

/**
 * A value as db_erlang sends it: text as a list of bytes, bytes as a binary, a `Date` as
 * `{{Y,Mo,D},{H,Mi,S}}` of local time, NULL as `undefined`, a number for a column that is known to be
 * a double as a float.
 *
 * Errors: TypeError for any other value, NaN and invalid dates among them.
 */
export function termOfValue(name: string, value: DatabaseInput, type?: ColumnType): TermInput {
  if (value === null || value === undefined) return atom('undefined')
  if (typeof value === 'string') return byteList(value)
  if (typeof value === 'bigint' || Float.is(value)) return value
  if (typeof value === 'number' && Number.isFinite(value)) {
    return type === 'double' ? float(value) : value
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return datetimeOf(value)
  if (value instanceof Uint8Array) return value
  throw invalidArgument(
    name,
    'a finite number, a bigint, text, a Date, bytes, null or undefined',
    value,
  )
}

/**
 * The value that a server means by an element of a row. Reads more than db_erlang does: empty lists,
 * binaries, integers of any size, the atoms of NULL, numbers and datetimes that come as text.
 */
export function valueOfTerm(type: string, term: Term, texts: AgreedTexts): DatabaseValue {
  if (typeof term === 'number' || typeof term === 'bigint') return term
  if (typeof term === 'boolean' || isAtom(term)) return ofAtom(String(term), texts)
  const family = families.get(type)
  if (family === 'blob') return bytesOf(term) ?? format(term)
  const datetime = datetimeText(term)
  if (datetime !== undefined) return validDate(datetime)
  const text = textOf(term)
  return text === undefined ? format(term) : ofText(family, text, texts)
}

function ofAtom(name: string, { nullText }: AgreedTexts): DatabaseValue {
  const isNull = name === 'undefined' || name === 'null' || name === 'nil' || name === nullText
  return isNull ? null : name
}

function ofText(
  family: 'number' | 'text' | 'datetime' | undefined,
  text: string,
  { nullText, emptyText }: AgreedTexts,
): DatabaseValue {
  if (text === nullText) return null
  if (text === emptyText) return ''
  if (family === 'number') return ofDigits(text)
  if (family === 'datetime' && datetimeParts(text) !== undefined) return validDate(text)
  return text
}

function ofDigits(text: string): DatabaseValue {
  const number = Number(text)
  if (text.trim() === '' || Number.isNaN(number)) return text
  return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number
}

/** A date of zeros, with which SQL says that there is none, is NULL. */
function validDate(text: string): Date | null {
  const date = dateAt(text)
  return Number.isNaN(date.getTime()) ? null : date
}

/** The text in a name that a server gave as an atom, a list or a binary. */
export function nameOfTerm(term: Term | undefined): string | undefined {
  if (term === undefined) return undefined
  return Atom.is(term) || typeof term === 'boolean' ? String(term) : textOf(term)
}
