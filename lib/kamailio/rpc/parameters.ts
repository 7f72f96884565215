import { checkText } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import { atom, type TermInput, Tuple } from '../../index.js'

/** What a parameter of a method can be: text, a number, or a struct of these. */
export type KamailioParameter = string | number | bigint | Uint8Array | KamailioStructParameter

/** A struct: parameters by their names. */
export interface KamailioStructParameter {
  readonly [member: string]: string | number | bigint | Uint8Array
}

/**
 * `core.version` as the module and the function that Kamailio puts together again.
 *
 * Errors: TypeError and RangeError for what is no name of a method.
 */
export function checkMethod(method: unknown): readonly [module: string, name: string] {
  const checked = checkText('method', method)
  const dot = checked.indexOf('.')
  if (dot <= 0 || dot === checked.length - 1) {
    throw outOfRange('method', "a name such as 'core.version'", method)
  }
  return [checked.slice(0, dot), checked.slice(dot + 1)]
}

/**
 * The parameters of a method as terms: text as binaries, a struct as the flat tuple
 * `{member1, Value1, member2, Value2}`.
 *
 * Errors: TypeError for a value of another type; RangeError for empty text, which Kamailio loses
 *         together with what follows it, and for integers beyond 32 bits.
 */
export function parameterTerms(parameters: readonly KamailioParameter[]): TermInput[] {
  if (!Array.isArray(parameters)) throw invalidArgument('parameters', 'an array', parameters)
  return parameters.map((value, at) => parameterTerm(`parameters[${at}]`, value))
}

function parameterTerm(name: string, value: unknown): TermInput {
  if (!isStruct(value)) return scalarTerm(name, value)
  const members = Object.entries(value)
  if (members.length === 0) throw outOfRange(name, 'a struct with a member', value)
  return new Tuple(
    members.flatMap(([member, inner]) => [atom(member), scalarTerm(`${name}.${member}`, inner)]),
  )
}

function scalarTerm(name: string, value: unknown): TermInput {
  const rule = 'a string, a number or a plain object of these'
  if (typeof value === 'string' || value instanceof Uint8Array) {
    if (value.length > 0) return value
    throw outOfRange(name, 'text that is not empty, which Kamailio cannot take', value)
  }
  if (typeof value === 'bigint' || Number.isInteger(value)) return integerTerm(name, value)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidArgument(name, rule, value)
}

function integerTerm(name: string, value: unknown): TermInput {
  const integer = value as number | bigint
  if (BigInt.asIntN(32, BigInt(integer)) === BigInt(integer)) return integer
  throw outOfRange(name, 'an integer of 32 bits', value)
}

function isStruct(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
