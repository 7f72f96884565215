import { checkInteger } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'
import type { DatabaseRow } from './client-answer.js'
import type { DatabaseValue } from './client-value.js'
import { orderOf } from './value-order.js'

/** A column, ascending; or `{ column, descending: true }`. */
export type OrderBy = string | { readonly column: string; readonly descending?: boolean }

export interface Order {
  readonly column: string
  readonly sign: 1 | -1
}

/** Errors: TypeError for what is no column, nor several. */
export function resolveOrder(orderBy: OrderBy | readonly OrderBy[] = []): Order[] {
  const all = Array.isArray(orderBy) ? orderBy : [orderBy]
  return all.map((one: OrderBy) => {
    const column = typeof one === 'string' ? one : one?.column
    if (typeof column !== 'string' || column === '') {
      throw invalidArgument('orderBy', 'a column, { column, descending }, or an array of them', one)
    }
    const isDescending = typeof one === 'object' && one.descending === true
    return { column, sign: isDescending ? -1 : 1 }
  })
}

/** Sorts rows in place; NULL comes first, and last where the order is descending. */
export function sortRows(rows: DatabaseRow[], order: readonly Order[]): DatabaseRow[] {
  if (order.length === 0) return rows
  return rows.sort((left, right) => {
    for (const { column, sign } of order) {
      const difference = compare(left[column] ?? null, right[column] ?? null)
      if (difference !== 0) return sign * difference
    }
    return 0
  })
}

function compare(left: DatabaseValue, right: DatabaseValue): number {
  if (left === null || right === null) return Number(right === null) - Number(left === null)
  return orderOf(left, right)
}

/** The rows from `offset` on, `limit` at most. Errors: TypeError and RangeError for no such numbers. */
export function sliceRows(rows: DatabaseRow[], limit?: number, offset?: number): DatabaseRow[] {
  const most = Number.MAX_SAFE_INTEGER
  const first = offset === undefined ? 0 : checkInteger('offset', offset, 0, most)
  if (limit === undefined) return first === 0 ? rows : rows.slice(first)
  return rows.slice(first, first + checkInteger('limit', limit, 0, most))
}
