import { isUtf8 } from 'node:buffer'
import { Atom } from './atom.js'
import { type BitString, clearedBits } from './bitstring.js'
import { checkLevels } from './depth.js'
import type { ExternalFun, Fun } from './fun.js'
import {
  atomNameOf,
  bytesOf,
  type Kind,
  kindOf,
  listPartsOf,
  mapEntriesOf,
  numberOf,
  tupleElementsOf,
} from './kind.js'
import type { Pid } from './pid.js'
import type { Port } from './port.js'
import type { Reference } from './reference.js'

/**
 * The primitive (or atom) that stands for a term as the key of a native `Map`: two terms have the same
 * one exactly when they are equal (`=:=`).
 *
 *   integer              itself, as number when safe
 *   float                the number when no integer has it, else '\0d' and its digits
 *   atom                 the interned Atom, or the boolean
 *   binary               its text when it is UTF-8 that does not begin with \0
 *   everything else      '\0' and an encoding that cannot be confused with another
 *
 * Errors: TypeError for what has no Erlang form.
 */
export function keyOf(term: unknown): unknown {
  switch (kindOf(term)) {
    case 'integer':
      return integerKey(numberOf(term))
    case 'float':
      return floatKey(Number(numberOf(term)))
    case 'atom':
      return typeof term === 'boolean' ? term : atomKey(atomNameOf(term))
    case 'binary':
      return typeof term === 'string' ? textKey(term) : bytesKey(bytesOf(term))
    default:
      return `\0${encoding(term)}`
  }
}

function integerKey(value: number | bigint): unknown {
  if (typeof value === 'number') return value
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

function floatKey(value: number): unknown {
  return Number.isSafeInteger(value) ? `\0d${value}` : value
}

function atomKey(name: string): unknown {
  return name === 'true' || name === 'false' ? name === 'true' : Atom.intern(name)
}

function textKey(text: string): string {
  return text.startsWith('\0') ? `\0t${text}` : text
}

function bytesKey(bytes: Uint8Array): string {
  return isUtf8(bytes) ? textKey(asBuffer(bytes).toString()) : `\0b${latin1(bytes)}`
}

function latin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1')
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Puts the encodings of `count` parts together, in a step of its own so that depth costs no stack. */
interface Assembly {
  readonly tag: 'tuple' | 'list' | 'improper' | 'map'
  readonly count: number
}

type Step = { readonly term: unknown } | Assembly

/**
 * Encodes a compound term so that equal terms, and only they, give equal text: leaves end in a
 * delimiter or state their length, compounds state their count, maps are sorted by their keys' text.
 */
function encoding(root: unknown): string {
  const steps: Step[] = [{ term: root }]
  const done: string[] = []
  let levels = 0
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if ('tag' in step) {
      done.push(assemble(step, done.splice(done.length - step.count)))
      levels--
    } else if (visit(step.term, steps, done)) {
      checkLevels(++levels)
    }
  }
  return done[0] ?? ''
}

/** Encodes a leaf, or plans the steps of a compound and returns true. */
function visit(term: unknown, steps: Step[], done: string[]): boolean {
  const kind = kindOf(term)
  switch (kind) {
    case 'tuple':
      return plan('tuple', tupleElementsOf(term), steps)
    case 'list': {
      const { elements, isProper, tail } = listPartsOf(term)
      return isProper ? plan('list', elements, steps) : plan('improper', [...elements, tail], steps)
    }
    case 'map':
      return plan('map', mapEntriesOf(term), steps)
    default:
      done.push(leaf(kind, term))
      return false
  }
}

function plan(tag: Assembly['tag'], parts: readonly unknown[], steps: Step[]): true {
  steps.push({ tag, count: parts.length })
  for (let i = parts.length - 1; i >= 0; i--) steps.push({ term: parts[i] })
  return true
}

function assemble({ tag, count }: Assembly, parts: readonly string[]): string {
  const ordered = tag === 'map' ? sortedPairs(parts) : parts
  let text = `${tag}${count}:`
  // Appending builds a rope, which stays linear over a deep term; join would copy at each level.
  for (const part of ordered) text += part
  return text
}

function sortedPairs(parts: readonly string[]): string[] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < parts.length; i += 2) pairs.push([parts[i] ?? '', parts[i + 1] ?? ''])
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1)).flat()
}

function leaf(kind: Kind, term: unknown): string {
  switch (kind) {
    case 'integer':
      return `i${numberOf(term)};`
    case 'float':
      return `d${numberOf(term)};`
    case 'atom':
      return sized('a', atomNameOf(term))
    case 'binary':
      return sized('b', latin1(bytesOf(term)))
    default:
      return identity(kind, term)
  }
}

function sized(tag: string, text: string): string {
  return `${tag}${text.length}:${text}`
}

function identity(kind: Kind, term: unknown): string {
  switch (kind) {
    case 'pid': {
      const { node, id, serial, creation } = term as Pid
      return `p${id}.${serial}.${creation}${sized('@', node.name)}`
    }
    case 'port': {
      const { node, id, creation } = term as Port
      return `o${id}.${creation}${sized('@', node.name)}`
    }
    case 'reference': {
      const { node, words, creation } = term as Reference
      // Zero words at the end say nothing: Erlang calls such references equal too.
      const significant = words.slice(0, words.findLastIndex((word) => word !== 0) + 1)
      return `r${significant.join('.')};${creation}${sized('@', node.name)}`
    }
    case 'export': {
      const { module, function: name, arity } = term as ExternalFun
      return `x${arity}${sized('m', module.name)}${sized('f', name.name)}`
    }
    case 'bitstring': {
      const { bytes, bits } = term as BitString
      return sized(`n${bits}.`, latin1(clearedBits(bytes, bits)))
    }
    default:
      return sized(kind, latin1((term as Fun).bytes))
  }
}
