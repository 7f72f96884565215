import { invalidArgument, outOfRange } from '../../errors.js'
import { Float } from '../../term/float.js'
import { isAtom, type Term } from '../../term/term.js'
import { datetimeParts, datetimeText } from './datetime.js'
import type { Column, StoredValue, Table } from './schema.js'
import { bytesOf, textOf } from './text-bytes.js'

/** The words that stand for what the protocol cannot say in an answer, in both directions. */
export interface AgreedTexts {
  /** Stands for NULL. */
  readonly nullText: string
  /** Stands for the empty text. */
  readonly emptyText: string
}

const twoTo63 = 2n ** 63n
const twoTo64 = 2n ** 64n

/**
 * What a store keeps for a value as db_erlang sends it.
 *
 *   NULL                    atom undefined, or the agreed text
 *   INT, BITMAP, BIGINT     integer; a negative INT arrives as 2^64-n
 *   DOUBLE                  float
 *   STRING, STR             list of bytes
 *   DATETIME                {{Y,Mo,D},{H,Mi,S}}, local time
 *   BLOB                    binary
 *
 * As SQL does, numbers are taken from decimal text, and text from numbers.
 *
 * Errors: TypeError and RangeError name the column, the rule and the value.
 */
export function storedValue(
  table: Table,
  column: Column,
  term: Term,
  texts: AgreedTexts,
): StoredValue {
  if (isAtom(term, 'undefined')) return null
  const name = `column ${column.name} of ${table.name}`
  switch (column.type) {
    case 'int':
    case 'bigint':
      return integer(name, column.type, numeric(term, texts))
    case 'double':
      return double(name, numeric(term, texts))
    case 'string':
      return string(name, term, texts)
    case 'datetime':
      return datetime(name, term, texts)
    case 'blob':
      return blob(name, term)
  }
}

/** Decimal text as a number; everything else as it is. */
function numeric(term: Term, { nullText }: AgreedTexts): Term | null {
  if (typeof term === 'number' || typeof term === 'bigint') return term
  if (Float.is(term)) return term.value
  const text = textOf(term)
  if (text === nullText) return null
  if (text === undefined || text.length > 40) return term
  if (/^[+-]?\d+$/.test(text)) return BigInt(text)
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : term
}

function integer(name: string, type: 'int' | 'bigint', value: Term | null): StoredValue {
  if (value === null) return null
  const isWhole = typeof value === 'bigint' || Number.isInteger(value)
  if (!isWhole) throw invalidArgument(name, 'an integer', value)
  const given = BigInt(value as bigint | number)
  const signed = given >= twoTo63 && given < twoTo64 ? given - twoTo64 : given
  // A BITMAP has all 32 bits for itself.
  const least = type === 'int' ? -(2n ** 31n) : -twoTo63
  const most = type === 'int' ? 2n ** 32n - 1n : twoTo63 - 1n
  if (signed < least || signed > most) {
    throw outOfRange(name, `an integer of ${type === 'int' ? 32 : 64} bits`, given)
  }
  const number = Number(signed)
  return Number.isSafeInteger(number) ? number : signed
}

function double(name: string, value: Term | null): StoredValue {
  if (value === null) return null
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw invalidArgument(name, 'a number', value)
}

function string(name: string, term: Term, { nullText, emptyText }: AgreedTexts): StoredValue {
  const isNumber = typeof term === 'number' || typeof term === 'bigint' || Float.is(term)
  const text = isNumber ? String(term) : textOf(term)
  if (text === undefined) throw invalidArgument(name, 'text: a list of bytes or a binary', term)
  if (text === nullText) return null
  return text === emptyText ? '' : text
}

function datetime(name: string, term: Term, { nullText }: AgreedTexts): StoredValue {
  const given = datetimeText(term)
  if (given !== undefined) return given
  const text = textOf(term)
  if (text === nullText) return null
  const parts = text === undefined ? undefined : datetimeParts(text)
  if (text === undefined || parts === undefined) {
    throw invalidArgument(name, "{{Y,Mo,D},{H,Mi,S}} or '2026-11-28 05:54:17'", term)
  }
  return text.length === 10 ? `${text} 00:00:00` : text.replace('T', ' ')
}

function blob(name: string, term: Term): StoredValue {
  const bytes = bytesOf(term)
  if (bytes === undefined) throw invalidArgument(name, 'a binary or a list of bytes', term)
  return bytes
}
