import type { Column, Schema, StoredValue, StoredValues, Table } from './schema.js'

/**
 * How a column is compared. `=` and `!=` with NULL ask whether it is NULL; every other comparison
 * with NULL is false, as in SQL. `&` holds when the two integers have a bit in common.
 */
export type Operator = '=' | '<' | '>' | '<=' | '>=' | '!=' | '&'

export const operators: readonly Operator[] = ['=', '<', '>', '<=', '>=', '!=', '&']

/** `column operator value`, checked: the value fits the column. */
export interface Condition {
  readonly column: Column
  readonly operator: Operator
  readonly value: StoredValue
}

/** Conditions that must all hold; none holds for every row. */
export type Match = readonly Condition[]

/**
 * Where a database keeps its rows. All that it is asked has been checked against the schema. Each
 * method does all of its work or none, and may be asynchronous: the server asks for one thing at a
 * time. What it throws is reported as `databaseError`.
 */
export interface Store {
  /** Makes what is not there yet. Called once, before everything else. */
  open(schema: Schema): unknown
  /** The rows that match, with the values of `columns` in their order. */
  select(table: Table, columns: readonly Column[], match: Match): Awaitable<readonly StoredRow[]>
  /** Puts in a whole row; `null` in a column that numbers itself is for the store to number. */
  insert(table: Table, row: StoredValues): unknown
  /** Sets `values` in the rows that match; tells how many. */
  update(table: Table, values: StoredValues, match: Match): Awaitable<number>
  /** Takes the rows that match away; tells how many. */
  delete(table: Table, match: Match): Awaitable<number>
  /** Takes the rows that match away and puts in `row`. */
  replace(table: Table, row: StoredValues, match: Match): unknown
  /** Sets `values` in the rows that match or, when there is none, puts in `row`. */
  insertOrUpdate(table: Table, values: StoredValues, row: StoredValues, match: Match): unknown
  /** Called once, when the server has stopped. */
  close?(): unknown
}

/** A value, or a promise of one. */
export type Awaitable<Value> = Value | PromiseLike<Value>

/** Values in the order of the columns that were asked for. */
export type StoredRow = readonly StoredValue[]
