import { Atom } from '../term/atom.js'
import { BitString } from '../term/bitstring.js'
import { Float } from '../term/float.js'
import { ExternalFun, Fun } from '../term/fun.js'
import { ImproperList } from '../term/list.js'
import { LocalTerm } from '../term/local.js'
import { TermMap } from '../term/map.js'
import type { Term } from '../term/term.js'
import { Tuple } from '../term/tuple.js'
import { type AtomValue, type AtomValues, atomNamed, orNull } from './atom-values.js'
import { BodyBuffers } from './body-buffers.js'
import { BodyText } from './body-text.js'
import { exactly, relax } from './exact-read.js'
import { KeyMarks } from './key-marks.js'
import { objectOf } from './map-values.js'
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

/**
 * Builds the values of decode tapes (grammar: `native/etf/tape.h`). A stack machine: depth costs no
 * JavaScript stack. It calls nothing of the user's, so it is never entered twice.
 */
export class TapeReader {
  /** Values lie below `depth`; between two reads every slot is undefined. */
  private readonly stack: (Term | undefined)[] = []
  private depth = 0
  private next = 0
  private readonly buffers = new BodyBuffers()
  private readonly text = new BodyText()
  private readonly marks = new KeyMarks()
  private tape = noTape
  private body = noBody
  private options = defaultDecodeOptions
  private atoms: (AtomValue | undefined)[]

  constructor(private readonly atomValues: AtomValues) {
    this.atoms = atomValues.values
  }

  /** The word after the tape that was read last. */
  get end(): number {
    return this.next
  }

  /** The values of the tape that starts at word `at`. */
  readAll(tape: Tape, at: number, body: Body, options: ResolvedDecodeOptions): Term[] {
    this.open(tape, body, options)
    try {
      this.run(at)
      if (!this.marks.needExactRead) return this.stack.slice(0, this.depth) as Term[]
      return relax(this.readExactly(at), options)
    } finally {
      this.letGo()
    }
  }

  /** The only value of the tape that starts at word `at`. */
  read(tape: Tape, at: number, body: Body, options: ResolvedDecodeOptions): Term {
    this.open(tape, body, options)
    try {
      this.run(at)
      if (!this.marks.needExactRead) return this.stack[0] as Term
      return relax(this.readExactly(at), options)[0] as Term
    } finally {
      this.letGo()
    }
  }

  private readExactly(at: number): Term[] {
    const { tape, body, options } = this
    this.letGo()
    this.open(tape, body, exactly(options))
    this.run(at)
    return this.stack.slice(0, this.depth) as Term[]
  }

  private open(tape: Tape, body: Body, options: ResolvedDecodeOptions): void {
    this.tape = tape
    this.body = body
    this.options = options
    this.atoms = options.nil === 'null' ? this.atomValues.nullableValues : this.atomValues.values
    this.buffers.begin(body)
    this.text.begin(body)
    this.marks.begin()
  }

  /** Keeps nothing of what was read alive. */
  private letGo(): void {
    const { stack } = this
    if (stack.length > keptSlots) stack.length = keptSlots
    for (let i = 0; i < stack.length && stack[i] !== undefined; i++) stack[i] = undefined
    this.tape = noTape
    this.body = noBody
    this.buffers.end()
    this.text.end()
  }

  private run(at: number): void {
    const { words, doubles } = this.tape
    const { stack } = this
    const isBig = this.options.integers === 'bigint'
    let word = at
    let top = 0
    for (;;) {
      const op = words[word] as number
      const operand = words[word + 1] as number
      switch (op) {
        case Op.Stop:
          this.depth = top
          this.next = word + 1
          return
        case Op.Int:
          stack[top++] = isBig ? BigInt(operand) : operand
          word += 2
          break
        case Op.Float:
          word = doubleWord(word + 1)
          stack[top] = this.float(doubles[word >> 1] as number, top++)
          word += 2
          break
        case Op.Atom:
          stack[top] = this.atom(operand, top++)
          word += 2
          break
        case Op.Binary:
          stack[top++] = this.binary(operand, words[word + 2] as number)
          word += 3
          break
        case Op.List:
        case Op.Tuple:
        case Op.Map:
          top = this.close(op, operand, top)
          word += 2
          break
        default:
          top = this.other(op, word, top)
          word = this.next
      }
    }
  }

  /** Makes one value of the topmost; returns the new top. */
  private close(op: number, count: number, top: number): number {
    if (op === Op.Map) return this.closeMap(count, top)
    const { stack, marks } = this
    const base = top - count
    if (marks.count > 0) marks.close(base)
    const elements = this.elements(base, count)
    stack[base] = op === Op.Tuple ? new Tuple(elements) : elements
    return base + 1
  }

  private elements(base: number, count: number): Term[] {
    const { stack } = this
    if (count === 2) return [stack[base] as Term, stack[base + 1] as Term]
    return stack.slice(base, base + count) as Term[]
  }

  private closeMap(pairs: number, top: number): number {
    const { stack, marks } = this
    const base = top - 2 * pairs
    if (marks.count > 0) marks.closeMap(stack, base)
    stack[base] =
      (this.options.maps === 'object' ? objectOf(stack, base, pairs) : undefined) ??
      TermMap.fromFlat(stack.slice(base, top) as Term[])
    return base + 1
  }

  private float(value: number, slot: number): Term {
    if (this.options.floats === 'wrap') return new Float(value)
    if (Number.isSafeInteger(value)) this.marks.add(slot)
    return value
  }

  private atom(id: number, slot: number): Term {
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

  private binary(offset: number, length: number): Term {
    const from = this.body.start + offset
    if (this.options.binaries === 'buffer') return this.buffers.take(from, length)
    return this.text.utf8(from, length) ?? this.buffers.take(from, length)
  }

  /** Any op but those of the main loop; sets `next` and returns the new top. */
  private other(op: number, word: number, top: number): number {
    switch (op) {
      case Op.Nil:
        this.stack[top] = []
        this.next = word + 1
        return top + 1
      case Op.Ints:
      case Op.ListInts:
      case Op.Wides:
      case Op.ListWides:
      case Op.Floats:
      case Op.ListFloats:
        return this.numbers(op, word, top)
      case Op.Pid:
      case Op.Port:
      case Op.Ref:
        this.stack[top - 1] = this.identifier(op, word, this.atomOf(top - 1))
        return top
      case Op.Fun:
      case Op.Export:
        return this.fun(op, word, top)
      case Op.Improper:
        return this.improper(word, top)
      default:
        this.stack[top] = this.bytes(op, word, top)
        return top + 1
    }
  }

  /** A run of numbers, or a list of them. */
  private numbers(op: number, word: number, top: number): number {
    const { stack, marks } = this
    const list = this.numberList(op, word)
    if (op === Op.ListInts || op === Op.ListWides || op === Op.ListFloats) {
      // Its elements are not looked at: a list of numbers is hardly ever part of a key.
      if (op !== Op.ListInts) marks.add(top)
      stack[top] = list
      return top + 1
    }
    const isFloats = op === Op.Floats && this.options.floats === 'number'
    for (let i = 0; i < list.length; i++) {
      const value = list[i] as Term
      if (isFloats ? Number.isSafeInteger(value) : isRounded(value)) marks.add(top + i)
      stack[top + i] = value
    }
    return top + list.length
  }

  private numberList(op: number, word: number): Term[] {
    const { words, doubles } = this.tape
    const { integers, floats } = this.options
    const count = words[word + 1] as number
    if (op === Op.Ints || op === Op.ListInts) {
      this.next = word + 2 + count
      return intList(words, word + 2, count, integers)
    }
    const at = doubleWord(word + 2)
    this.next = at + 2 * count
    if (op === Op.Wides || op === Op.ListWides) return wideList(doubles, at >> 1, count, integers)
    const list = floatList(doubles, at >> 1, count)
    return floats === 'wrap' ? list.map((value) => new Float(value)) : list
  }

  private identifier(op: number, word: number, node: Atom): Term {
    const { words } = this.tape
    if (op === Op.Pid) {
      this.next = word + 4
      return pidAt(words, word, node)
    }
    if (op === Op.Port) {
      this.next = word + 4
      return portAt(words, word, node)
    }
    this.next = word + 3 + (words[word + 1] as number)
    return referenceAt(words, word, node)
  }

  /** The atom at a slot, as an Atom even where options or its name make it something else. */
  private atomOf(slot: number): Atom {
    const value = this.stack[slot]
    if (value instanceof Atom) return value
    if (value === null) this.marks.needExactRead = true
    return Atom.intern(String(value))
  }

  private fun(op: number, word: number, top: number): number {
    const { stack, body } = this
    const { words } = this.tape
    const base = top - 3
    const module = this.atomOf(base)
    if (op === Op.Export) {
      stack[base] = new ExternalFun(module, this.atomOf(base + 1), Number(stack[base + 2]))
      this.next = word + 1
    } else {
      const bytes = this.buffers.take(
        body.start + (words[word + 1] as number),
        words[word + 2] as number,
      )
      const arity = words[word + 3] as number
      stack[base] = new Fun(module, arity, Number(stack[base + 1]), Number(stack[base + 2]), bytes)
      this.next = word + 4
    }
    return base + 1
  }

  private improper(word: number, top: number): number {
    const { stack, marks } = this
    const base = top - 1 - (this.tape.words[word + 1] as number)
    if (marks.count > 0) marks.close(base)
    stack[base] = new ImproperList(stack.slice(base, top - 1) as Term[], stack[top - 1] as Term)
    this.next = word + 2
    return base + 1
  }

  /** The ops that are made of bytes of the body. */
  private bytes(op: number, word: number, top: number): Term {
    const { words, doubles } = this.tape
    const { bytes, start } = this.body
    const from = start + (words[word + 1] as number)
    const length = words[word + 2] as number
    const last = words[word + 3] as number
    this.next = word + 4
    switch (op) {
      case Op.Big: {
        const value = bigInteger(bytes, from, length, last === 1, this.options.integers)
        if (isRounded(value)) this.marks.add(top)
        return value
      }
      case Op.AtomText:
        return this.atomText(from, length, last === 1, top)
      case Op.Bits:
        return new BitString(this.buffers.take(from, length), last)
      case Op.Wide: {
        const at = doubleWord(word + 1)
        this.next = at + 2
        const value = wideInteger(doubles[at >> 1] as number, this.options.integers)
        if (isRounded(value)) this.marks.add(top)
        return value
      }
      case Op.String:
        this.next = word + 3
        return byteList(bytes, from, length, this.options.integers)
      default: // Op.Local
        this.next = word + 3
        return new LocalTerm(this.buffers.take(from, length))
    }
  }

  private atomText(from: number, length: number, isLatin1: boolean, slot: number): Term {
    const name = isLatin1 ? this.text.latin1(from, length) : this.text.utf8(from, length)
    const value = atomNamed(name ?? '')
    if (this.options.nil === 'atom') return value
    if (value instanceof Atom && value.name === 'undefined') this.marks.add(slot)
    return orNull(value)
  }
}

/** Stack slots that are kept from one read to the next. */
const keptSlots = 4096

/** Whether `integers: 'number'` may have made one number of several integers. */
function isRounded(value: Term): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}
