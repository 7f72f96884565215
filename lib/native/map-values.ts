import { isUtf8 } from 'node:buffer'
import { Atom } from '../term/atom.js'
import type { Term } from '../term/term.js'

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
): { [key: string]: Term } | undefined {
  const object: { [key: string]: Term } = Object.create(null)
  for (let i = base; i < base + 2 * pairs; i += 2) {
    const key = keyText(stack[i] as Term)
    if (key === undefined || key === '__proto__' || key in object) return undefined
    object[key] = stack[i + 1] as Term
  }
  return object
}

function keyText(key: Term): string | undefined {
  if (typeof key === 'string') return key
  if (key instanceof Atom) return key.name
  if (typeof key === 'boolean') return String(key)
  // Only `nil`: `undefined` among keys makes the tape be read exactly, where it is an Atom.
  if (key === null) return 'nil'
  if (Buffer.isBuffer(key) && isUtf8(key)) return key.toString()
  return undefined
}
