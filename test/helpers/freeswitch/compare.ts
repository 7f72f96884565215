import { type AnyTuple, format, isAtom, isTagged, isTuple, type Term } from 'beamlink'
import type { TextEncoding } from 'beamlink/freeswitch'
import { hasShape, shapeOf } from './shapes.js'

type Reply = readonly [receiver: string, term: Term]

/** How the replies of a case differ from what is expected; undefined when they do not. */
export function compareReplies(
  expected: Term,
  actual: Term,
  options: {
    readonly encoding: TextEncoding
    readonly isTrimmed: boolean
    readonly anyOrder?: boolean
  },
): string | undefined {
  const comparer = new Comparer(options.encoding, options.isTrimmed)
  const wanted = repliesOf(expected)
  const got = repliesOf(actual)
  const receivers = new Set([...wanted, ...got].map(([receiver]) => receiver))
  for (const receiver of receivers) {
    const difference = comparer.receiver(
      termsTo(receiver, wanted),
      termsTo(receiver, got),
      options.anyOrder,
    )
    if (difference !== undefined) return `to ${receiver}: ${difference}`
  }
  return undefined
}

function repliesOf(list: Term): Reply[] {
  if (!Array.isArray(list)) throw new TypeError(`no replies: ${format(list)}`)
  return list.map((reply): Reply => {
    if (!isTuple(reply, 2)) throw new TypeError(`no reply: ${format(reply)}`)
    return [format(reply[0]), reply[1]]
  })
}

function termsTo(receiver: string, replies: readonly Reply[]): Term[] {
  return replies.filter(([to]) => to === receiver).map(([, term]) => term)
}

class Comparer {
  readonly #encoding: TextEncoding
  readonly #isTrimmed: boolean
  /** Ids that are made anew each time: the recorded one and ours. */
  readonly #ids = new Map<string, string>()

  constructor(encoding: TextEncoding, isTrimmed: boolean) {
    this.#encoding = encoding
    this.#isTrimmed = isTrimmed
  }

  receiver(wanted: Term[], got: Term[], anyOrder = false): string | undefined {
    const trimmed = anyOrder ? this.#inOrderOf(wanted, got) : withoutOlder(wanted, got)
    for (let i = 0; i < Math.max(wanted.length, trimmed.length); i++) {
      const [expected, actual] = [wanted[i], trimmed[i]]
      if (expected === undefined) return `too much: ${shown(actual as Term)}`
      if (actual === undefined) return `missing: ${shown(expected)}`
      if (!this.#same(expected, actual)) return this.#told(expected, actual)
    }
    return undefined
  }

  #inOrderOf(wanted: readonly Term[], got: readonly Term[]): Term[] {
    const left = [...got]
    const found = wanted.flatMap((expected) => {
      const at = left.findIndex((actual) => this.#same(expected, actual))
      return at < 0 ? [] : left.splice(at, 1)
    })
    return [...found, ...left]
  }

  #told(expected: Term, actual: Term): string {
    const [wanted, got] = [pairsOf(expected), pairsOf(actual)]
    if (wanted === undefined || got === undefined || wanted[1] !== got[1]) {
      return `expected ${shown(expected)}\n     got ${shown(actual)}`
    }
    const missing = wanted.filter((pair) => !got.includes(pair))
    const extra = got.filter((pair) => !wanted.includes(pair))
    const at = wanted.findIndex((pair, i) => pair !== got[i])
    if (missing.length === 0 && extra.length === 0)
      return `in ${wanted[1]}: expected ${wanted[at]} at ${at}, got ${got[at]}`
    return `in ${wanted[1]} (${wanted.length} pairs, got ${got.length}): expected ${missing.join()}\n     got ${extra.join()}`
  }

  #same(expected: Term, actual: Term, inLog = false): boolean {
    if (isTagged(expected, 'event', 2) && Array.isArray(expected[1])) {
      return isTagged(actual, 'event', 2) && this.#sameEvent(expected[1], actual[1])
    }
    if (isTagged(expected, 'len', 2)) return textOf(actual)?.length === expected[1]
    if (isTuple(expected)) {
      const isLog = inLog || isAtom(expected[0], 'log')
      return (
        isTuple(actual) &&
        actual.length === expected.length &&
        [...expected].every((part, i) => this.#sameField(expected, part, actual[i] as Term, isLog))
      )
    }
    if (Array.isArray(expected)) return this.#sameList(expected, actual, inLog)
    return format(expected) === format(actual)
  }

  /** `[]` in a tuple is empty text, but for the parameters of a fetch. */
  #sameField(whole: AnyTuple, expected: Term, actual: Term, inLog: boolean): boolean {
    if (Array.isArray(expected) && isTagged(whole, 'fetch', 7) && whole[6] === expected) {
      if (expected.length === 0) return Array.isArray(actual) && actual.length === 0
      return this.#sameEvent(expected, actual)
    }
    const [first = expected] = whole
    const isOfText = isAtom(first) || textOf(first) !== undefined
    if (isOfText && Array.isArray(expected) && expected.length === 0) {
      return this.#isText(actual, inLog) && textOf(actual) === ''
    }
    return this.#same(expected, actual, inLog)
  }

  #sameList(expected: readonly Term[], actual: Term, inLog: boolean): boolean {
    const text = expected.length > 0 ? textOf(expected as Term) : undefined
    if (text !== undefined) {
      return this.#isText(actual, inLog) && this.#sameText(text, textOf(actual) ?? '', inLog)
    }
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((part, i) => this.#same(part, actual[i] as Term, inLog))
    )
  }

  /** Text comes as the encoding says; lines of the log are strings in both. */
  #isText(actual: Term, inLog: boolean): boolean {
    return this.#encoding === 'string' || inLog ? Array.isArray(actual) : Buffer.isBuffer(actual)
  }

  #sameText(expected: string, actual: string, isOfLog = false): boolean {
    if (expected === actual || this.#sameId(expected, actual)) return true
    return (isOfLog || hasShape(expected)) && shapeOf(expected) === shapeOf(actual)
  }

  #sameId(expected: string, actual: string): boolean {
    const id = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
    if (!id.test(expected) || !id.test(actual)) return false
    const known = this.#ids.get(expected)
    if (known !== undefined) return known === actual
    if ([...this.#ids.values()].includes(actual)) return false
    this.#ids.set(expected, actual)
    return true
  }

  /** Trimmed: the pairs are there in this order. Whole: they are all. */
  #sameEvent(expected: readonly Term[], actual: Term): boolean {
    if (!Array.isArray(actual) || !this.#sameHead(expected[0] as Term, actual[0] as Term)) {
      return false
    }
    if (!this.#isTrimmed && actual.length !== expected.length) return false
    let next = 1
    for (const pair of expected.slice(1)) {
      let found = this.#samePair(pair, actual[next] as Term)
      while (!found && this.#isTrimmed && next < actual.length) {
        next += 1
        found = this.#samePair(pair, actual[next] as Term)
      }
      if (!found) return false
      next += 1
    }
    return true
  }

  #sameHead(expected: Term, actual: Term): boolean {
    if (isAtom(expected)) return isAtom(actual) && format(expected) === format(actual)
    return (
      this.#isText(actual, false) && this.#sameText(textOf(expected) ?? '', textOf(actual) ?? '')
    )
  }

  #samePair(expected: Term, actual: Term | undefined): boolean {
    if (!isTuple(expected, 2) || actual === undefined || !isTuple(actual, 2)) return false
    const name = textOf(expected[0]) ?? ''
    if (!this.#isText(actual[0], false) || !this.#isText(actual[1], false)) return false
    if (textOf(actual[0]) !== name) return false
    const value = textOf(expected[1]) ?? ''
    const got = textOf(actual[1]) ?? ''
    return this.#sameText(value, got) || (hasShape(value, name) && shapeOf(value) === shapeOf(got))
  }
}

/**
 * Events of a call that are older than its attachment: the recorded server had lost some or all of
 * them when its event thread was quicker. Ours come all; so the recorded ones are the last of them.
 */
function withoutOlder(wanted: readonly Term[], got: readonly Term[]): readonly Term[] {
  const older = (terms: readonly Term[]) => {
    const call = terms.findIndex((term) => isTagged(term, 'call', 2))
    const park = terms.findIndex((term) => shown(term).includes('CHANNEL_PARK'))
    return call < 0 || park < call ? undefined : { first: call + 1, count: park - call - 1 }
  }
  const [expected, actual] = [older(wanted), older(got)]
  if (expected === undefined || actual === undefined || actual.count <= expected.count) return got
  return got.toSpliced(actual.first, actual.count - expected.count)
}

/** Bytes as characters; undefined for what is no text. */
function textOf(term: Term): string | undefined {
  if (Buffer.isBuffer(term)) return term.toString('latin1')
  if (!Array.isArray(term)) return undefined
  if (!term.every((byte) => typeof byte === 'number' && byte >= 0 && byte < 256)) return undefined
  return Buffer.from(term as number[]).toString('latin1')
}

/** The pairs of an event that a term holds, as text, numbers made alike. */
function pairsOf(term: Term): string[] | undefined {
  if (isTagged(term, 'event', 2) && Array.isArray(term[1])) {
    return term[1].map((pair) => shapeOf(format(pair)).replaceAll(/<<|>>/g, ''))
  }
  const inner = isTuple(term) ? term[term.length - 1] : undefined
  if (isTagged(term, 'fetch', 7) && Array.isArray(inner)) {
    return inner.map((pair) => shapeOf(format(pair)).replaceAll(/<<|>>/g, ''))
  }
  return inner === undefined || !isTuple(inner) ? undefined : pairsOf(inner)
}

function shown(term: Term): string {
  const text = format(term)
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}
