import { types } from 'node:util'
import { invalidArgument, outOfRange } from '../errors.js'
import { Atom } from './atom.js'

/** What the constructors of terms ask of their arguments, so that whatever exists has an Erlang form. */

export function checkAtom(name: string, value: Atom): void {
  if (!(value instanceof Atom) && !Atom.is(value)) {
    throw invalidArgument(name, "an Atom, as Atom.of('shop@host') makes one", value)
  }
}

/** A number that the wire has 32 bits for. */
export function checkWord(name: string, value: number): void {
  if (typeof value !== 'number' || value >>> 0 !== value) refuseInteger(name, value, 0, 0xffff_ffff)
}

export function checkIntegerOf(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) refuseInteger(name, value, min, max)
}

export function checkBytes(name: string, value: Uint8Array): void {
  // Not by instanceof: a Buffer is of another realm than what runs in `node:vm`, as Jest's tests do.
  if (!types.isUint8Array(value)) throw invalidArgument(name, 'a Uint8Array', value)
}

function refuseInteger(name: string, value: unknown, min: number, max: number): never {
  const rule = `an integer from ${min} to ${max}`
  throw typeof value === 'number'
    ? outOfRange(name, rule, value)
    : invalidArgument(name, rule, value)
}
