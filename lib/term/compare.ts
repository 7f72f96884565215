import { checkLevels } from './depth.js'
import { keyOf } from './key.js'
import { kindOf, listPartsOf, mapEntriesOf, tupleElementsOf } from './kind.js'
import { orderLeaves } from './leaf-order.js'
import { type KnownOrders, order, sortedMap } from './order.js'
import type { TermInput } from './term.js'

/**
 * Erlang's order of terms (`<`, `==`, `lists:sort/1`): below 0, 0 or above 0. Like Erlang's `==` it
 * calls an integer and the float of its value equal; `equals` tells them apart.
 *
 * Errors: TypeError for what has no Erlang form.
 */
export function compare(a: TermInput, b: TermInput): number {
  return Math.sign(order(a, b, false, new Map()))
}

/** Two compound terms side by side: pairs of parts still to be compared. */
interface Pairs {
  readonly left: readonly unknown[]
  readonly right: readonly unknown[]
  next: number
}

/**
 * Whether two values are the same term (`=:=`), in whatever shape they come: a string equals the
 * Buffer of its UTF-8, a plain object the map with binaries as keys, a charlist its array of code
 * points, `null` the atom nil, a term of another copy of the package or of a worker its like.
 *
 * Numbers: an integer is no float, so 1 and `float(1)` differ, while 1.5 and `float(1.5)` are one
 * float. 0.0 and -0.0 are equal, as in Erlang up to OTP 26; the plain number -0 is a float.
 * Funs are equal when their bytes are.
 *
 * Errors: TypeError for what has no Erlang form.
 */
export function equals(a: TermInput, b: TermInput): boolean {
  const open: Pairs[] = []
  const known: KnownOrders = new Map()
  let areEqual = equalSoFar(a, b, open, known)
  for (let pairs = open.at(-1); areEqual && pairs !== undefined; pairs = open.at(-1)) {
    if (pairs.next === pairs.left.length) {
      open.pop()
    } else {
      const at = pairs.next++
      areEqual = equalSoFar(pairs.left[at], pairs.right[at], open, known)
      checkLevels(open.length)
    }
  }
  return areEqual
}

/** Compares all but the parts, which it leaves in `open`. */
function equalSoFar(a: unknown, b: unknown, open: Pairs[], known: KnownOrders): boolean {
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return false
  if (a === b) return true
  switch (kind) {
    case 'tuple':
      return openRow(tupleElementsOf(a), tupleElementsOf(b), open)
    case 'list':
      return openLists(a, b, open)
    case 'map':
      return openMaps(a, b, open, known)
    default:
      return orderLeaves(kind, a, b) === 0
  }
}

function openRow(left: readonly unknown[], right: readonly unknown[], open: Pairs[]): boolean {
  if (left.length !== right.length) return false
  if (left.length > 0) open.push({ left, right, next: 0 })
  return true
}

function openLists(a: unknown, b: unknown, open: Pairs[]): boolean {
  const left = listPartsOf(a)
  const right = listPartsOf(b)
  if (left.isProper !== right.isProper) return false
  if (!openRow(left.elements, right.elements, open)) return false
  return left.isProper || openRow([left.tail], [right.tail], open)
}

function openMaps(a: unknown, b: unknown, open: Pairs[], known: KnownOrders): boolean {
  const left = mapEntriesOf(a)
  const right = mapEntriesOf(b)
  if (left.length !== right.length) return false
  if (left.every((term, at) => at % 2 === 1 || isLeaf(term))) return openByKey(left, right, open)
  // Keys nested in keys would be encoded once for each level; sorted ones are compared like lists.
  const mine = sortedMap(a, known)
  const theirs = sortedMap(b, known)
  return openRow(mine.values, theirs.values, open) && openRow(mine.keys, theirs.keys, open)
}

function isLeaf(term: unknown): boolean {
  const kind = kindOf(term)
  return kind !== 'tuple' && kind !== 'list' && kind !== 'map'
}

function openByKey(left: readonly unknown[], right: readonly unknown[], open: Pairs[]): boolean {
  const byKey = new Map<unknown, unknown>()
  for (let i = 0; i < right.length; i += 2) byKey.set(keyOf(right[i]), right[i + 1])
  const mine: unknown[] = []
  const theirs: unknown[] = []
  for (let i = 0; i < left.length; i += 2) {
    const key = keyOf(left[i])
    if (!byKey.has(key)) return false
    mine.push(left[i + 1])
    theirs.push(byKey.get(key))
  }
  return openRow(mine, theirs, open)
}
