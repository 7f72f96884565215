import { checkLevels } from './depth.js'
import {
  type Kind,
  kindOf,
  type ListParts,
  listPartsOf,
  mapEntriesOf,
  tupleElementsOf,
} from './kind.js'
import { type Ordering, orderLeaves } from './leaf-order.js'

/** number < atom < reference < fun < port < pid < tuple < map < nil < list < bitstring. */
const RANKS: Readonly<Record<Kind, number>> = {
  integer: 0,
  float: 0,
  atom: 1,
  reference: 2,
  fun: 3,
  export: 4,
  port: 5,
  pid: 6,
  tuple: 7,
  map: 8,
  list: 9,
  binary: 11,
  bitstring: 11,
  // No order of Erlang's: these are terms nobody has read yet.
  local: 12,
  raw: 13,
}
const NON_EMPTY_LIST = 10

/** Two rows of terms, compared pair by pair. */
interface Row {
  readonly left: readonly unknown[]
  readonly right: readonly unknown[]
  readonly count: number
  readonly exact: boolean
  /** The order when all pairs are equal. */
  readonly otherwise: Ordering
  next: number
}

/** A row of the pairs that both have. */
function newRow(
  left: readonly unknown[],
  right: readonly unknown[],
  exact: boolean,
  otherwise: Ordering = 0,
): Row {
  const count = Math.min(left.length, right.length)
  return { left, right, count, exact, otherwise, next: 0 }
}

/** The keys of maps in their order, kept while one comparison lasts. */
export type KnownOrders = Map<unknown, SortedMap>

interface SortedMap {
  readonly keys: readonly unknown[]
  readonly values: readonly unknown[]
}

/**
 * Orders two terms; `exact` as the keys of maps are ordered. Iterative: depth costs no call stack.
 */
export function order(a: unknown, b: unknown, exact: boolean, known: KnownOrders): Ordering {
  const rows: Row[] = []
  let result = orderPair(a, b, exact, rows, known)
  for (let row = rows.at(-1); result === 0 && row !== undefined; row = rows.at(-1)) {
    if (row.next === row.count) {
      result = row.otherwise
      rows.pop()
    } else {
      const at = row.next++
      result = orderPair(row.left[at], row.right[at], row.exact, rows, known)
    }
  }
  return result
}

/** Compares two terms as far as that needs no look at their parts; those it leaves in a new row. */
function orderPair(
  a: unknown,
  b: unknown,
  exact: boolean,
  rows: Row[],
  known: KnownOrders,
): Ordering {
  if (a === b && typeof a === 'object') return 0
  const kind = kindOf(a)
  const other = kindOf(b)
  const ranks = rankOf(kind, a) - rankOf(other, b)
  if (ranks !== 0) return ranks
  // In the keys of maps any integer comes before any float.
  if (exact && kind !== other && RANKS[kind] === RANKS.integer) return kind === 'integer' ? -1 : 1
  checkLevels(rows.length)
  switch (kind) {
    case 'tuple':
      return orderTuples(tupleElementsOf(a), tupleElementsOf(b), exact, rows)
    case 'list':
      return orderLists(a, b, exact, rows)
    case 'map':
      return orderMaps(a, b, exact, rows, known)
    default:
      return orderLeaves(kind, a, b)
  }
}

function rankOf(kind: Kind, term: unknown): number {
  return kind === 'list' && !isNil(term) ? NON_EMPTY_LIST : RANKS[kind]
}

function isNil(list: unknown): boolean {
  if (Array.isArray(list)) return list.length === 0
  const { elements, isProper } = listPartsOf(list)
  return elements.length === 0 && isProper
}

function orderTuples(
  left: readonly unknown[],
  right: readonly unknown[],
  exact: boolean,
  rows: Row[],
): Ordering {
  if (left.length === right.length) {
    rows.push(newRow(left, right, exact))
  }
  return left.length - right.length
}

function orderLists(a: unknown, b: unknown, exact: boolean, rows: Row[]): Ordering {
  const left = listPartsOf(a)
  const right = listPartsOf(b)
  const difference = left.elements.length - right.elements.length
  if (difference !== 0) {
    // One goes on where the other has its tail, which is no list of one element or more.
    const rank = NON_EMPTY_LIST - tailRank(difference > 0 ? right : left)
    rows.push(newRow(left.elements, right.elements, exact, difference > 0 ? rank : -rank))
  } else if (left.isProper && right.isProper) {
    rows.push(newRow(left.elements, right.elements, exact))
  } else {
    rows.push(newRow(withTail(left), withTail(right), exact))
  }
  return 0
}

function tailRank({ isProper, tail }: ListParts): number {
  return isProper ? RANKS.list : rankOf(kindOf(tail), tail)
}

function withTail({ elements, isProper, tail }: ListParts): readonly unknown[] {
  return [...elements, isProper ? [] : tail]
}

/** Size, then all keys in their order, then the values in the order of their keys. */
function orderMaps(
  a: unknown,
  b: unknown,
  exact: boolean,
  rows: Row[],
  known: KnownOrders,
): Ordering {
  const left = sortedMap(a, known)
  const right = sortedMap(b, known)
  const count = left.keys.length
  if (count === right.keys.length) {
    // The last row pushed is compared first.
    rows.push(newRow(left.values, right.values, exact), newRow(left.keys, right.keys, true))
  }
  return count - right.keys.length
}

/** The entries of a map in the order of its keys. */
export function sortedMap(map: unknown, known: KnownOrders): SortedMap {
  let sorted = known.get(map)
  if (sorted === undefined) {
    sortMapsInKeys(map, known)
    sorted = sortEntries(map, known)
    known.set(map, sorted)
  }
  return sorted
}

interface Visit {
  readonly term: unknown
  /** On the way out of a map, when all inside it are sorted. */
  readonly isDone: boolean
}

/**
 * To compare keys, the maps inside them must be sorted: innermost first, so that no sorting starts
 * another one below it on the call stack.
 */
function sortMapsInKeys(map: unknown, known: KnownOrders): void {
  const seen = new Set<unknown>()
  const visits: Visit[] = entriesOf(map).map(([term]) => ({ term, isDone: false }))
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const { term, isDone } = visit
    if (isDone) known.set(term, sortEntries(term, known))
    else if (!seen.has(term) && !known.has(term)) {
      const parts = partsOf(term)
      if (parts.length === 0) continue
      seen.add(term)
      if (kindOf(term) === 'map') visits.push({ term, isDone: true })
      for (const part of parts) visits.push({ term: part, isDone: false })
    }
  }
}

function partsOf(term: unknown): readonly unknown[] {
  switch (kindOf(term)) {
    case 'tuple':
      return tupleElementsOf(term)
    case 'list': {
      const list = listPartsOf(term)
      return list.isProper ? list.elements : withTail(list)
    }
    case 'map':
      return mapEntriesOf(term)
    default:
      return []
  }
}

function sortEntries(map: unknown, known: KnownOrders): SortedMap {
  const entries = entriesOf(map).sort(([a], [b]) => order(a, b, true, known))
  return { keys: entries.map(([key]) => key), values: entries.map(([, value]) => value) }
}

function entriesOf(map: unknown): [unknown, unknown][] {
  const flat = mapEntriesOf(map)
  const entries: [unknown, unknown][] = []
  for (let i = 0; i < flat.length; i += 2) entries.push([flat[i], flat[i + 1]])
  return entries
}
