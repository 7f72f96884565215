/**
 * Term classes are recognised by a brand, not by `instanceof` alone: two copies of the package in one
 * program, or two realms, read each other's terms. Kind and brand stand on the prototype, where they
 * cost an instance nothing and no plain data can carry them by accident.
 */
export type BrandedKind =
  | 'atom'
  | 'pid'
  | 'reference'
  | 'port'
  | 'fun'
  | 'export'
  | 'tuple'
  | 'improper'
  | 'charlist'
  | 'bitstring'
  | 'float'
  | 'local'
  | 'raw'
  | 'map'

/** Holds the kind. One symbol for all, and a plain property: V8 is slow to say whether one is there. */
const kindSymbol = Symbol.for('beamlink.kind')

interface Branded {
  readonly [kindSymbol]?: BrandedKind
}

/** Marks a class as the one of `kind`. */
export function brand(prototype: object, kind: BrandedKind): void {
  Object.defineProperty(prototype, 'kind', { value: kind })
  Object.defineProperty(prototype, kindSymbol, { value: kind })
}

/** The kind of a branded object, from any copy; undefined for all other values. */
export function brandedKind(value: unknown): BrandedKind | undefined {
  return typeof value === 'object' && value !== null ? (value as Branded)[kindSymbol] : undefined
}
