import { type Context, createContext, Script } from 'node:vm'

/** How long one pattern may look at one value. */
const timeoutMs = 50
/** How often a look is tried that was cut short because other programs had the processor. */
const tries = 3
/** Values up to here are no matter for a simple pattern. */
const shortValue = 1_000

const look = new Script('pattern.test(value)')
/** One for all: to make one takes as long as thousands of looks. */
let context: Context | undefined

/**
 * A pattern of a filter: a peer wrote it, so it may be one that takes for ever. All but simple ones
 * are looked at under a time limit, and one that exceeds it never matches again.
 */
export class FilterPattern {
  #pattern: RegExp | undefined
  readonly #isSimple: boolean

  /** Undefined, for what is no regular expression, matches nothing. */
  constructor(pattern: RegExp | undefined) {
    this.#pattern = pattern
    this.#isSimple = pattern !== undefined && isSimple(pattern.source)
  }

  matches(value: string): boolean {
    if (this.#pattern === undefined) return false
    if (this.#isSimple && value.length <= shortValue) return this.#pattern.test(value)
    context ??= createContext({})
    Object.assign(context, { pattern: this.#pattern, value })
    for (let left = tries; left > 0; left -= 1) {
      const before = process.cpuUsage()
      try {
        return look.runInContext(context, { timeout: timeoutMs }) === true
      } catch {
        const { user } = process.cpuUsage(before)
        if (user >= (timeoutMs * 1000) / 2) break
      }
    }
    this.#pattern = undefined
    return false
  }
}

/**
 * One quantifier at most, and no choice within a group: what takes ever longer has several ways to
 * match the same text, `(a|a)*` as well as `a?a?a?aaa`.
 */
function isSimple(source: string): boolean {
  const quantifiers = source.match(/[*+?{]/g) ?? []
  return quantifiers.length <= 1 && !(source.includes('(') && source.includes('|'))
}

/**
 * `/pattern/flags`, of which `i` and `s` mean something to FreeSWITCH. Undefined for text that is no
 * such thing, and is compared as it is.
 */
export function readPattern(text: string): FilterPattern | undefined {
  const parts = /^\/(.*)\/([a-z]*)$/s.exec(text)
  if (parts === null) return undefined
  const [, source = '', given = ''] = parts
  const flags = ['i', 's'].filter((flag) => given.includes(flag)).join('')
  try {
    return new FilterPattern(new RegExp(source, flags))
  } catch {
    return new FilterPattern(undefined)
  }
}
