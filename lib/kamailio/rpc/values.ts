import { ErlangError } from '../../errors.js'
import { format, isAtom, isList, isTagged, isTuple, type Term, text } from '../../index.js'
import { KamailioFault } from './fault.js'

/** What a method of Kamailio's answers, as JavaScript values. */
export type KamailioValue = string | number | bigint | Buffer | KamailioValue[] | KamailioStruct

/** A struct; a member that comes more than once is an array of its values. */
export interface KamailioStruct {
  [member: string]: KamailioValue
}

/**
 * The values that a method has answered: one for each parameter of its reply.
 *
 * Shape:  list of values; `ok` for none; struct `{[{Name, Value}, …]}`; fault
 *         `{[{code, Code}, {<<"error">>, Text}]}`; `{badrpc | badarith | badarg, Text}`
 * Errors: `KamailioFault`; ERR_ERL_REMOTE with the `reason`; ERR_ERL_PROTOCOL for other shapes.
 */
export function valuesOf(method: string, answer: Term): KamailioValue[] {
  if (isAtom(answer, 'ok')) return []
  if (isList(answer)) return answer.map((value) => javaScriptOf(method, value))
  const fault = faultOf(method, answer)
  if (fault !== undefined) throw fault
  if (isTuple(answer, 2) && isAtom(answer[0])) {
    const why = isTextual(answer[1]) ? text(answer[1]) : format(answer[1])
    throw new ErlangError('ERR_ERL_REMOTE', `${method}: ${why}`, { reason: answer })
  }
  throw unexpected(method, answer)
}

function faultOf(method: string, answer: Term): KamailioFault | undefined {
  const members = isTuple(answer, 1) ? answer[0] : undefined
  if (!isList(members)) return undefined
  const [code, error] = members
  if (!isTagged(code, 'code', 2) || !isTuple(error, 2)) return undefined
  return new KamailioFault(Number(code[1]), text(error[1]), method, answer)
}

function javaScriptOf(method: string, value: Term): KamailioValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value
  }
  if (Buffer.isBuffer(value)) return value
  if (isList(value)) return value.map((element) => javaScriptOf(method, element))
  if (isTuple(value, 1) && isList(value[0])) return structOf(method, value[0])
  throw unexpected(method, value)
}

function structOf(method: string, members: readonly Term[]): KamailioStruct {
  const found = new Map<string, KamailioValue[]>()
  for (const member of members) {
    if (!isTuple(member, 2)) throw unexpected(method, member)
    const name = isAtom(member[0]) ? format(member[0]) : text(member[0])
    const value = javaScriptOf(method, member[1])
    found.set(name, [...(found.get(name) ?? []), value])
  }
  return Object.fromEntries(
    Array.from(found, ([name, values]) => {
      const [first] = values
      return [name, values.length === 1 && first !== undefined ? first : values]
    }),
  )
}

function isTextual(value: Term): value is string | Buffer | Term[] {
  return typeof value === 'string' || Buffer.isBuffer(value) || isList(value)
}

function unexpected(method: string, value: Term): ErlangError {
  return new ErlangError('ERR_ERL_PROTOCOL', `${method} answered ${format(value)}`)
}
