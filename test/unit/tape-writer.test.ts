import { describe, expect, it } from 'vitest'
import { AtomBook } from '../../lib/native/atom-book.js'
import { KeyTexts } from '../../lib/native/key-texts.js'
import type { EncodeOptions } from '../../lib/native/options.js'
import { RawTerms } from '../../lib/native/raw-terms.js'
import { Op } from '../../lib/native/tape-ops.js'
import { TapeWriter } from '../../lib/native/tape-writer.js'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { float } from '../../lib/term/float.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { RawTerm } from '../../lib/term/raw.js'
import { Reference } from '../../lib/term/reference.js'
import type { TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

/** The book of this environment: an atom remembers its number in it. */
const defined: string[] = []
const definedKeys: string[] = []
const addon = {
  defineAtom(id: number, name: string) {
    if (id !== defined.length) throw new RangeError(`${name} is ${id}, not ${defined.length}`)
    defined.push(name)
  },
  defineKey(id: number, text: string) {
    if (id !== definedKeys.length) throw new RangeError(`${text} is ${id}`)
    definedKeys.push(text)
  },
  isTerm: (bytes: Uint8Array) => !(bytes as Buffer).includes('bad'),
}
const writer = new TapeWriter(new AtomBook(addon), new KeyTexts(addon), new RawTerms(addon))

/** The op of an atom. */
const atomOp = (name: string) => [Op.Atom, defined.indexOf(name)]

interface Written {
  readonly words: number[]
  readonly text: string
  readonly doubles: Float64Array
  readonly shared: Uint8Array[] | undefined
}

function write(term: TermInput, options: EncodeOptions = {}): Written {
  writer.begin()
  try {
    writer.term(term, options)
    const { words, textBytes, shared, memory } = writer.output
    return {
      words: [...memory.words.subarray(0, words)],
      text: memory.bytes.toString('latin1', 0, textBytes),
      doubles: memory.doubles.slice(),
      shared,
    }
  } finally {
    writer.end()
  }
}

const wordsOf = (term: TermInput, options?: EncodeOptions) => write(term, options).words

describe('the tape writer', () => {
  it.each<[string, TermInput, number[]]>([
    ['an integer', -5, [Op.Int, -5]],
    ['the largest integer of 32 bits', 2 ** 31 - 1, [Op.Int, 2 ** 31 - 1]],
    ['a bigint of 32 bits', -(2n ** 31n), [Op.Int, -(2 ** 31)]],
    ['a bigint', 2n ** 64n + 1n, [Op.Big, 0, 9, 0]],
    ['a negative bigint', -(2n ** 40n), [Op.Big, 0, 6, 1]],
    ['an empty list', [], [Op.Nil]],
    ['a list of mixed values', [1, [], 2], [Op.List, 3, Op.Int, 1, Op.Nil, Op.Int, 2]],
    ['a run of integers', [1000, 2, 3, []], [Op.List, 4, Op.Ints, 3, 1000, 2, 3, Op.Nil]],
    ['a list of bytes', [1, 2, 255], [Op.String, 0, 3]],
    ['a charlist of bytes', charlist('abc'), [Op.String, 0, 3]],
    ['a charlist of others', charlist('a€'), [Op.List, 2, Op.Ints, 2, 97, 8364]],
    ['an empty charlist', charlist(''), [Op.Nil]],
    ['a tuple', tuple(1, [], 2), [Op.Tuple, 3, Op.Int, 1, Op.Nil, Op.Int, 2]],
    ['an empty tuple', tuple(), [Op.Tuple, 0]],
    ['an improper list', improper([1], 2), [Op.Improper, 1, Op.Int, 1, Op.Int, 2]],
    ['a text', 'abc', [Op.Binary, 0, 3]],
    ['an empty text', '', [Op.Binary, 0, 0]],
    ['a text of two bytes a character', 'éé', [Op.Binary, 0, 4]],
    ['a Buffer', Buffer.from('abc'), [Op.Binary, 0, 3]],
    ['a bitstring', bitstring(Buffer.of(1, 2), 5), [Op.Bits, 0, 2, 5]],
    ['an object', { a: 1 }, [Op.Map, 1, Op.Binary, 0, 1, Op.Int, 1]],
    ['a Map', new Map([[1, 2]]), [Op.Map, 1, Op.Int, 1, Op.Int, 2]],
    ['a TermMap', new TermMap([[1, 2]]), [Op.Map, 1, Op.Int, 1, Op.Int, 2]],
    ['a fun', new Fun(Atom.of('m'), 0, 0, 0, Buffer.from('fun')), [Op.Raw, 0, 3]],
    ['a local term', new LocalTerm(Buffer.from('yx')), [Op.Raw, 0, 2]],
    ['a raw term', new RawTerm(Buffer.from('j')), [Op.Raw, 0, 1]],
  ])('writes %s', (_, term, words) => {
    expect(wordsOf(term)).toEqual(words)
  })

  it('refuses bytes that are no term, and says where they are', () => {
    const bad = new RawTerm(Buffer.from('bad'))
    expect(() => write([1, { a: bad }])).toThrow('[1].a: the bytes of a RawTerm')
    expect(wordsOf(new RawTerm(Buffer.from('good')))).toEqual([Op.Raw, 0, 4])
  })

  it('writes atoms, and what has atoms in it', () => {
    const node = Atom.of('n@h')
    const terms: [TermInput, ...(number | string)[]][] = [
      [atom('ok'), 'ok'],
      [true, 'true'],
      [false, 'false'],
      [null, 'nil'],
      [Atom.of('true'), 'true'],
      [new Pid(node, 1, 2, 2 ** 32 - 1), Op.Pid, 1, 2, -1, 'n@h'],
      [new Port(node, 2n ** 32n + 5n, 6), Op.Port, 1, 5, 6, 'n@h'],
      [new Reference(node, [1, 2], 3), Op.Ref, 2, 1, 2, 3, 'n@h'],
      [externalFun('m', 'f', 2), Op.Export, 'm', 'f', Op.Int, 2],
    ]
    for (const [term, ...expected] of terms) {
      const words = wordsOf(term)
      expect(words).toEqual(expected.flatMap((w) => (typeof w === 'string' ? atomOp(w) : [w])))
    }
  })

  it.each([
    ['a wide integer', 2 ** 40, Op.Wide],
    ['a float', 0.5, Op.Float],
    ['minus zero, which is a float', -0, Op.Float],
    ['a number beyond the safe integers, which is a float', 2 ** 60, Op.Float],
    ['a Float that is integral', float(1), Op.Float],
  ])('writes %s as a double at an even word', (_, term, op) => {
    const { words, doubles } = write(term)
    expect(words).toHaveLength(4)
    expect(words[0]).toBe(op)
    expect(doubles[1]).toBe(Number(term))
    const { words: inList, doubles: values } = write([[], term])
    expect([inList.length, inList[3]]).toEqual([6, op])
    expect(values[2]).toBe(Number(term))
  })

  it('writes numbers of one sort that follow each other as one run', () => {
    const { words, doubles } = write([0.5, 1.5, 2 ** 40, 2 ** 41, 1, -0, [], 3, 4])
    expect(words[2]).toBe(Op.Floats)
    expect([words[3], doubles[2], doubles[3]]).toEqual([2, 0.5, 1.5])
    expect([words[8], words[9], doubles[5], doubles[6]]).toEqual([Op.Wides, 2, 2 ** 40, 2 ** 41])
    expect(words.slice(14, 17)).toEqual([Op.Ints, 1, 1])
    expect([words[17], doubles[9]]).toEqual([Op.Float, -0])
    expect(words.slice(20)).toEqual([Op.Nil, Op.Ints, 2, 3, 4])
  })

  it('places texts of every length and alphabet behind each other', () => {
    const texts = [
      'short',
      'x'.repeat(50),
      'é',
      'é'.repeat(50),
      '',
      '€😀'.repeat(10),
      'y'.repeat(5000),
    ]
    const { words, text } = write([...texts, Buffer.from('end')])
    const ranges = Array.from({ length: texts.length }, (_, i) => words.slice(2 + 3 * i, 5 + 3 * i))
    const read = ranges.map(([, at = 0, length = 0]) =>
      Buffer.from(text.slice(at, at + length), 'latin1').toString(),
    )
    expect(read).toEqual(texts)
  })

  it('refuses a surrogate pair whose halves are of two texts', () => {
    const [high, low] = [`${'x'.repeat(30)}\ud83d`, `\ude00${'x'.repeat(30)}`]
    expect(() => write([high, low])).toThrow(expect.objectContaining({ code: 'ERR_ERL_ENCODE' }))
    expect(wordsOf([high + low])).toHaveLength(5)
  })

  it('defines each atom once, and keeps its number', () => {
    const before = defined.length
    write([atom('a'), atom('b'), atom('a'), { a: 1, c: 2 }], { keys: 'atoms' })
    expect(defined.slice(before)).toEqual(['a', 'b', 'c'])
    expect(wordsOf([atom('b'), 'x'])).toEqual([Op.List, 2, ...atomOp('b'), Op.Binary, 0, 1])
    expect(defined).toHaveLength(before + 3)
  })

  it('numbers an atom of another copy of the package by its name', () => {
    const brand = { kind: { value: 'atom' }, [Symbol.for('beamlink.kind')]: { value: 'atom' } }
    const own = { name: { value: 'far' }, bookId: { value: 77 } }
    const foreign = Object.create(Object.defineProperties({}, brand), own)
    expect(wordsOf([atom('near'), foreign])).toEqual([
      ...[Op.List, 2],
      ...atomOp('near'),
      ...atomOp('far'),
    ])
  })

  it('hands large byte arrays over beside the tape, without copying', () => {
    const large = Buffer.alloc(64 * 1024)
    const larger = new Uint8Array(1_000_000)
    const { words, text, shared } = write([large, larger, large.subarray(1)])
    expect(words).toEqual([Op.List, 3, Op.Shared, 0, Op.Shared, 1, Op.Binary, 0, 64 * 1024 - 1])
    expect(shared).toHaveLength(2)
    expect(shared?.[0]).toBe(large)
    expect(shared?.[1]).toBe(larger)
    expect(text).toHaveLength(64 * 1024 - 1)
  })

  it('copies large arrays over memory that others can change or cut off', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100_000)).fill(1)
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer
    const resizable = new Uint8Array(new Resizable(100_000, { maxByteLength: 200_000 })).fill(2)
    const written = write([shared, resizable]).shared ?? []
    expect(written.map((bytes) => bytes[0])).toEqual([1, 2])
    expect(written[0]?.buffer).not.toBe(shared.buffer)
    expect(written[1]?.buffer).not.toBe(resizable.buffer)
  })

  it('puts what lies deep behind the rest, so that recursion is bounded', () => {
    let term: TermInput = [7000]
    for (let i = 0; i < 100; i++) term = [term]
    const words = wordsOf([term, 'end'])
    const jump = words.indexOf(Op.Jump, 2)
    expect(words.slice(jump + 2, jump + 5)).toEqual([Op.Binary, 0, 3])
    expect(words.slice(words[jump + 1])).toEqual([Op.List, 1, Op.List, 1, Op.Int, 7000])
  })

  it('writes several terms behind each other', () => {
    writer.begin()
    writer.integer(6)
    writer.term(atom('to'), {})
    writer.term('payload', {})
    const { words, textBytes, memory } = writer.output
    const written = [...memory.words.subarray(0, words)]
    expect(written).toEqual([Op.Int, 6, ...atomOp('to'), Op.Binary, 0, 7])
    expect(textBytes).toBe(7)
    writer.end()
  })

  it('does not take a value for its own part because another term had it', () => {
    let term: TermInput = ['x']
    for (let i = 0; i < 150; i++) term = [term]
    writer.begin()
    writer.term(term, {})
    writer.term([term], {})
    writer.term([[term]], {})
    writer.end()
  })

  it('writes keys that are met again by number', () => {
    const row = { again: 1, zoë: 2 }
    const texts = [Op.Map, 2, Op.Binary, 0, 5, Op.Int, 1, Op.Binary, 5, 4, Op.Int, 2]
    expect(wordsOf(row)).toEqual(texts)
    const first = definedKeys.length
    const numbers = [Op.Map, 2, Op.Key, first, Op.Int, 1, Op.Key, first + 1, Op.Int, 2]
    expect(wordsOf([row, row])).toEqual([Op.List, 2, ...numbers, ...numbers])
    expect(definedKeys.slice(first)).toEqual(['again', 'zoë'])
    expect(wordsOf({ zoë: 2, again: 1, new: 3 })).toEqual([
      ...[Op.Map, 3, Op.Key, first + 1, Op.Int, 2, Op.Key, first, Op.Int, 1],
      ...[Op.Binary, 0, 3, Op.Int, 3],
    ])
  })

  it('gives no numbers to long keys, nor to more than 4096', () => {
    const long = 'k'.repeat(49)
    for (let i = 0; i < 3; i++) expect(wordsOf({ [long]: 1 })[2]).toBe(Op.Binary)
    for (let i = 0; i < 5000; i++) for (let j = 0; j < 2; j++) write({ [`key${i}`]: 1 })
    expect(definedKeys).toHaveLength(4096)
    expect(wordsOf({ key0: 1 })).toEqual([
      Op.Map,
      1,
      Op.Key,
      definedKeys.indexOf('key0'),
      Op.Int,
      1,
    ])
    expect(wordsOf({ key4999: 1 })).toEqual([Op.Map, 1, Op.Binary, 0, 7, Op.Int, 1])
  })

  it('gives back the memory that a large term took', () => {
    write(Array.from({ length: 2_000_000 }, () => 1000))
    writer.output.shrink()
    expect(writer.output.memory.ops.byteLength).toBeLessThan(1_000_000)
    expect(wordsOf([1000, 2000])).toEqual([Op.List, 2, Op.Ints, 2, 1000, 2000])
  })

  it('writes a tape behind another one, and leaves that as it is', () => {
    writer.begin()
    writer.term(['first', 1], {})
    writer.end()
    const { words, textBytes, memory } = writer.output
    const first = memory.words.slice(0, words)
    writer.begin(words + 1, textBytes)
    writer.term([2.5, 'second', Buffer.alloc(100_000)], {})
    const { output } = writer
    expect([...output.memory.words.subarray(0, words)]).toEqual([...first])
    expect(output.firstWord).toBe(words + 1)
    const second = output.memory.words.subarray(output.firstWord, output.words)
    expect([...second].slice(-5)).toEqual([Op.Binary, textBytes, 6, Op.Shared, 0])
    expect(output.memory.doubles[(words + 1 + 4) >> 1]).toBe(2.5)
    expect(output.rangeBytes).toBe(6 + 100_000)
    writer.end()
  })

  it('writes atoms with long names as text, in whatever characters they are long', () => {
    const before = defined.length
    const [ascii, euros] = ['a'.repeat(255), '€'.repeat(86)]
    expect(write(atom(ascii)).words).toEqual(atomOp(ascii))
    expect(write(atom(euros)).words).toEqual([Op.AtomText, 0, 258])
    expect(defined.length - before).toBe(1)
  })

  // The last, since the book stays full.
  it('writes atoms as text when the book is full', () => {
    const fillers = Array.from({ length: 65_536 - defined.length }, (_, i) =>
      Atom.of(`filler_${i}`),
    )
    write(fillers)
    expect(defined).toHaveLength(65_536)
    const { words, text } = write([atom('one too many'), atom('filler_0')])
    expect(words).toEqual([Op.List, 2, Op.AtomText, 0, 12, ...atomOp('filler_0')])
    expect(text).toBe('one too many')
    expect(defined).toHaveLength(65_536)
  })
})
