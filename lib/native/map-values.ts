import { isUtf8 } from 'node:buffer'
import { Atom } from '../term/atom.js'
import type { Term, TermObject } from '../term/term.js'

/**
 * A map as a null-prototype object, where that loses no key.
 *
 * Returns undefined when a key is no text and no atom, when two keys have the same text, or when
 * one is `__proto__`, which code that copies the object would trip over.
 */
export function objectOf(
  stack: readonly (Term | undefined)[],
  base: number,
  pairs: number,
): TermObject | undefined {
  // First, while there are no properties to move; unlike `Object.create(null)` this gives an object
  // with fast properties.
  const object: TermObject = Object.setPrototypeOf({}, null)
  const end = base + 2 * pairs
  let texts = 0
  for (let i = base; i < end; i += 2) {
    const term = stack[i] as Term
    const name = nameOf(term)
    const key = name ?? textOf(term)
    if (key === undefined || key === '__proto__') return undefined
    if (name === undefined) texts++
    // Texts differ from each other, and so do the names of atoms.
    const isMixed = texts > 0 && 2 * texts < i - base + 2
    if (isMixed && Object.hasOwn(object, key)) return undefined
    object[key] = stack[i + 1] as Term
  }
  return object
}

function nameOf(key: Term): string | undefined {
  if (typeof key === 'string') return undefined
  if (key instanceof Atom) return key.name
  if (typeof key === 'boolean') return String(key)
  // Only `nil`: `undefined` among keys makes the tape be read exactly, where it is an Atom.
  return key === null ? 'nil' : undefined
}

function textOf(key: Term): string | undefined {
  if (typeof key === 'string') return key
  return Buffer.isBuffer(key) && isUtf8(key) ? key.toString() : undefined
}
