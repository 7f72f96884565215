/** A reference ETF writer: clarity over speed, not measured. */
import { Atom, Binary, Dict, Float, Integer, List, Tuple } from './term.mjs'

const SMALL_ATOM_UTF8 = 119
/** Deprecated, of equal length: the only atom tag that some old decoders know. */
export const SMALL_ATOM = 115

function tagged(tag, value) {
  const head = Buffer.alloc(5)
  head[0] = tag
  head.writeUInt32BE(value, 1)
  return head
}

/** INTEGER_EXT up to 32 bits, as term_to_binary does; `ei` itself stops at 28 bits. */
function integer(value) {
  if (value >= 0 && value < 256) return Buffer.from([97, value])
  if (value === (value | 0)) return tagged(98, value >>> 0)
  const digits = []
  for (let rest = BigInt(Math.abs(value)); rest > 0n; rest >>= 8n) digits.push(Number(rest & 255n))
  return Buffer.from([110, digits.length, value < 0 ? 1 : 0, ...digits])
}

function float(value) {
  const bytes = Buffer.alloc(9)
  bytes[0] = 70
  bytes.writeDoubleBE(value, 1)
  return bytes
}

const tupleHead = (arity) => (arity < 256 ? Buffer.from([104, arity]) : tagged(105, arity))

function parts(term, atomTag) {
  const inside = (item) => parts(item, atomTag)
  switch (term.constructor) {
    case Atom: {
      const name = Buffer.from(term.name)
      return [Buffer.from([atomTag, name.length]), name]
    }
    case Tuple:
      return [tupleHead(term.items.length), ...term.items.flatMap(inside)]
    case List: {
      const head = term.items.length === 0 ? [] : [tagged(108, term.items.length)]
      return [...head, ...term.items.flatMap(inside), Buffer.from([106])]
    }
    case Binary:
      return [tagged(109, term.bytes.length), term.bytes]
    case Dict:
      return [tagged(116, term.pairs.length), ...term.pairs.flat().flatMap(inside)]
    case Integer:
      return [integer(term.value)]
    case Float:
      return [float(term.value)]
    default:
      throw new TypeError(`unknown term ${term}`)
  }
}

export function etf(term, { atomTag = SMALL_ATOM_UTF8 } = {}) {
  return Buffer.concat([Buffer.from([131]), ...parts(term, atomTag)])
}
