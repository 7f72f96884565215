import { checkNames } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'

/** What the string form of a definition says: the original's parameter `exec`. */
export interface ExecFields {
  readonly name: string
  readonly waitUs?: number
  readonly workers?: number
  readonly sockaddr?: string
}

const keys = ['name', 'wait', 'workers', 'sockaddr']
/** The original's numbers have 32 bits. */
const largest = 2 ** 32 - 1

/**
 * Reads `"name=STRING;wait=MICROSECONDS;workers=NUMBER"`.
 *
 * Shape:  `key=value` with `;` between, in any order, blanks around them and one `;` at the end
 *         allowed; keys in any case; a value may stand in quotes. Of several `wait` or `workers` the
 *         first that is not 0 counts.
 * Errors: TypeError that names the definition and the key: unknown, twice, without value, no number.
 */
export function parseExec(definition: string): ExecFields {
  if (typeof definition !== 'string') throw invalidArgument('definition', 'a string', definition)
  if (definition.trim() === '') throw refused(definition, 'is empty')
  const fields = new Map<string, string>()
  for (const part of partsOf(definition)) {
    const [key, value] = pairOf(definition, part)
    if (key === 'wait' || key === 'workers') addNumber(definition, fields, key, value)
    else if (fields.has(key)) throw refused(definition, `has ${key} twice`)
    else fields.set(key, value)
  }
  return fieldsOf(definition, fields)
}

function fieldsOf(definition: string, fields: ReadonlyMap<string, string>): ExecFields {
  const name = fields.get('name')
  if (name === undefined) throw refused(definition, 'has no name')
  const wait = fields.get('wait')
  const workers = fields.get('workers')
  const sockaddr = fields.get('sockaddr')
  return {
    name,
    ...(wait === undefined ? {} : { waitUs: Number(wait) }),
    ...(workers === undefined ? {} : { workers: Number(workers) }),
    ...(sockaddr === undefined ? {} : { sockaddr }),
  }
}

function partsOf(definition: string): string[] {
  return definition.trim().replace(/;$/, '').split(';')
}

function pairOf(definition: string, part: string): readonly [string, string] {
  const equals = part.indexOf('=')
  const key = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
  if (key === '') throw refused(definition, 'has a part without a key')
  checkNames(`the definition ${JSON.stringify(definition)}`, { [key]: true }, keys)
  const value = unquoted(equals < 0 ? '' : part.slice(equals + 1).trim())
  if (value === '') throw refused(definition, `has no value for ${key}`)
  return [key, value]
}

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) && value.length > 1 ? value.slice(1, -1) : value
}

function addNumber(
  definition: string,
  fields: Map<string, string>,
  key: string,
  value: string,
): void {
  if (!/^\d{1,10}$/.test(value) || Number(value) > largest) {
    throw refused(
      definition,
      `must have an integer from 0 to ${largest} for ${key}, not "${value}"`,
    )
  }
  if (Number(fields.get(key) ?? 0) === 0) fields.set(key, value)
}

function refused(definition: string, what: string): TypeError {
  return new TypeError(`definition ${JSON.stringify(definition)} ${what}`)
}
