import { type InspectOptions, inspect } from 'node:util'
import { brand, brandedKind } from './brand.js'
import { inspectWithin } from './inspect.js'
import type { Term, TermInput } from './term.js'

/** A tuple whose elements are of type `E`. */
export interface TupleOf<E> {
  readonly kind: 'tuple'
  readonly length: number
  readonly elements: readonly E[]
  readonly [index: number]: E
  /** Its elements, first to last. */
  [Symbol.iterator](): IterableIterator<E>
}

/** A tuple of which neither arity nor elements are known: what the union `Term` holds. */
export interface AnyTuple extends TupleOf<Term> {}

/**
 * A tuple by its elements: `Tuple<[Atom<'ok'>, number]>`. Indexing and destructuring know the type of
 * each position. At run time it is no array, so the methods of arrays are taken away.
 */
export type Tuple<T extends readonly unknown[] = readonly Term[]> = TupleOf<T[number]> &
  Readonly<T> &
  WithoutArrayMethods

type WithoutArrayMethods = {
  readonly [K in Exclude<
    keyof (readonly unknown[]),
    number | 'length' | typeof Symbol.iterator
  >]: never
}

interface TupleConstructor {
  /** @internal Takes `elements` as they are: use `tuple(…)`. */
  new (elements: readonly unknown[]): AnyTuple
  readonly prototype: AnyTuple
  /** True for a tuple, also for one of another copy of this package. */
  is(value: unknown): value is AnyTuple
}

/** Positions that are accessors of the prototype; beyond them an instance has properties of its own. */
const INDEXED = 256

class TupleValue {
  declare readonly kind: 'tuple';
  [index: number]: unknown
  readonly elements: readonly unknown[]

  constructor(elements: readonly unknown[]) {
    this.elements = elements
    for (let i = INDEXED; i < elements.length; i++) this[i] = elements[i]
  }

  /** True for a tuple, also for one of another copy of this package. */
  static is(value: unknown): value is AnyTuple {
    return value instanceof TupleValue || brandedKind(value) === 'tuple'
  }

  get length(): number {
    return this.elements.length
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return this.elements[Symbol.iterator]()
  }

  /** Its elements as an array: JSON has no tuples. */
  toJSON(): readonly unknown[] {
    return this.elements
  }

  [inspect.custom](depth: number, options: InspectOptions): string {
    if (depth < 0) return '[Tuple]'
    return `{${inspectWithin(this.elements, depth, options).slice(1, -1)}}`
  }
}
Object.defineProperty(TupleValue, 'name', { value: 'Tuple' })
for (let i = 0; i < INDEXED; i++) {
  // Own index properties would make each tuple eight times as dear to build.
  Object.defineProperty(TupleValue.prototype, i, {
    get(this: TupleValue) {
      return this.elements[i]
    },
  })
}
brand(TupleValue.prototype, 'tuple')

/** The class of tuples: `Tuple.is(value)`, `value instanceof Tuple`. They are made by `tuple(…)`. */
export const Tuple = TupleValue as unknown as TupleConstructor

/** The tuple of its arguments: `tuple(atom('ok'), 42)` is `{ok, 42}`. */
export function tuple<const T extends readonly TermInput[]>(...elements: T): Tuple<T> {
  return new Tuple(elements) as unknown as Tuple<T>
}
