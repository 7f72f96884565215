import { invalidArgument, outOfRange } from '../../errors.js'
import { isAtom, isTuple, type Term } from '../../term/term.js'
import { type AgreedTexts, storedValue } from './column-value.js'
import type { Column, Schema, StoredValues, Table } from './schema.js'
import { type Condition, type Match, type Operator, operators } from './store.js'

/** What a request asks for. */
export type Operation = 'select' | 'insert' | 'update' | 'delete' | 'replace' | 'insert_update'

export const operations: readonly Operation[] = [
  'select',
  'insert',
  'update',
  'delete',
  'replace',
  'insert_update',
]

/** `{Operation, Table, Columns, Keys, Values}`, checked against the schema. */
export interface DatabaseRequest {
  readonly operation: Operation
  readonly table: Table
  /** Of a select; all columns of the table when it asked for `all`. */
  readonly columns: readonly Column[]
  readonly match: Match
  readonly values: StoredValues
}

/** What of a request can be told even when it is wrong, for people to find it. */
export interface RequestLabel {
  readonly operation: string
  readonly table: string | undefined
}

export function labelOf(request: Term): RequestLabel {
  const [operation, table] = isTuple(request) ? request.elements : []
  return { operation: nameOf(operation) ?? 'unknown', table: nameOf(table) }
}

/** Reads requests against one schema. */
export class RequestReader {
  readonly #schema: Schema
  readonly #texts: AgreedTexts

  constructor(schema: Schema, texts: AgreedTexts) {
    this.#schema = schema
    this.#texts = texts
  }

  /** Errors: TypeError and RangeError name the part of the request, the rule and the value. */
  read(request: Term): DatabaseRequest {
    if (!isTuple(request, 5)) {
      throw invalidArgument('request', '{Operation, Table, Columns, Keys, Values}', request)
    }
    const operation = operationOf(request[0])
    const tableName = nameOf(request[1])
    if (tableName === undefined) throw invalidArgument('table', 'an atom', request[1])
    const table = this.#schema.table(tableName)
    const isSelect = operation === 'select'
    return {
      operation,
      table,
      columns: isSelect ? columnsOf(table, request[2]) : [],
      match: this.#match(table, request[3]),
      values: isSelect ? {} : this.#values(table, operation, request[4]),
    }
  }

  #match(table: Table, keys: Term): Condition[] {
    const rule = 'a list of {Column, Operator, Value}'
    if (!Array.isArray(keys)) throw invalidArgument('keys', rule, keys)
    return keys.map((key) => {
      if (!isTuple(key, 3)) throw invalidArgument('keys', rule, key)
      const column = columnOf(table, key[0])
      const operator = operatorOf(column, key[1])
      return { column, operator, value: storedValue(table, column, key[2], this.#texts) }
    })
  }

  #values(table: Table, operation: Operation, pairs: Term): StoredValues {
    const rule = 'a list of {Column, Value}'
    if (!Array.isArray(pairs)) throw invalidArgument('values', rule, pairs)
    const values = new Map(
      pairs.map((pair) => {
        if (!isTuple(pair, 2)) throw invalidArgument('values', rule, pair)
        const column = columnOf(table, pair[0])
        const value = storedValue(table, column, pair[1], this.#texts)
        table.checkNull(column, value)
        return [column.name, value]
      }),
    )
    if (values.size < pairs.length) throw outOfRange('values', 'of different columns', pairs.length)
    if (values.size === 0 && operation !== 'delete') {
      throw outOfRange(`values of ${operation}`, 'one or more', 0)
    }
    return Object.fromEntries(values)
  }
}

/**
 * The rows that a replace or an insert_update is about. db_erlang sends its caller's values as its
 * keys, all of them, which matches nothing but an equal row: then a key of the schema tells. Where no
 * key has values, as one that numbers itself, an equal row it is.
 */
export function matchOfRow({ table, match, values }: DatabaseRequest): Match {
  const asked = new Set(match.map(({ column }) => column.name))
  const isWhole = Object.keys(values).every((name) => asked.has(name))
  if (!isWhole && match.length > 0) return match
  const isGiven = (name: string) => (values[name] ?? null) !== null
  const keys = table.rowKey === undefined ? table.keys : [table.rowKey]
  const key = keys.find((names) => names.every(isGiven)) ?? Object.keys(values)
  return key.map((name) => ({
    column: table.column(name),
    operator: '=',
    value: values[name] ?? null,
  }))
}

function operationOf(term: Term): Operation {
  const name = nameOf(term)
  const operation = operations.find((known) => known === name)
  if (operation !== undefined) return operation
  throw outOfRange('operation', `one of ${operations.join(', ')}`, name ?? term)
}

function columnsOf(table: Table, term: Term): readonly Column[] {
  if (isAtom(term, 'all')) return table.columns
  if (!Array.isArray(term)) {
    throw invalidArgument('columns', "a list of column names, or 'all'", term)
  }
  // An empty list of fields, in an answer, makes db_erlang misread what follows.
  return term.length === 0 ? table.columns : term.map((name) => columnOf(table, name))
}

function columnOf(table: Table, term: Term): Column {
  const name = nameOf(term)
  if (name === undefined) throw invalidArgument(`column of ${table.name}`, 'an atom', term)
  return table.column(name)
}

function operatorOf(column: Column, term: Term): Operator {
  const name = nameOf(term)
  const operator = operators.find((known) => known === name)
  if (operator === undefined) {
    throw outOfRange('operator', `one of ${operators.join(' ')}`, name ?? term)
  }
  const isInteger = column.type === 'int' || column.type === 'bigint'
  if (operator === '&' && !isInteger) {
    throw outOfRange(`operator of ${column.name}`, 'other than & for what is no integer', operator)
  }
  return operator
}

/** The name of an atom; Erlang's `true` and `false` are names, too. */
function nameOf(term: Term | undefined): string | undefined {
  if (typeof term === 'boolean') return String(term)
  return isAtom(term) ? term.name : undefined
}
