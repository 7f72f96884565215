import { invalidArgument, outOfRange } from '../errors.js'

/** The checks of arguments and options that the layers above share. */

export function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidArgument(name, 'a string', value)
  if (value === '') throw outOfRange(name, 'a string that is not empty', value)
  return value
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value)
  return value
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(name, 'a function', value)
}

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  const rule = `an integer from ${min} to ${max}`
  if (typeof value !== 'number') throw invalidArgument(name, rule, value)
  if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(name, rule, value)
  return value
}

/** A number of bytes; `Infinity` stands for no limit. */
export function checkSize(name: string, value: unknown, min: number): number {
  const rule = `a number ≥ ${min}`
  if (typeof value !== 'number') throw invalidArgument(name, rule, value)
  if (!(value >= min)) throw outOfRange(name, rule, value)
  return value
}

/** How many there may be, 1 at least; `Infinity` stands for no limit. */
export function checkCount(name: string, value: unknown): number {
  const rule = 'an integer ≥ 1, or Infinity'
  if (typeof value !== 'number') throw invalidArgument(name, rule, value)
  if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= 1)) {
    throw outOfRange(name, rule, value)
  }
  return value
}

/** Milliseconds; `Infinity` waits for ever. */
export function checkTimeout(name: string, value: unknown): number {
  return checkSize(name, value, 0)
}

/** One of a few texts. */
export function checkChoice<const Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const rule = `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`
  if (typeof value !== 'string') throw invalidArgument(name, rule, value)
  const chosen = choices.find((choice) => choice === value)
  if (chosen === undefined) throw outOfRange(name, rule, value)
  return chosen
}

export function checkSignal(value: unknown): AbortSignal {
  if (!(value instanceof AbortSignal)) {
    throw invalidArgument('signal', 'an AbortSignal', value)
  }
  return value
}

export function checkObject(name: string, value: unknown): object {
  if (typeof value !== 'object' || value === null) {
    throw invalidArgument(name, 'an object', value)
  }
  return value
}

/**
 * Refuses option names that nobody knows, and says which one was probably meant.
 *
 * Errors: TypeError `unknown option "cokie" of ErlangNode.start; did you mean "cookie"?`
 */
export function checkNames(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = nearestName(name, known)
    const hint = nearest === undefined ? `known: ${known.join(', ')}` : `did you mean "${nearest}"?`
    throw new TypeError(`unknown option "${name}" of ${where}; ${hint}`)
  }
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined
  let least = 1 + Math.max(2, Math.floor(name.length / 2))
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      nearest = candidate
    }
  }
  return nearest
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
