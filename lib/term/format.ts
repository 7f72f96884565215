import type { BitString } from './bitstring.js'
import { checkLevels } from './depth.js'
import { floatText } from './float-text.js'
import {
  atomNameOf,
  bytesOf,
  type Kind,
  kindOf,
  listPartsOf,
  mapEntriesOf,
  tupleElementsOf,
} from './kind.js'
import { type KnownOrders, sortedMap } from './order.js'
import { isPrintableInString, quote, quoteAtom } from './quote.js'
import type { TermInput } from './term.js'

/** Up to this size the emulator keeps a map sorted by its keys; larger ones it keeps in hash order. */
const MAX_SORTED_MAP = 32

/** A compound term of which the first `next` parts are written. */
interface Frame {
  readonly parts: readonly unknown[]
  readonly shape: 'row' | 'improper' | 'map'
  readonly close: string
  next: number
}

/**
 * Erlang's text of a term, as `io_lib:format("~p", [Term])` of OTP 25 prints what fits on one line;
 * longer terms stay on one line too (`~0p`).
 *
 * Lists and binaries of printable latin1 characters are strings, maps of up to 32 keys are in the
 * order of their keys, larger ones in their own. Text of integers, floats, atoms, strings, binaries,
 * tuples, lists and maps reads back in Erlang as an equal term.
 *
 * Pids, ports and references show the node's name where an emulator shows its private number of the
 * node: `<shop@127.0.0.1.87.0>`, `#Port<…>`, `#Ref<…>`.
 *
 * Errors: TypeError for what has no Erlang form.
 */
export function format(term: TermInput): string {
  return formatted(term, Number.POSITIVE_INFINITY)
}

const longestBrief = 1_000

/** @internal How a term begins, for messages: cut off where it gets long, and good for any value. */
export function brief(term: unknown): string {
  try {
    const text = formatted(term as TermInput, longestBrief)
    return text.length > longestBrief ? `${text.slice(0, longestBrief)}…` : text
  } catch {
    return 'a value without Erlang form'
  }
}

/** Goes on until there are so many pieces of text, each of a character at least. */
function formatted(term: TermInput, mostPieces: number): string {
  const text: string[] = []
  const frames: Frame[] = []
  const known: KnownOrders = new Map()
  let frame = write(term, text, known)
  while (frame !== undefined && text.length <= mostPieces) {
    if (frame.next === frame.parts.length) {
      text.push(frame.close)
      frame = frames.pop()
      continue
    }
    if (frame.next > 0) text.push(separator(frame))
    const inner = write(frame.parts[frame.next++], text, known)
    if (inner === undefined) continue
    frames.push(frame)
    checkLevels(frames.length)
    frame = inner
  }
  return text.join('')
}

function separator({ shape, next, parts }: Frame): string {
  if (shape === 'map') return next % 2 === 1 ? ' => ' : ','
  return shape === 'improper' && next === parts.length - 1 ? '|' : ','
}

/** Writes a leaf whole; of a compound term writes the opening and returns what is left to do. */
function write(term: unknown, text: string[], known: KnownOrders): Frame | undefined {
  const kind = kindOf(term)
  switch (kind) {
    case 'tuple':
      text.push('{')
      return { parts: tupleElementsOf(term), shape: 'row', close: '}', next: 0 }
    case 'map':
      text.push('#{')
      return { parts: orderedEntries(term, known), shape: 'map', close: '}', next: 0 }
    case 'list':
      return writeList(term, text)
    default:
      text.push(leafText(kind, term))
      return undefined
  }
}

function writeList(list: unknown, text: string[]): Frame | undefined {
  const { elements, isProper, tail } = listPartsOf(list)
  const string = isProper ? printableText(elements) : undefined
  if (string !== undefined) {
    text.push(quote(string, '"'))
    return undefined
  }
  text.push('[')
  return isProper
    ? { parts: elements, shape: 'row', close: ']', next: 0 }
    : { parts: [...elements, tail], shape: 'improper', close: ']', next: 0 }
}

/** The string that a list of characters is, undefined for any other list and for `[]`. */
function printableText(elements: readonly unknown[]): string | undefined {
  if (elements.length === 0) return undefined
  const codes: number[] = []
  for (const element of elements) {
    if (typeof element === 'bigint' || typeof element === 'number') {
      const code = Number(element)
      if (!isPrintableInString(code) || !Number.isInteger(code)) return undefined
      codes.push(code)
    } else return undefined
  }
  return Buffer.from(codes).toString('latin1')
}

function orderedEntries(map: unknown, known: KnownOrders): readonly unknown[] {
  const flat = mapEntriesOf(map)
  if (flat.length > 2 * MAX_SORTED_MAP) return flat
  const { keys, values } = sortedMap(map, known)
  return keys.flatMap((key, at) => [key, values[at]])
}

function leafText(kind: Kind, term: unknown): string {
  switch (kind) {
    case 'integer':
      return String(term)
    case 'float':
      return floatText(Number(term))
    case 'atom':
      return quoteAtom(atomNameOf(term))
    case 'binary':
      return binaryText(bytesOf(term))
    default:
      return String(term as BitString)
  }
}

function binaryText(bytes: Uint8Array): string {
  const isText = bytes.length > 0 && bytes.every(isPrintableInString)
  return isText
    ? `<<${quote(Buffer.from(bytes).toString('latin1'), '"')}>>`
    : `<<${bytes.join(',')}>>`
}
