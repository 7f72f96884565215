import { types } from 'node:util'
import type { ErlangError } from '../errors.js'
import { Atom } from '../term/atom.js'
import type { BitString } from '../term/bitstring.js'
import { type BrandedKind, brandedKind } from '../term/brand.js'
import type { Float } from '../term/float.js'
import type { ExternalFun } from '../term/fun.js'
import type { Charlist, ImproperList } from '../term/list.js'
import { TermMap } from '../term/map.js'
import { Pid } from '../term/pid.js'
import type { Port } from '../term/port.js'
import type { RawTerm } from '../term/raw.js'
import { Reference } from '../term/reference.js'
import type { TermInput } from '../term/term.js'
import { type AnyTuple, Tuple } from '../term/tuple.js'
import type { AtomBook } from './atom-book.js'
import { hasSymbolKeys, isAtomName, isPlainObject, isWellFormed } from './encodable.js'
import { EncodeDepth } from './encode-depth.js'
import { mayEqualOthers, repeatedKey } from './equal-keys.js'
import type { KeyTexts } from './key-texts.js'
import type { EncodeOptions } from './options.js'
import type { RawTerms } from './raw-terms.js'
import { refusal } from './refusal.js'
import { Op } from './tape-ops.js'
import { isInt32, isSafeInteger, TapeOutput } from './tape-output.js'

/** As constants of this module, which V8 compiles in; properties of an import it loads each time. */
const {
  Int: kInt,
  Binary: kBinary,
  Jump: kJump,
  Tuple: kTuple,
  Atom: kAtom,
  AtomText: kAtomText,
  Nil: kNil,
  List: kList,
  Wides: kWides,
  Float: kFloat,
  Floats: kFloats,
  Improper: kImproper,
  Map: kMap,
  Export: kExport,
  Bits: kBits,
  String: kString,
  Pid: kPid,
  Port: kPort,
  Ref: kRef,
} = Op

const noOptions: EncodeOptions = {}
const objectPrototype = Object.prototype
const hasOwn = Object.prototype.hasOwnProperty
const trueAtom = Atom.intern('true')
const falseAtom = Atom.intern('false')
const nilAtom = Atom.intern('nil')
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are ASCII as well
const isAscii = /^[\x00-\x7f]*$/

/**
 * Writes values as encode tapes.
 *
 * Reading a value may run the user's code (a getter, an iterator), which may encode another value
 * meanwhile: `isBusy` tells, and that one takes a writer of its own.
 */
export class TapeWriter {
  readonly output = new TapeOutput()
  isBusy = false
  private readonly depth = new EncodeDepth()
  private options = noOptions
  private stringOp: typeof kBinary | typeof kString = kBinary
  private root: unknown

  /** The addon's book, of which its environment has one. */
  constructor(
    private readonly book: AtomBook,
    private readonly keys: KeyTexts,
    private readonly raws: RawTerms,
  ) {}

  /** Begins a tape, behind so much of the memory that is to be kept. */
  begin(keptWords = 0, keptTextBytes = 0): void {
    this.isBusy = true
    this.output.begin(keptWords, keptTextBytes)
  }

  /** To be called when what was written has been handed over, or could not be. */
  end(): void {
    this.isBusy = false
    this.root = undefined
    this.options = noOptions
    this.depth.clear()
    this.output.end()
  }

  /** Appends an integer of 32 bits. */
  integer(value: number): void {
    this.output.reserve(0)
    this.output.op1(kInt, value)
  }

  /** Appends one term. Errors: ERR_ERL_ENCODE, naming where, for what has no Erlang form. */
  term(term: TermInput, options: EncodeOptions): void {
    this.root = term
    this.options = options
    this.stringOp = options.strings === 'byteLists' ? kString : kBinary
    this.value(term, 0)
    for (let one = this.depth.next(); one !== undefined; one = this.depth.next()) {
      this.output.memory.words[one.jumpWord] = this.output.words
      this.output.reserve(0)
      this.container(one.container, one.depth)
    }
    if (!this.output.finishText()) throw this.refused()
    this.depth.clear()
  }

  private value(value: unknown, depth: number): void {
    const { output } = this
    output.reserve(0)
    // No switch: V8 would ask for the name of the type and compare names.
    if (typeof value === 'string') output.text(this.stringOp, value)
    else if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw this.refused()
      output.number(value)
    } else if (typeof value === 'object') {
      if (value === null) this.atom(nilAtom)
      else this.object(value, depth)
    } else if (typeof value === 'boolean') this.atom(value ? trueAtom : falseAtom)
    else if (typeof value === 'bigint') {
      if (!output.bigint(value)) throw this.refused()
    } else this.substitute(value, depth)
  }

  /** For what has no Erlang form; `undefinedAs` can give `undefined` one. */
  private substitute(value: unknown, depth: number): void {
    const { undefinedAs } = this.options
    if (value !== undefined || undefinedAs === undefined) throw this.refused()
    this.value(undefinedAs, depth)
  }

  /** A value where it is often an atom: in a tuple, or as a key. */
  private part(value: unknown, depth: number): void {
    if (value instanceof Atom) {
      this.output.reserve(0)
      this.atom(value)
    } else this.value(value, depth)
  }

  private object(value: object, depth: number): void {
    if (Array.isArray(value)) this.innerList(value, depth)
    else if (value instanceof Atom) this.atom(value)
    else if (value instanceof Tuple) this.innerTuple(value, depth)
    else if (value instanceof Uint8Array) this.output.binary(value)
    else if (value instanceof Pid) this.pid(value)
    else if (value instanceof Reference) this.reference(value)
    else if (this.depth.isDue(value, depth)) this.putOff(value, depth)
    else this.container(value, depth)
  }

  private innerList(list: readonly unknown[], depth: number): void {
    this.output.reserve(0)
    if (this.depth.isDue(list, depth)) this.putOff(list, depth)
    else this.list(list, depth)
  }

  private innerTuple(tuple: AnyTuple, depth: number): void {
    this.output.reserve(0)
    if (this.depth.isDue(tuple, depth)) this.putOff(tuple, depth)
    else this.elements(kTuple, tuple.elements, depth)
  }

  private putOff(value: object, depth: number): void {
    const { output } = this
    this.depth.defer(value, depth, output.words + 1, this.root)
    output.op1(kJump, 0)
  }

  private container(value: object, depth: number): void {
    if (Array.isArray(value)) this.list(value, depth)
    else if (value instanceof Tuple) this.elements(kTuple, value.elements, depth)
    else if (value instanceof TermMap) this.flatMap(value.toFlat(), depth)
    else if (value instanceof Map) this.map(value, depth)
    else if (Object.getPrototypeOf(value) === objectPrototype) this.plain(value, depth)
    else this.rare(value, depth)
  }

  private atom(atom: Atom): void {
    if (atom.bookId < 0) atom.bookId = this.atomId(atom.name)
    this.atomOp(atom.bookId, atom.name)
  }

  /** The node of what another node made up. */
  private node(node: Atom): void {
    if (node instanceof Atom) this.atom(node)
    else this.atomNamed((node as Atom).name)
  }

  private atomNamed(name: string): void {
    this.atomOp(this.book.find(name) ?? this.atomId(name), name)
  }

  private atomId(name: string): number {
    const known = this.book.find(name)
    if (known !== undefined) return known
    if (!isAtomName(name)) throw this.refused()
    return this.book.add(name)
  }

  private atomOp(id: number, name: string): void {
    if (id >= 0) this.output.op1(kAtom, id)
    else this.output.text(kAtomText, name)
  }

  private list(list: readonly unknown[], depth: number): void {
    const { output } = this
    const { length } = list
    if (length === 0) {
      output.op(kNil)
      return
    }
    if (output.byteList(list)) return
    output.op1(kList, length)
    for (let i = 0; i < length; ) {
      const element = list[i]
      if (typeof element === 'number' && i + 1 < length && typeof list[i + 1] === 'number') {
        i = this.numbers(list, i, length)
        continue
      }
      // Directly, since lists in lists are what nests deepest, and lists of tuples are common.
      if (Array.isArray(element)) this.innerList(element, depth + 1)
      else if (element instanceof Tuple) this.innerTuple(element, depth + 1)
      else this.value(element, depth + 1)
      i++
    }
  }

  /** Writes the numbers of one sort that follow each other; returns where they end. */
  private numbers(list: readonly unknown[], from: number, length: number): number {
    const { output } = this
    const first = list[from] as number
    if (isInt32(first)) return output.intRun(list, from, length)
    if (!Number.isFinite(first)) throw this.refused()
    return output.doubleRun(list, from, length, isSafeInteger(first) ? kWides : kFloats)
  }

  private elements(
    op: typeof kTuple | typeof kImproper,
    elements: readonly unknown[],
    depth: number,
  ): void {
    this.output.op1(op, elements.length)
    for (let i = 0; i < elements.length; i++) this.part(elements[i], depth + 1)
  }

  private flatMap(flat: readonly unknown[], depth: number): void {
    this.output.op1(kMap, flat.length / 2)
    for (let i = 0; i < flat.length; i++) this.part(flat[i], depth + 1)
  }

  private map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    const { output } = this
    const countWord = output.words + 1
    output.op1(kMap, 0)
    let pairs = 0
    let isDoubtful = false
    for (const [key, value] of map) {
      isDoubtful ||= mayEqualOthers(key)
      this.part(key, depth + 1)
      this.value(value, depth + 1)
      pairs++
    }
    if (isDoubtful && repeatedKey(map, this.options) !== undefined) throw this.refused()
    output.memory.words[countWord] = pairs
  }

  private plain(object: object, depth: number): void {
    if (hasSymbolKeys(object)) throw this.refused()
    const { output } = this
    const hasAtomKeys = this.options.keys === 'atoms'
    const countWord = output.words + 1
    output.op1(kMap, 0)
    let pairs = 0
    for (const key in object) {
      // With this very test in the loop, V8 reads keys and values from the shape's own table.
      if (!hasOwn.call(object, key)) continue
      const value: unknown = object[key as keyof typeof object]
      output.reserve(0)
      if (hasAtomKeys) this.atomNamed(key)
      else this.keys.put(key, output)
      this.value(value, depth + 1)
      pairs++
    }
    output.memory.words[countWord] = pairs
  }

  /** Term classes, also of another copy of the package, and what has bytes or is an object anyhow. */
  private rare(value: object, depth: number): void {
    const kind = brandedKind(value)
    if (kind !== undefined) this.branded(kind, value, depth)
    else if (types.isUint8Array(value)) this.output.binary(value)
    else if (types.isMap(value)) this.map(value, depth)
    else if (types.isAnyArrayBuffer(value)) this.output.binary(new Uint8Array(value))
    else if (types.isDataView(value)) {
      this.output.binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    } else if (isPlainObject(value)) this.plain(value, depth)
    else throw this.refused()
  }

  private branded(kind: BrandedKind, value: object, depth: number): void {
    switch (kind) {
      case 'tuple':
        this.elements(kTuple, (value as AnyTuple).elements, depth)
        break
      case 'improper':
        this.elements(kImproper, (value as ImproperList).elements, depth)
        this.value((value as ImproperList).tail, depth + 1)
        break
      case 'charlist':
        this.charlist((value as Charlist).text)
        break
      case 'map':
        this.map(value as ReadonlyMap<unknown, unknown>, depth)
        break
      case 'atom':
        // Of another copy of the package: its number is one of that copy's book.
        this.atomNamed((value as Atom).name)
        break
      case 'float':
        if (!Number.isFinite((value as Float).value)) throw this.refused()
        this.output.double(kFloat, (value as Float).value)
        break
      default:
        this.opaque(kind, value)
    }
  }

  /** The kinds that another node made up. */
  private opaque(kind: BrandedKind, value: object): void {
    switch (kind) {
      case 'pid':
        this.pid(value as Pid)
        break
      case 'reference':
        this.reference(value as Reference)
        break
      case 'port':
        this.port(value as Port)
        break
      case 'export': {
        const { module, function: name, arity } = value as ExternalFun
        this.output.op(kExport)
        this.atomNamed(module.name)
        this.atomNamed(name.name)
        this.output.op1(kInt, arity)
        break
      }
      case 'bitstring':
        this.output.range(kBits, (value as BitString).bytes)
        this.output.op((value as BitString).bits)
        break
      default:
        if (!this.raws.put((value as RawTerm).bytes, value === this.root, this.output))
          throw this.refused()
    }
  }

  private pid({ node, id, serial, creation }: Pid): void {
    this.output.op3(kPid, id, serial, creation)
    this.node(node)
  }

  private port({ node, id, creation }: Port): void {
    this.output.op3(kPort, Number(id >> 32n), Number(id & 0xffff_ffffn), creation)
    this.node(node)
  }

  private reference({ node, words, creation }: Reference): void {
    this.output.reserve(words.length)
    this.output.op1(kRef, words.length)
    for (const word of words) this.output.op(word)
    this.output.op(creation)
    this.node(node)
  }

  private charlist(text: string): void {
    // Of ASCII, bytes and characters are the same.
    if (text !== '' && isAscii.test(text)) {
      this.output.text(kString, text)
      return
    }
    if (!isWellFormed(text)) throw this.refused()
    const codes = Array.from(text, (character) => character.codePointAt(0))
    this.list(codes, 0)
  }

  private refused(): ErlangError {
    return refusal(this.root, this.options, this.raws)
  }
}
