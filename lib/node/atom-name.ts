import { Atom } from '../term/atom.js'

/** The name of an atom; Erlang's `true` and `false` arrive as booleans. Undefined for other terms. */
export function atomName(term: unknown): string | undefined {
  if (typeof term === 'boolean') return String(term)
  return Atom.is(term) ? term.name : undefined
}
