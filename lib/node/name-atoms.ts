import { type Atom, atom } from '../term/atom.js'

const held = new Map<string, Atom | boolean>()
const mostHeld = 1_000

/**
 * The atom of a name that is likely to come again: of a module, a function, a process. It is held,
 * since to look up what is held weakly costs ten times as much. Errors: those of `atom`.
 */
export function nameAtom(name: string): Atom | boolean {
  const known = held.get(name)
  if (known !== undefined) return known
  const made: Atom | boolean = atom(name)
  if (held.size === mostHeld) held.clear()
  held.set(name, made)
  return made
}
