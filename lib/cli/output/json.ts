import {
  Atom,
  Float,
  format,
  isBinary,
  isFloat,
  isInteger,
  isList,
  isTermMap,
  isTuple,
  type Term,
  type TermMap,
} from '../../index.js'

export interface JsonOptions {
  /** Whether lists of printable characters are strings. */
  readonly charlists: boolean
  /** How deep in another term the term is. */
  readonly level?: number
}

/** More than any reader of JSON is made for. */
const mostLevels = 1_000

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A term as JSON, on one line. For programs that need no Erlang: tuples are arrays as lists are, atoms
 * are strings, `nil`, `null` and `undefined` are null, binaries are strings when they are UTF-8 and
 * else `{"base64": …}`; integers keep all their digits. What JSON has nothing for (pids, references,
 * funs) is a string of its Erlang text.
 */
export function jsonOf(term: Term, options: JsonOptions): string {
  const { level = 0 } = options
  if (level > mostLevels)
    throw new Error(`a term of more than ${mostLevels} levels is too deep for JSON`)
  if (typeof term === 'boolean') return String(term)
  if (isInteger(term)) return String(term)
  if (isFloat(term)) return floatJson(Number(term instanceof Float ? term.value : term))
  if (Atom.is(term)) return atomJson(term.name)
  if (isBinary(term)) return binaryJson(term)
  if (isTuple(term)) return arrayJson([...term], options)
  if (isTermMap(term)) return mapJson(term, options)
  if (isList(term)) return listJson(term, options)
  return JSON.stringify(format(term))
}

function atomJson(name: string): string {
  return name === 'nil' || name === 'null' || name === 'undefined' ? 'null' : JSON.stringify(name)
}

function floatJson(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value)
}

function binaryJson(binary: Buffer | string): string {
  const read = typeof binary === 'string' ? binary : textOf(binary)
  return JSON.stringify(read ?? { base64: Buffer.from(binary).toString('base64') })
}

/** Undefined for bytes that are no UTF-8. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function listJson(list: readonly Term[], options: JsonOptions): string {
  const text = options.charlists ? printable(list) : undefined
  return text === undefined ? arrayJson(list, options) : JSON.stringify(text)
}

function printable(list: readonly Term[]): string | undefined {
  if (list.length === 0 || !list.every(isPrintable)) return undefined
  return String.fromCodePoint(...(list as number[]))
}

function isPrintable(term: Term): boolean {
  if (typeof term !== 'number') return false
  const isSpace = term >= 8 && term <= 13
  return isSpace || term === 27 || (term >= 32 && term < 127) || (term >= 160 && term < 0xd800)
}

function arrayJson(terms: readonly Term[], options: JsonOptions): string {
  const inner = deeper(options)
  return `[${terms.map((term) => jsonOf(term, inner)).join(',')}]`
}

/** An array of pairs where two keys would have the same text. */
function mapJson(map: TermMap, options: JsonOptions): string {
  const entries = [...map]
  const keys = entries.map(([key]) => keyText(key))
  if (new Set(keys).size < keys.length) {
    const pairs = entries.map((pair) => arrayJson(pair, options))
    return `[${pairs.join(',')}]`
  }
  const fields = entries.map(
    ([, value], index) => `${JSON.stringify(keys[index])}:${jsonOf(value, deeper(options))}`,
  )
  return `{${fields.join(',')}}`
}

function deeper({ charlists, level = 0 }: JsonOptions): JsonOptions {
  return { charlists, level: level + 1 }
}

function keyText(key: Term): string {
  if (Atom.is(key)) return key.name
  if (isBinary(key)) return typeof key === 'string' ? key : (textOf(key) ?? format(key))
  return format(key)
}
