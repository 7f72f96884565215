import type { Atom } from '../atom.js'
import { keyOf } from '../key.js'
import { ImproperList } from '../list.js'
import { TermMap } from '../map.js'
import type { Term } from '../term.js'
import { Tuple } from '../tuple.js'
import type { Source } from './source.js'

/** A map of a template or pattern, whose keys may not be known yet. */
export class OpenMap {
  /** [key, value, …] */
  readonly flat: readonly unknown[]
  constructor(flat: readonly unknown[]) {
    this.flat = flat
  }
}

/** A compound term that has begun and whose end is not read. */
export interface Frame {
  readonly shape: 'tuple' | 'list' | 'map'
  readonly close: string
  readonly parts: unknown[]
  /** Offset of its opening. */
  readonly at: number
  /** `|` has been read: what comes is the tail. */
  isTail: boolean
  /** The key of the value that comes, where it was written as `key: value`. */
  keyword: Atom | boolean | undefined
  /** There has been one: all that come behind it are written so. */
  hasKeywords: boolean
  /** In a map: the key has been read, and its value comes. */
  isValue: boolean
}

/** What `begin` gives when it has read the opening of a compound term. */
export const OPENED = Symbol('opened')

/** The parts of a language's syntax in which Erlang and Elixir differ. */
export interface Dialect {
  /** Reads a term whole, or the opening of one by `reader.open`, and then gives `OPENED`. */
  begin(reader: Reader): unknown
  /** Reads what may stand before an element: `key:`. */
  beforeElement?(source: Source, frame: Frame): void
  readonly mapArrows: readonly string[]
}

/** Reads terms with a stack of its own, so that depth costs no call stack. */
export class Reader {
  readonly source: Source
  readonly #dialect: Dialect
  readonly #maxDepth: number
  /** Maps are `OpenMap`s: a template or a pattern is read. */
  readonly #isOpen: boolean
  readonly #frames: Frame[] = []

  constructor(source: Source, dialect: Dialect, maxDepth: number, isOpen = false) {
    this.source = source
    this.#dialect = dialect
    this.#maxDepth = maxDepth
    this.#isOpen = isOpen
  }

  /** One term and nothing behind it but a full stop. */
  readAll(): unknown {
    const term = this.#read()
    const hasStop = this.source.take('.')
    if (!Number.isNaN(this.source.next())) {
      this.source.fail(hasStop ? 'nothing behind the full stop' : 'nothing behind the term')
    }
    return term
  }

  #read(): unknown {
    let term = this.#begin()
    for (;;) {
      const frame = this.#frames.at(-1)
      if (frame === undefined) return term
      term = term === OPENED ? this.#begin(frame) : this.#resume(frame, term)
    }
  }

  /** The opening of a compound term is read; gives it at once when it is empty. */
  open(shape: Frame['shape'], close: string, at: number, first?: readonly unknown[]): unknown {
    const parts = first === undefined ? [] : [...first]
    const state = { isTail: false, keyword: undefined, hasKeywords: false, isValue: false }
    const frame: Frame = { shape, close, at, parts, ...state }
    if (this.source.take(close)) return this.#finish(frame)
    if (this.#frames.length >= this.#maxDepth) {
      this.source.fail(`terms nested at most ${this.#maxDepth} levels deep (maxDepth)`, at)
    }
    this.#frames.push(frame)
    return OPENED
  }

  #begin(frame?: Frame): unknown {
    this.source.next()
    if (frame !== undefined && !frame.isTail && !frame.isValue) {
      this.#dialect.beforeElement?.(this.source, frame)
      this.source.next()
    }
    return this.#dialect.begin(this)
  }

  /** Takes the part that was read, and reads what parts it from the next. */
  #resume(frame: Frame, part: unknown): unknown {
    if (frame.shape === 'map') return this.#resumeMap(frame, part)
    if (frame.keyword !== undefined) {
      frame.parts.push(new Tuple([frame.keyword, part]))
      frame.keyword = undefined
    } else frame.parts.push(part)
    const { source } = this
    if (frame.isTail) return source.take(frame.close) ? this.#close(frame) : source.fail('"]"')
    if (source.take(',')) return OPENED
    if (source.take(frame.close)) return this.#close(frame)
    if (frame.shape !== 'list') return this.#unclosed(frame, ['","'])
    if (!source.take('|')) return this.#unclosed(frame, ['","', '"|"'])
    frame.isTail = true
    return OPENED
  }

  #resumeMap(frame: Frame, part: unknown): unknown {
    const { source } = this
    if (frame.keyword !== undefined) {
      frame.parts.push(frame.keyword, part)
      frame.keyword = undefined
    } else {
      frame.parts.push(part)
      frame.isValue = !frame.isValue
      if (frame.isValue) {
        if (this.#dialect.mapArrows.some((arrow) => source.take(arrow))) return OPENED
        source.fail(this.#dialect.mapArrows.map((arrow) => JSON.stringify(arrow)).join(' or '))
      }
    }
    if (source.take(',')) return OPENED
    return source.take(frame.close) ? this.#close(frame) : this.#unclosed(frame, ['","'])
  }

  #unclosed(frame: Frame, others: readonly string[]): never {
    const wanted = [...others, JSON.stringify(frame.close)].join(' or ')
    return this.source.fail(`${wanted} in the ${frame.shape} that begins at offset ${frame.at}`)
  }

  #close(frame: Frame): unknown {
    this.#frames.pop()
    return this.#finish(frame)
  }

  #finish({ shape, parts, isTail }: Frame): unknown {
    if (shape === 'tuple') return new Tuple(parts)
    if (shape === 'map') return this.#isOpen ? new OpenMap(parts) : mapOf(parts as Term[])
    return isTail ? listWithTail(parts) : parts
  }
}

/** Of keys that are equal the last value counts, as in Erlang. */
export function mapOf(flat: Term[]): TermMap {
  const keys = new Set<unknown>()
  if (flat.length > 2) for (let at = 0; at < flat.length; at += 2) keys.add(keyOf(flat[at]))
  if (flat.length <= 2 || keys.size === flat.length / 2) return TermMap.fromFlat(flat)
  const map = new TermMap()
  for (let at = 0; at < flat.length; at += 2) map.set(flat[at] as Term, flat[at + 1] as Term)
  return map
}

/** The last part is the tail; where that is a list itself, the whole is one list. */
export function listWithTail(parts: unknown[]): unknown {
  const tail = parts.pop()
  const elements = parts as Term[]
  if (Array.isArray(tail)) return elements.concat(tail as Term[])
  if (tail instanceof ImproperList) {
    return new ImproperList(elements.concat(tail.elements as Term[]), tail.tail)
  }
  return new ImproperList(elements, tail as Term)
}
