import { equals } from '../compare.js'
import type { TermInput } from '../term.js'
import type { Source } from './source.js'

/** One term against one pattern. */
export interface Run {
  readonly values: readonly unknown[]
  readonly bindings: Map<string, unknown>
}

export type Match = (term: unknown, run: Run) => boolean

/** What is known of a pattern while it is compiled. */
export interface Compilation {
  readonly source: Source
  /** In the order in which they are bound. */
  readonly variables: Set<string>
  /** What is to be said of the values of a template as soon as they are there. */
  readonly checks: ((values: readonly unknown[]) => void)[]
}

/** A variable that stands in a pattern twice stands for equal terms. */
export function bind(name: string, term: unknown, { bindings }: Run): boolean {
  if (bindings.has(name)) return equals(bindings.get(name) as TermInput, term as TermInput)
  bindings.set(name, term)
  return true
}
