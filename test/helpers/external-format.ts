import { Atom } from '../../lib/term/atom.js'
import { BitString } from '../../lib/term/bitstring.js'
import { Float } from '../../lib/term/float.js'
import { ExternalFun, Fun } from '../../lib/term/fun.js'
import { Charlist, ImproperList } from '../../lib/term/list.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import { Tuple } from '../../lib/term/tuple.js'

/**
 * A second, plain writer of the external term format, for tests that must not trust the codec. One tag
 * for each type, always the widest.
 *
 * Source: erl_ext_dist, "External Term Format".
 */
export function externalFormat(term: unknown): Buffer {
  return Buffer.concat([Buffer.of(131), termBytes(term)])
}

function termBytes(term: unknown): Buffer {
  if (typeof term === 'number') {
    const isInteger = Number.isSafeInteger(term) && !Object.is(term, -0)
    return isInteger ? integerBytes(BigInt(term)) : floatBytes(term)
  }
  if (typeof term === 'bigint') return integerBytes(term)
  if (typeof term === 'string') return binaryBytes(Buffer.from(term))
  if (typeof term === 'boolean') return atomBytes(String(term))
  if (term === null) return atomBytes('nil')
  if (term instanceof Uint8Array) return binaryBytes(term)
  if (Array.isArray(term)) return listBytes(term, [])
  if (term instanceof Map) return mapBytes([...term])
  return classBytes(term as object) ?? mapBytes(Object.entries(term as object))
}

function classBytes(term: object): Buffer | undefined {
  if (term instanceof Atom) return atomBytes(term.name)
  if (term instanceof Float) return floatBytes(term.value)
  if (Tuple.is(term)) return join([byte(105), word(term.length), ...term.elements.map(termBytes)])
  if (term instanceof ImproperList) return listBytes(term.elements, term.tail)
  if (term instanceof Charlist)
    return listBytes(
      [...term.text].map((c) => c.codePointAt(0)),
      [],
    )
  if (term instanceof BitString) {
    return join([byte(77), word(term.bytes.length), byte(term.bits), term.bytes])
  }
  if (term instanceof Fun) return Buffer.from(term.bytes)
  if (term instanceof ExternalFun) {
    return join([byte(113), ...[term.module, term.function, term.arity].map(termBytes)])
  }
  return identifierBytes(term)
}

function identifierBytes(term: object): Buffer | undefined {
  if (term instanceof Pid) {
    const numbers = [term.id, term.serial, term.creation].map(word)
    return join([byte(88), atomBytes(term.node.name), ...numbers])
  }
  if (term instanceof Port) {
    const id = Buffer.alloc(8)
    id.writeBigUInt64BE(term.id)
    return join([byte(120), atomBytes(term.node.name), id, word(term.creation)])
  }
  if (term instanceof Reference) {
    const count = Buffer.of(0, term.words.length)
    const numbers = [term.creation, ...term.words].map(word)
    return join([byte(90), count, atomBytes(term.node.name), ...numbers])
  }
  return undefined
}

function integerBytes(value: bigint): Buffer {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return join([byte(98), word(Number(value))])
  const digits: number[] = []
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) {
    digits.push(Number(rest & 255n))
  }
  return join([byte(111), word(digits.length), byte(value < 0n ? 1 : 0), Buffer.from(digits)])
}

function floatBytes(value: number): Buffer {
  const bytes = Buffer.alloc(9, 70)
  bytes.writeDoubleBE(value, 1)
  return bytes
}

function atomBytes(name: string): Buffer {
  const bytes = Buffer.from(name)
  return join([byte(118), Buffer.of(bytes.length >> 8, bytes.length & 255), bytes])
}

function binaryBytes(bytes: Uint8Array): Buffer {
  return join([byte(109), word(bytes.length), bytes])
}

function listBytes(elements: readonly unknown[], tail: unknown): Buffer {
  const end = Array.isArray(tail) && tail.length === 0 ? byte(106) : termBytes(tail)
  if (elements.length === 0) return end
  return join([byte(108), word(elements.length), ...elements.map(termBytes), end])
}

function mapBytes(entries: readonly (readonly [unknown, unknown])[]): Buffer {
  return join([byte(116), word(entries.length), ...entries.flat().map(termBytes)])
}

function byte(value: number): Buffer {
  return Buffer.of(value)
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

function join(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts)
}
