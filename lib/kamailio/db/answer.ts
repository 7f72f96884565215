import { outOfRange } from '../../errors.js'
import { atom } from '../../term/atom.js'
import { float } from '../../term/float.js'
import { RawTerm } from '../../term/raw.js'
import type { TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { AgreedTexts } from './column-value.js'
import { datetimeTerm } from './datetime.js'
import type { Column, ColumnType, StoredValue } from './schema.js'
import type { StoredRow } from './store.js'
import { byteList } from './text-bytes.js'

export interface AnswerRules extends AgreedTexts {
  /**
   * What NULL is in a column of numbers or of datetimes. `'zero'`: 0, 0.0, 1970-01-01 00:00:00, which
   * a module can use as it is. `'text'`: the agreed text, which a module that does not look at the
   * type takes for a number.
   */
  readonly nullNumbers: 'zero' | 'text'
}

/** The only four that db_erlang knows. */
const typeAtoms: Readonly<Record<ColumnType, TermInput>> = {
  int: atom('int'),
  bigint: atom('int'),
  double: atom('float'),
  string: atom('string'),
  datetime: atom('datetime'),
  blob: atom('string'),
}
const nullok = atom('nullok')
const notnull = atom('notnull')
const noDefault = atom('undefined')
const epoch = datetimeTerm('1970-01-01 00:00:00')

/** Longer lists of bytes have an encoding that db_erlang does not read. */
const LONGEST_TEXT = 65_535

/**
 * `{Fields, Rows}` as db_erlang can read it: no empty list, no binary, no integer above 32 bits, four
 * types. What it cannot say is replaced by the agreed texts.
 *
 * Errors: RangeError for a text that is too long, and for what is not of its column's type.
 */
export function selectAnswer(
  columns: readonly Column[],
  rows: readonly StoredRow[],
  rules: AnswerRules,
): TermInput {
  const fields = columns.map(({ name, type, size, nullable }) =>
    tuple(atom(name), typeAtoms[type], size, noDefault, nullable ? nullok : notnull),
  )
  return tuple(
    fields,
    rows.map((row) =>
      tuple(...columns.map((column, at) => answerTerm(column, row[at] ?? null, rules))),
    ),
  )
}

function answerTerm(column: Column, value: StoredValue, rules: AnswerRules): TermInput {
  if (value === null) return nullTerm(column.type, rules)
  switch (column.type) {
    case 'int':
    case 'bigint':
      return integerTerm(column, value)
    case 'double':
      return float(Number(value))
    case 'datetime':
      return datetimeTerm(String(value))
    case 'string':
      return textTerm(column, String(value), rules)
    case 'blob':
      return textTerm(column, value instanceof Uint8Array ? value : String(value), rules)
  }
}

function nullTerm(type: ColumnType, { nullText, nullNumbers }: AnswerRules): TermInput {
  if (type === 'string' || type === 'blob' || nullNumbers === 'text') return atom(nullText)
  if (type === 'datetime') return epoch
  return type === 'double' ? float(0) : 0
}

function textTerm(
  column: Column,
  value: string | Uint8Array,
  { emptyText }: AnswerRules,
): TermInput {
  if (value.length === 0) return byteList(emptyText)
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length
  if (length <= LONGEST_TEXT) return byteList(value)
  throw outOfRange(`text in ${column.name}`, `${LONGEST_TEXT} bytes at most`, length)
}

const wrapped = 2 ** 32
const most = 2 ** 31 - 1
/** `ei` and Erlang agree on the encoding of what has 28 bits; above, `ei` makes a bignum of it. */
const plain = 2 ** 27 - 1

/**
 * An integer as db_erlang reads it, in the 32 bits of C: a BITMAP with the highest bit set is a
 * negative int there, with the same bits. What needs more bits is sent as decimal text.
 */
function integerTerm(column: Column, value: StoredValue): TermInput {
  const number = Number(value)
  // SQLite keeps what another program has put into a column, whatever its type.
  if (!Number.isInteger(number)) throw outOfRange(`value of ${column.name}`, 'an integer', value)
  if (Math.abs(number) <= plain) return number
  const signed = column.type === 'int' && number > most ? number - wrapped : number
  if (signed > most || signed < -most - 1) return byteList(String(value))
  return new RawTerm(integerBytes(signed))
}

/** INTEGER_EXT: 98, then 32 bits. */
function integerBytes(value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes[0] = 98
  bytes.writeInt32BE(value, 1)
  return bytes
}
