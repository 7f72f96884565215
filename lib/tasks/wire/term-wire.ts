import { invalidArgument } from '../../errors.js'
import { Atom } from '../../term/atom.js'
import { BitString } from '../../term/bitstring.js'
import { type BrandedKind, brandedKind } from '../../term/brand.js'
import { Float } from '../../term/float.js'
import { ExternalFun, Fun } from '../../term/fun.js'
import { kindOf, mapEntriesOf } from '../../term/kind.js'
import { Charlist, ImproperList } from '../../term/list.js'
import { LocalTerm } from '../../term/local.js'
import { TermMap } from '../../term/map.js'
import { Pid } from '../../term/pid.js'
import { Port } from '../../term/port.js'
import { RawTerm } from '../../term/raw.js'
import { Reference } from '../../term/reference.js'
import type { Term, TermInput } from '../../term/term.js'
import { Tuple } from '../../term/tuple.js'

/**
 * Terms between threads. A message port copies plain data but takes the classes of terms away, so a
 * term travels as plain data that says which class it was. Neither side needs the addon for it.
 *
 *   number, bigint, string, boolean, null      as they are
 *   [Wire, …]                                  a list
 *   { b: Uint8Array }                          a binary
 *   { o: [key, Wire, …] }                      an object
 *   { k: kind, v: parts }                      an instance of the class of that kind
 */
export type Wire = number | bigint | string | boolean | null | Wire[] | WireObject

type WireObject =
  | { readonly b: Uint8Array }
  | { readonly o: readonly (string | Wire)[] }
  | { readonly k: BrandedKind; readonly v: readonly unknown[] }

/**
 * A term as a message port takes it.
 *
 * Errors: TypeError for what has no Erlang form.
 */
export function toWire(value: unknown): Wire {
  if (Array.isArray(value)) return value.map(toWire)
  const kind = kindOf(value)
  if (typeof value !== 'object' || value === null) return value as Wire
  const branded = brandedKind(value)
  if (branded !== undefined) return { k: branded, v: writers[branded](value as never) }
  if (kind === 'binary') return { b: copyOf(value as Uint8Array) }
  if (value instanceof Map) return { k: 'map', v: mapEntriesOf(value).map(toWire) }
  return { o: Object.entries(value).flatMap(([key, part]) => [key, toWire(part)]) }
}

/** What `toWire` was given, a binary as Buffer and a map as `TermMap`. */
export function fromWire(wire: Wire): Term {
  if (Array.isArray(wire)) return wire.map(fromWire)
  if (typeof wire !== 'object' || wire === null) return wire
  if ('b' in wire) return bufferOf(wire.b)
  if ('o' in wire) return objectOf(wire.o)
  return readers[wire.k](wire.v as never)
}

/** Written whole: the memory of a small Buffer is shared with others, and would be copied with it. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function objectOf(flat: readonly (string | Wire)[]): Term {
  const object: Record<string, Term> = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) object[flat[i] as string] = fromWire(flat[i + 1] as Wire)
  return object
}

const writers: Readonly<Record<BrandedKind, (value: never) => readonly unknown[]>> = {
  atom: ({ name }: Atom) => [name],
  pid: ({ node, id, serial, creation }: Pid) => [node.name, id, serial, creation],
  reference: ({ node, words, creation }: Reference) => [node.name, words, creation],
  port: ({ node, id, creation }: Port) => [node.name, id, creation],
  fun: ({ module, arity, index, uniq, bytes }: Fun) => [
    ...[module.name, arity, index, uniq],
    copyOf(bytes),
  ],
  export: ({ module, function: name, arity }: ExternalFun) => [module.name, name.name, arity],
  tuple: ({ elements }: { elements: readonly TermInput[] }) => elements.map(toWire),
  improper: ({ elements, tail }: ImproperList) => [elements.map(toWire), toWire(tail)],
  charlist: ({ text }: Charlist) => [text],
  bitstring: ({ bytes, bits }: BitString) => [copyOf(bytes), bits],
  float: ({ value }: Float) => [value],
  local: ({ bytes }: LocalTerm) => [copyOf(bytes)],
  raw: ({ bytes }: RawTerm) => [copyOf(bytes)],
  map: (map: TermMap) => mapEntriesOf(map).map(toWire),
}

const readers: Readonly<Record<BrandedKind, (parts: never) => Term>> = {
  atom: ([name]: [string]) => Atom.intern(name),
  pid: ([node, id, serial, creation]: [string, number, number, number]) =>
    new Pid(Atom.intern(node), id, serial, creation),
  reference: ([node, words, creation]: [string, number[], number]) =>
    new Reference(Atom.intern(node), words, creation),
  port: ([node, id, creation]: [string, bigint, number]) =>
    new Port(Atom.intern(node), id, creation),
  fun: ([module, arity, index, uniq, bytes]: [string, number, number, number, Uint8Array]) =>
    new Fun(Atom.intern(module), arity, index, uniq, bytes),
  export: ([module, name, arity]: [string, string, number]) =>
    new ExternalFun(Atom.intern(module), Atom.intern(name), arity),
  tuple: (parts: Wire[]) => new Tuple(parts.map(fromWire)),
  improper: ([elements, tail]: [Wire[], Wire]) =>
    new ImproperList(elements.map(fromWire), fromWire(tail)),
  // Written terms are made of them, read ones are not: encoding takes both.
  charlist: ([text]: [string]) => new Charlist(text) as unknown as Term,
  bitstring: ([bytes, bits]: [Uint8Array, number]) => new BitString(bufferOf(bytes), bits),
  float: ([value]: [number]) => new Float(value),
  local: ([bytes]: [Uint8Array]) => new LocalTerm(bytes),
  raw: ([bytes]: [Uint8Array]) => new RawTerm(bytes) as unknown as Term,
  map: (parts: Wire[]) => TermMap.fromFlat(parts.map(fromWire)),
}

/** Errors: TypeError where `argument` is to hold a term and does not. */
export function checkedWire(argument: string, value: unknown): Wire {
  if (value === undefined) throw invalidArgument(argument, 'a term', value)
  return toWire(value)
}
