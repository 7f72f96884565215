import { Atom } from '../term/atom.js'
import { BitString } from '../term/bitstring.js'
import { Float } from '../term/float.js'
import { LocalTerm } from '../term/local.js'
import type { Term } from '../term/term.js'
import { type AtomValue, type AtomValues, atomNamed, orNull } from './atom-values.js'
import { BodyBuffers } from './body-buffers.js'
import { BodyText, latin1Text, utf8Text } from './body-text.js'
import { KeyMarks } from './key-marks.js'
import { defaultDecodeOptions, type ResolvedDecodeOptions } from './options.js'
import { type Body, doubleWord, noBody, noTape, type Tape } from './tape.js'
import { Op } from './tape-ops.js'
import {
  bigInteger,
  byteList,
  floatList,
  intList,
  pidAt,
  portAt,
  referenceAt,
  wideInteger,
  wideList,
} from './tape-values.js'

/** As constants of this module, which V8 compiles in; properties of an import it loads each time. */
const {
  AtomText: kAtomText,
  Big: kBig,
  Bits: kBits,
  Ints: kInts,
  ListInts: kListInts,
  ListWides: kListWides,
  Pid: kPid,
  Port: kPort,
  String: kString,
  Wide: kWide,
  Wides: kWides,
} = Op

/**
 * Builds the values that are not made of other values, as the options ask. `slot` is where on the
 * stack a value will lie.
 */
export class LeafReader {
  readonly marks = new KeyMarks()
  tape = noTape
  options = defaultDecodeOptions
  /** The word after the op that was read last. */
  next = 0
  private body = noBody
  private atoms: (AtomValue | undefined)[]
  readonly buffers = new BodyBuffers()
  private readonly texts = new BodyText()

  constructor(private readonly atomValues: AtomValues) {
    this.atoms = atomValues.values
  }

  begin(tape: Tape, body: Body, options: ResolvedDecodeOptions): void {
    this.tape = tape
    this.body = body
    this.options = options
    this.atoms = options.nil === 'null' ? this.atomValues.nullableValues : this.atomValues.values
    this.buffers.begin(body)
    if (options.binaries === 'utf8') this.texts.begin(body)
    this.marks.begin()
  }

  /** Keeps neither tape nor body alive. */
  end(): void {
    this.tape = noTape
    this.body = noBody
    this.buffers.end()
    if (this.options.binaries === 'utf8') this.texts.end()
  }

  float(value: number, slot: number): Term {
    if (this.options.floats === 'wrap') return new Float(value)
    if (Number.isSafeInteger(value)) this.marks.add(slot)
    return value
  }

  atom(id: number, slot: number): Term {
    let value = this.atoms[id]
    if (value === undefined) {
      this.atomValues.learn(id)
      value = this.atoms[id] as AtomValue
    }
    if (value === null) this.markNull(id, slot)
    return value
  }

  /** `nil` and `undefined` are both null: among keys they have to be told apart. */
  private markNull(id: number, slot: number): void {
    const exact = this.atomValues.values[id]
    if (exact instanceof Atom && exact.name === 'undefined') this.marks.add(slot)
  }

  /** Where range offset 0 lies in the body's bytes. */
  get start(): number {
    return this.body.start
  }

  /** The bytes of an op whose words are `off len …`. */
  range(word: number): Buffer {
    const { words } = this.tape
    const from = this.body.start + (words[word + 1] as number)
    return this.buffers.take(from, words[word + 2] as number)
  }

  /** A binary as a string, if it is one. */
  text(offset: number, length: number): Term {
    const from = this.body.start + offset
    return this.texts.utf8(from, length) ?? this.buffers.take(from, length)
  }

  /** The numbers of a run, or of a list. */
  numberList(op: number, word: number): Term[] {
    const { words, doubles } = this.tape
    const { integers, floats } = this.options
    const count = words[word + 1] as number
    if (op === kInts || op === kListInts) {
      this.next = word + 2 + count
      return intList(words, word + 2, count, integers)
    }
    const at = doubleWord(word + 2)
    this.next = at + 2 * count
    if (op === kWides || op === kListWides) return wideList(doubles, at >> 1, count, integers)
    const list = floatList(doubles, at >> 1, count)
    return floats === 'wrap' ? list.map((value) => new Float(value)) : list
  }

  /** A pid, port or reference. */
  identifier(op: number, word: number, node: Atom): Term {
    const { words } = this.tape
    if (op === kPid) {
      this.next = word + 4
      return pidAt(words, word, node)
    }
    if (op === kPort) {
      this.next = word + 4
      return portAt(words, word, node)
    }
    this.next = word + 3 + (words[word + 1] as number)
    return referenceAt(words, word, node)
  }

  /** The ops that are made of bytes of the body. */
  bytes(op: number, word: number, top: number): Term {
    const { words, doubles } = this.tape
    const { bytes, start } = this.body
    const from = start + (words[word + 1] as number)
    const length = words[word + 2] as number
    const last = words[word + 3] as number
    this.next = word + 4
    switch (op) {
      case kBig: {
        const value = bigInteger(bytes, from, length, last === 1, this.options.integers)
        if (isRounded(value)) this.marks.add(top)
        return value
      }
      case kAtomText:
        return this.atomText(from, length, last === 1, top)
      case kBits:
        return new BitString(this.buffers.take(from, length), last)
      case kWide: {
        const at = doubleWord(word + 1)
        this.next = at + 2
        const value = wideInteger(doubles[at >> 1] as number, this.options.integers)
        if (isRounded(value)) this.marks.add(top)
        return value
      }
      case kString:
        this.next = word + 3
        return byteList(bytes, from, length, this.options.integers)
      default: // kLocal
        this.next = word + 3
        return new LocalTerm(this.buffers.take(from, length))
    }
  }

  private atomText(from: number, length: number, isLatin1: boolean, slot: number): Term {
    const { bytes } = this.body
    const to = from + length
    const name = isLatin1 ? latin1Text(bytes, from, to) : utf8Text(bytes, from, to)
    const value = atomNamed(name ?? '')
    this.atomValues.crossedAsText(name ?? '')
    if (this.options.nil === 'atom') return value
    if (value instanceof Atom && value.name === 'undefined') this.marks.add(slot)
    return orNull(value)
  }
}

/** Whether `integers: 'number'` may have made one number of several integers. */
export function isRounded(value: Term): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}
