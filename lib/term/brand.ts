/**
 * Term classes are recognised by a brand, not by `instanceof`: two copies of the package in one
 * program, or two realms, read each other's terms. Kind and brand stand on the prototype, where they
 * cost an instance nothing and no plain data can carry them by accident.
 */

const KINDS = [
  'atom',
  'pid',
  'reference',
  'port',
  'fun',
  'export',
  'tuple',
  'improper',
  'charlist',
  'bitstring',
  'float',
  'local',
  'raw',
  'map',
] as const

export type BrandedKind = (typeof KINDS)[number]

const symbols: ReadonlyMap<unknown, symbol> = new Map(
  KINDS.map((kind) => [kind, Symbol.for(`beamlink.${kind}`)]),
)

/** Marks a class as the one of `kind`; returns the test for its instances, from any copy. */
export function brand(prototype: object, kind: BrandedKind): (value: unknown) => boolean {
  const symbol = Symbol.for(`beamlink.${kind}`)
  Object.defineProperty(prototype, 'kind', { value: kind })
  Object.defineProperty(prototype, symbol, { value: true })
  return (value) => typeof value === 'object' && value !== null && symbol in value
}

/** The kind of a branded object, undefined for all other objects. */
export function brandedKind(value: object): BrandedKind | undefined {
  const kind: unknown = (value as { kind?: unknown }).kind
  const symbol = symbols.get(kind)
  return symbol !== undefined && symbol in value ? (kind as BrandedKind) : undefined
}
