import { invalidArgument } from '../../errors.js'
import { atom, type TermInput, tuple } from '../../index.js'
import type { KamailioFault } from '../rpc/fault.js'

/** What a method of the stand-in can answer with. */
export type MethodValue =
  | string
  | number
  | bigint
  | Uint8Array
  | readonly MethodValue[]
  | { readonly [member: string]: MethodValue }

/**
 * A method's answer as Kamailio writes it.
 *
 * Shape:  `undefined` → `ok`; an array → a list with one term for each; else a list of one. Text is a
 *         binary, an object the struct `{[{Name, Value}, …]}`.
 * Errors: TypeError for what has no such form.
 */
export function answerTerm(value: MethodValue | undefined): TermInput {
  if (value === undefined) return atom('ok')
  return (isArray(value) ? value : [value]).map((each, at) => replyTerm(each, `value[${at}]`))
}

export function faultTerm({ faultCode, faultText }: KamailioFault): TermInput {
  return tuple([tuple(atom('code'), faultCode), tuple('error', faultText)])
}

function replyTerm(value: MethodValue, path: string): TermInput {
  switch (typeof value) {
    case 'string':
    case 'bigint':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      break
    case 'object':
      if (value === null) break
      if (value instanceof Uint8Array) return value
      if (isArray(value)) return value.map((each, at) => replyTerm(each, `${path}[${at}]`))
      return tuple(
        Object.entries(value).map(([name, inner]) =>
          tuple(name, replyTerm(inner, `${path}.${name}`)),
        ),
      )
  }
  throw invalidArgument(path, 'text, a finite number, an array or a plain object', value)
}

function isArray(value: unknown): value is readonly MethodValue[] {
  return Array.isArray(value)
}
