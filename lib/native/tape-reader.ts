import { Atom } from '../term/atom.js'
import { ExternalFun, Fun } from '../term/fun.js'
import { ImproperList } from '../term/list.js'
import { TermMap } from '../term/map.js'
import type { Term } from '../term/term.js'
import { Tuple } from '../term/tuple.js'
import type { AtomValues } from './atom-values.js'
import { exactly, relax } from './exact-read.js'
import { isRounded, LeafReader } from './leaf-reader.js'
import { objectOf } from './map-values.js'
import type { ResolvedDecodeOptions } from './options.js'
import { type Body, doubleWord, type Tape } from './tape.js'
import { Op } from './tape-ops.js'

/** As constants of this module, which V8 compiles in; properties of an import it loads each time. */
const {
  Stop: kStop,
  Int: kInt,
  Float: kFloat,
  Atom: kAtom,
  Binary: kBinary,
  BinaryPairs: kBinaryPairs,
  List: kList,
  Tuple: kTuple,
  Map: kMap,
  Nil: kNil,
  Ints: kInts,
  ListInts: kListInts,
  Wides: kWides,
  ListWides: kListWides,
  Floats: kFloats,
  ListFloats: kListFloats,
  Pid: kPid,
  Port: kPort,
  Ref: kRef,
  Fun: kFun,
  Export: kExport,
  Improper: kImproper,
} = Op

type Stack = (Term | undefined)[]

const none: Term | undefined = undefined
const noStack: Stack = []
/** Slots that a stack can begin with. Made so that V8 knows it as an array of anything. */
const blankSlots = Array.from({ length: 1024 }, () => none)
/** A stack seldom needs more slots than one for so many bytes of the body. */
const bytesPerSlot = 16
const smallSlots = 24
const smallBytes = smallSlots * bytesPerSlot
const readsPerSmallStack = 256

/**
 * The stacks of a reader. One that lived on would be old to the garbage collector, which then has to
 * be told of each young value put there: an eighth of the time of many small values. So large bodies
 * get a fresh one each, and small ones share one for a few milliseconds of full load.
 */
class Stacks {
  private small: Stack = blankSlots.slice(0, smallSlots)
  private reads = 0

  take({ start, end }: Body): Stack {
    const size = end - start
    if (size > smallBytes) return blankSlots.slice(0, Math.floor(size / bytesPerSlot))
    if (++this.reads > readsPerSmallStack) {
      this.reads = 0
      this.small = blankSlots.slice(0, smallSlots)
    }
    return this.small
  }

  /** Keeps nothing of what was read alive. */
  giveBack(stack: Stack): void {
    if (stack !== this.small) return
    if (stack.length > smallSlots) this.small = blankSlots.slice(0, smallSlots)
    // No value is undefined: up to where the stack has been used. 24 slots take 25 ns.
    else for (let i = 0; stack[i] !== undefined; i++) stack[i] = none
  }
}

/**
 * Builds the values of decode tapes (grammar: `native/etf/tape.h`). A stack machine: depth costs no
 * JavaScript stack. It calls nothing of the user's, so it is never entered twice.
 */
export class TapeReader {
  /** Values lie below `depth`. */
  private stack = noStack
  private depth = 0
  private readonly stacks = new Stacks()
  private readonly leaves: LeafReader

  constructor(atomValues: AtomValues) {
    this.leaves = new LeafReader(atomValues)
  }

  /** The word after the tape that was read last. */
  get end(): number {
    return this.leaves.next
  }

  /** The values of the tape that starts at word `at`. */
  readAll(tape: Tape, at: number, body: Body, options: ResolvedDecodeOptions): Term[] {
    this.begin(tape, body, options)
    try {
      this.run(at)
      if (this.leaves.marks.needExactRead) return this.readExactly(tape, at, body, options)
      return this.stack.slice(0, this.depth) as Term[]
    } finally {
      this.letGo()
    }
  }

  /** The only value of the tape that starts at word `at`. */
  read(tape: Tape, at: number, body: Body, options: ResolvedDecodeOptions): Term {
    this.begin(tape, body, options)
    try {
      this.run(at)
      if (this.leaves.marks.needExactRead)
        return this.readExactly(tape, at, body, options)[0] as Term
      return this.stack[0] as Term
    } finally {
      this.letGo()
    }
  }

  private readExactly(tape: Tape, at: number, body: Body, options: ResolvedDecodeOptions): Term[] {
    this.begin(tape, body, exactly(options))
    this.run(at)
    return relax(this.stack.slice(0, this.depth) as Term[], options)
  }

  private begin(tape: Tape, body: Body, options: ResolvedDecodeOptions): void {
    this.stack = this.stacks.take(body)
    this.leaves.begin(tape, body, options)
  }

  /** Keeps nothing of what was read alive. */
  private letGo(): void {
    this.stacks.giveBack(this.stack)
    this.stack = noStack
    this.leaves.end()
  }

  private run(at: number): void {
    const { leaves, stack } = this
    const { words, doubles } = leaves.tape
    const { buffers } = leaves
    const isBig = leaves.options.integers === 'bigint'
    const isText = leaves.options.binaries === 'utf8'
    const start = leaves.start
    let word = at
    let top = 0
    for (;;) {
      const op = words[word] as number
      const operand = words[word + 1] as number
      switch (op) {
        case kStop:
          this.depth = top
          leaves.next = word + 1
          return
        case kInt:
          stack[top++] = isBig ? BigInt(operand) : operand
          word += 2
          break
        case kFloat:
          word = doubleWord(word + 1)
          stack[top] = leaves.float(doubles[word >> 1] as number, top++)
          word += 2
          break
        case kAtom:
          stack[top] = leaves.atom(operand, top++)
          word += 2
          break
        case kBinary:
          stack[top++] = isText
            ? leaves.text(operand, words[word + 2] as number)
            : buffers.take(start + operand, words[word + 2] as number)
          word += 3
          break
        case kBinaryPairs:
          top = this.binaryPairs(word, top)
          word = leaves.next
          break
        case kList:
        case kTuple:
        case kMap:
          top = this.close(op, operand, top)
          word += 2
          break
        default:
          top = this.other(op, word, top)
          word = leaves.next
      }
    }
  }

  /** Tuples of two binaries; sets `next` and returns the new top. */
  private binaryPairs(at: number, bottom: number): number {
    const { leaves, stack } = this
    const { words } = leaves.tape
    const { buffers, start } = leaves
    const isText = leaves.options.binaries === 'utf8'
    const top = bottom + (words[at + 1] as number)
    let word = at + 2
    for (let slot = bottom; slot < top; slot++) {
      const first = words[word] as number
      const firstLength = words[word + 1] as number
      const second = words[word + 2] as number
      const secondLength = words[word + 3] as number
      stack[slot] = new Tuple(
        isText
          ? [leaves.text(first, firstLength), leaves.text(second, secondLength)]
          : buffers.takePair(start + first, firstLength, start + second, secondLength),
      )
      word += 4
    }
    leaves.next = word
    return top
  }

  /** Makes one value of the topmost; returns the new top. */
  private close(op: number, count: number, top: number): number {
    if (op === kMap) return this.closeMap(count, top)
    const { stack } = this
    const { marks } = this.leaves
    const base = top - count
    if (marks.count > 0) marks.close(base)
    const elements = this.elements(base, count)
    stack[base] = op === kTuple ? new Tuple(elements) : elements
    return base + 1
  }

  private elements(base: number, count: number): Term[] {
    const { stack } = this
    // For the commonest sizes, three times as fast.
    if (count === 2) return [stack[base] as Term, stack[base + 1] as Term]
    if (count === 3) return [stack[base] as Term, stack[base + 1] as Term, stack[base + 2] as Term]
    return stack.slice(base, base + count) as Term[]
  }

  private closeMap(pairs: number, top: number): number {
    const { stack } = this
    const { marks } = this.leaves
    const base = top - 2 * pairs
    if (marks.count > 0) marks.closeMap(stack, base)
    stack[base] =
      (this.leaves.options.maps === 'object' ? objectOf(stack, base, pairs) : undefined) ??
      TermMap.fromFlat(stack.slice(base, top) as Term[])
    return base + 1
  }

  /** Any op but those of the main loop; sets `next` and returns the new top. */
  private other(op: number, word: number, top: number): number {
    switch (op) {
      case kNil:
        this.stack[top] = []
        this.leaves.next = word + 1
        return top + 1
      case kInts:
      case kListInts:
      case kWides:
      case kListWides:
      case kFloats:
      case kListFloats:
        return this.numbers(op, word, top)
      case kPid:
      case kPort:
      case kRef:
        this.stack[top - 1] = this.leaves.identifier(op, word, this.atomOf(top - 1))
        return top
      case kFun:
      case kExport:
        return this.fun(op, word, top)
      case kImproper:
        return this.improper(word, top)
      default:
        this.stack[top] = this.leaves.bytes(op, word, top)
        return top + 1
    }
  }

  /** A run of numbers, or a list of them. */
  private numbers(op: number, word: number, top: number): number {
    const { stack } = this
    const { marks } = this.leaves
    const list = this.leaves.numberList(op, word)
    if (op === kListInts || op === kListWides || op === kListFloats) {
      // Its elements are not looked at: a list of numbers is hardly ever part of a key.
      if (op !== kListInts) marks.add(top)
      stack[top] = list
      return top + 1
    }
    const isFloats = op === kFloats && this.leaves.options.floats === 'number'
    for (let i = 0; i < list.length; i++) {
      const value = list[i] as Term
      if (isFloats ? Number.isSafeInteger(value) : isRounded(value)) marks.add(top + i)
      stack[top + i] = value
    }
    return top + list.length
  }

  /** The atom at a slot, as an Atom even where options or its name make it something else. */
  private atomOf(slot: number): Atom {
    const value = this.stack[slot]
    if (value instanceof Atom) return value
    if (value === null) this.leaves.marks.needExactRead = true
    return Atom.intern(String(value))
  }

  private fun(op: number, word: number, top: number): number {
    const { leaves, stack } = this
    const base = top - 3
    const module = this.atomOf(base)
    if (op === kExport) {
      stack[base] = new ExternalFun(module, this.atomOf(base + 1), Number(stack[base + 2]))
      leaves.next = word + 1
    } else {
      const index = Number(stack[base + 1])
      const uniq = Number(stack[base + 2])
      const arity = leaves.tape.words[word + 3] as number
      stack[base] = new Fun(module, arity, index, uniq, leaves.range(word))
      leaves.next = word + 4
    }
    return base + 1
  }

  private improper(word: number, top: number): number {
    const { stack } = this
    const { marks } = this.leaves
    const base = top - 1 - (this.leaves.tape.words[word + 1] as number)
    if (marks.count > 0) marks.close(base)
    stack[base] = new ImproperList(stack.slice(base, top - 1) as Term[], stack[top - 1] as Term)
    this.leaves.next = word + 2
    return base + 1
  }
}
