import { ErlangError } from '../../errors.js'
import { format } from '../../term/format.js'
import { isAtom, isInteger, isTagged, isTuple, type Term } from '../../term/term.js'
import { type DatabaseValue, nameOfTerm, valueOfTerm } from './client-value.js'
import type { AgreedTexts } from './column-value.js'
import type { Table } from './schema.js'
import { textOf } from './text-bytes.js'

/** A row by column name. */
export type DatabaseRow = Record<string, DatabaseValue>

interface Field {
  readonly name: string
  readonly type: string
}

/**
 * The rows of `{Fields, Rows}`. A row may be a tuple or a list, a field a tuple or a bare name.
 *
 * The types of columns are those of `table`, if it is given.
 *
 * Errors: ERR_ERL_REMOTE for `{error, Reason}`, ERR_ERL_PROTOCOL for what is no answer to a select.
 */
export function rowsOf(
  what: string,
  answer: Term,
  texts: AgreedTexts,
  table?: Table,
): DatabaseRow[] {
  checkError(what, answer)
  if (!isTuple(answer, 2) || !Array.isArray(answer[0]) || !Array.isArray(answer[1])) {
    throw malformed(what, answer)
  }
  const types = new Map(table?.columns.map(({ name, type }) => [name, type]))
  const fields = answer[0].map((field) => fieldOf(field) ?? fail(what, field))
  return answer[1].map((row) => {
    const elements = isTuple(row) ? row.elements : row
    if (!Array.isArray(elements) || elements.length !== fields.length) throw malformed(what, row)
    const values = fields.map(({ name, type }, at): [string, DatabaseValue] => [
      name,
      valueOfTerm(types.get(name) ?? type, elements[at] as Term, texts),
    ])
    return Object.fromEntries(values)
  })
}

/**
 * How many rows a write was about; undefined where the server does not say.
 *
 * Errors: ERR_ERL_REMOTE for `{error, Reason}`, alone or beside the fields.
 */
export function countOf(what: string, answer: Term): number | undefined {
  checkError(what, answer)
  const result = isTuple(answer, 2) ? answer[1] : answer
  checkError(what, result)
  if (isAtom(result, 'no_data')) return 0
  return isInteger(result) ? Number(result) : undefined
}

function fieldOf(term: Term): Field | undefined {
  const [name, type] = isTuple(term) ? term.elements : [term]
  const text = nameOfTerm(name)
  return text === undefined ? undefined : { name: text, type: nameOfTerm(type) ?? 'int' }
}

function checkError(what: string, answer: Term): void {
  if (!isTagged(answer, 'error', 2)) return
  const reason = answer[1]
  const said = textOf(reason) ?? format(reason)
  throw new ErlangError('ERR_ERL_REMOTE', `${what} failed: ${said}`, { reason })
}

function malformed(what: string, answer: Term): ErlangError {
  const text = format(answer)
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return new ErlangError('ERR_ERL_PROTOCOL', `${what} was answered with ${shown}`)
}

function fail(what: string, answer: Term): never {
  throw malformed(what, answer)
}
