import { createContext, Script } from 'node:vm'

/** How long one pattern may look at one value. */
const timeoutMs = 20
/** Values up to here are no matter for a pattern with a single quantifier. */
const shortValue = 1_000

const look = new Script('pattern.test(value)')

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
    this.#isSimple = pattern !== undefined && (pattern.source.match(/[*+{]/g) ?? []).length <= 1
  }

  matches(value: string): boolean {
    if (this.#pattern === undefined) return false
    if (this.#isSimple && value.length <= shortValue) return this.#pattern.test(value)
    try {
      const context = createContext({ pattern: this.#pattern, value })
      return look.runInContext(context, { timeout: timeoutMs }) === true
    } catch {
      this.#pattern = undefined
      return false
    }
  }
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
