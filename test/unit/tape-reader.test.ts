import { describe, expect, it } from 'vitest'
import { AtomSource, AtomValues } from '../../lib/native/atom-values.js'
import { type DecodeOptions, ResolvedDecodeOptions } from '../../lib/native/options.js'
import { type Tape, tapeOver } from '../../lib/native/tape.js'
import { Op } from '../../lib/native/tape-ops.js'
import { TapeReader } from '../../lib/native/tape-reader.js'
import { Atom } from '../../lib/term/atom.js'
import { BitString } from '../../lib/term/bitstring.js'
import { ExternalFun, Fun } from '../../lib/term/fun.js'
import { ImproperList } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term } from '../../lib/term/term.js'
import { Tuple } from '../../lib/term/tuple.js'

const names = ['ok', 'true', 'nil', 'n@host', 'm', 'f']

/** `d(1.5)` in a tape is a double, at an even word. */
const d = (value: number) => ({ double: value })

function tapeOf(...words: (number | { double: number })[]): Tape {
  const tape = tapeOver(new ArrayBuffer(8 * (words.length + 2)))
  let at = 0
  for (const word of words) {
    if (typeof word === 'number') tape.words[at++] = word
    else {
      at += at % 2
      tape.doubles[at / 2] = word.double
      at += 2
    }
  }
  tape.words[at] = Op.Stop
  return tape
}

let asked: number[] = []
function newReader(): TapeReader {
  asked = []
  const addon = {
    atomName(_: number, id: number) {
      asked.push(id)
      return names[id] ?? ''
    },
  }
  return new TapeReader(new AtomValues(addon, AtomSource.Decode))
}

const content = Buffer.from('abcdefgh\xff\xff', 'latin1')
const body = { bytes: content, start: 0, end: content.length, isStable: true }

function read(tape: Tape, options: DecodeOptions = {}): Term {
  return newReader().read(tape, 0, body, new ResolvedDecodeOptions(options))
}

const node = Atom.of('n@host')

describe('the tape reader', () => {
  it.each<[string, Tape, Term]>([
    ['an integer', tapeOf(Op.Int, -5), -5],
    ['a wide integer', tapeOf(Op.Wide, d(2 ** 40)), 2 ** 40],
    [
      'a wide integer at an odd word',
      tapeOf(Op.Nil, Op.Wide, d(5e9), Op.Tuple, 2),
      new Tuple([[], 5e9]),
    ],
    ['a wide integer beyond the safe ones', tapeOf(Op.Wide, d(2 ** 60)), 2n ** 60n],
    ['a float', tapeOf(Op.Float, d(1.5)), 1.5],
    ['a large integer', tapeOf(Op.Big, 0, 9, 0), BigInt('0xff6867666564636261')],
    ['a large negative integer of 8 bytes', tapeOf(Op.Big, 0, 8, 1), -BigInt('0x6867666564636261')],
    ['a small integer in many bytes', tapeOf(Op.Big, 0, 1, 1), -97],
    ['a large integer of no bytes', tapeOf(Op.Big, 0, 0, 0), 0],
    ['an atom', tapeOf(Op.Atom, 0), Atom.of('ok')],
    ['a boolean', tapeOf(Op.Atom, 1), true],
    ['an atom by its UTF-8', tapeOf(Op.AtomText, 1, 2, 0), Atom.of('bc')],
    ['an atom by its Latin-1', tapeOf(Op.AtomText, 7, 2, 1), Atom.of('hÿ')],
    ['a binary', tapeOf(Op.Binary, 2, 3), Buffer.from('cde')],
    ['an empty binary', tapeOf(Op.Binary, 10, 0), Buffer.alloc(0)],
    ['a bitstring', tapeOf(Op.Bits, 8, 2, 3), new BitString(Buffer.of(255, 255), 3)],
    ['a string', tapeOf(Op.String, 0, 3), [97, 98, 99]],
    ['an empty list', tapeOf(Op.Nil), []],
    ['a list', tapeOf(Op.Int, 1, Op.Int, 2, Op.Int, 3, Op.List, 3), [1, 2, 3]],
    ['a list of integers', tapeOf(Op.ListInts, 3, 1, -2, 3), [1, -2, 3]],
    [
      'a list of wide integers',
      tapeOf(Op.ListWides, 2, d(2 ** 40), d(2 ** 60)),
      [2 ** 40, 2n ** 60n],
    ],
    ['a list of floats', tapeOf(Op.ListFloats, 2, d(0.5), d(-0.5)), [0.5, -0.5]],
    [
      'a list with runs',
      tapeOf(Op.Ints, 2, 1, 2, Op.Wides, 1, d(5e9), Op.Floats, 1, d(0.5), Op.List, 4),
      [1, 2, 5e9, 0.5],
    ],
    ['an empty tuple', tapeOf(Op.Tuple, 0), new Tuple([])],
    [
      'a tuple',
      tapeOf(Op.Int, 1, Op.Atom, 0, Op.Nil, Op.Tuple, 3),
      new Tuple([1, Atom.of('ok'), []]),
    ],
    [
      'tuples of two binaries',
      tapeOf(Op.Nil, Op.BinaryPairs, 2, 0, 1, 3, 2, 6, 0, 6, 1, Op.List, 3),
      [
        [],
        new Tuple([Buffer.from('a'), Buffer.from('de')]),
        new Tuple([Buffer.alloc(0), Buffer.from('g')]),
      ],
    ],
    [
      'an improper list',
      tapeOf(Op.Int, 1, Op.Int, 2, Op.Int, 3, Op.Improper, 2),
      new ImproperList([1, 2], 3),
    ],
    ['an empty map', tapeOf(Op.Map, 0), new TermMap()],
    ['a map', tapeOf(Op.Int, 1, Op.Int, 2, Op.Map, 1), new TermMap([[1, 2]])],
    ['a pid', tapeOf(Op.Atom, 3, Op.Pid, 1, -1, -2), new Pid(node, 1, 2 ** 32 - 1, 2 ** 32 - 2)],
    ['a port', tapeOf(Op.Atom, 3, Op.Port, -1, -2, 3), new Port(node, 2n ** 64n - 2n, 3)],
    [
      'a reference',
      tapeOf(Op.Atom, 3, Op.Ref, 2, -1, 7, 9),
      new Reference(node, [2 ** 32 - 1, 7], 9),
    ],
    [
      'a fun',
      tapeOf(Op.Atom, 4, Op.Int, 5, Op.Int, 6, Op.Fun, 0, 4, 2),
      new Fun(Atom.of('m'), 2, 5, 6, Buffer.from('abcd')),
    ],
    [
      'an external fun',
      tapeOf(Op.Atom, 4, Op.Atom, 5, Op.Int, 2, Op.Export),
      new ExternalFun(Atom.of('m'), Atom.of('f'), 2),
    ],
    [
      'an external fun called true',
      tapeOf(Op.Atom, 1, Op.Atom, 1, Op.Int, 0, Op.Export),
      new ExternalFun(Atom.of('true'), Atom.of('true'), 0),
    ],
    ['a local term', tapeOf(Op.Local, 0, 4), new LocalTerm(Buffer.from('abcd'))],
  ])('reads %s', (_, tape, term) => {
    expect(read(tape)).toEqual(term)
  })

  it('asks for the name of an atom once', () => {
    const reader = newReader()
    const tape = tapeOf(Op.Atom, 0, Op.Atom, 0, Op.Atom, 5, Op.List, 3)
    reader.read(tape, 0, body, new ResolvedDecodeOptions({}))
    reader.read(tape, 0, body, new ResolvedDecodeOptions({ nil: 'null' }))
    expect(asked).toEqual([0, 5])
  })

  it('reads several values and tells where the next tape begins', () => {
    const reader = newReader()
    const tape = tapeOf(Op.Int, 1, Op.Int, 2, Op.Stop, Op.Int, 3)
    expect(reader.readAll(tape, 0, body, new ResolvedDecodeOptions({}))).toEqual([1, 2])
    expect(reader.read(tape, reader.end, body, new ResolvedDecodeOptions({}))).toBe(3)
  })

  it('counts ranges from the start of the body', () => {
    const later = { bytes: content, start: 4, end: content.length, isStable: false }
    const tape = tapeOf(Op.Binary, 0, 2, Op.Binary, 2, 2, Op.String, 1, 1, Op.List, 3)
    const options = new ResolvedDecodeOptions({ binaries: 'utf8' })
    expect(newReader().read(tape, 0, later, options)).toEqual(['ef', 'gh', [102]])
  })

  it('reads tuples of two binaries as texts, where they are texts', () => {
    const later = { bytes: content, start: 4, end: content.length, isStable: false }
    const options = new ResolvedDecodeOptions({ binaries: 'utf8' })
    const tape = tapeOf(Op.BinaryPairs, 1, 0, 2, 3, 2)
    expect(newReader().read(tape, 0, later, options)).toEqual(
      new Tuple(['ef', Buffer.from('h\xff', 'latin1')]),
    )
  })

  it('reads a tuple of two binaries of which one is large', () => {
    const bytes = Buffer.alloc(20_000, 'x')
    const large = { bytes, start: 10, end: bytes.length, isStable: false }
    const options = new ResolvedDecodeOptions({})
    for (const [first, second] of [
      [3, 9000],
      [9000, 3],
      [9000, 9000],
    ] as const) {
      const tape = tapeOf(Op.BinaryPairs, 1, 0, first, first + 5, second)
      const pair = newReader().read(tape, 0, large, options)
      expect(pair).toEqual(new Tuple([bytes.subarray(0, first), bytes.subarray(0, second)]))
    }
  })

  it('nests as deep as the tape says without JavaScript stack', () => {
    const levels = 200_000
    const tape = tapeOver(new ArrayBuffer(8 * (levels + 1)))
    tape.words.set([Op.Nil])
    for (let i = 0; i < levels; i++) tape.words.set([Op.List, 1], 1 + 2 * i)
    let term = read(tape) as Term[]
    for (let i = 0; i < levels; i++) term = term[0] as Term[]
    expect(term).toEqual([])
  })

  it('keeps no value of one tape for the next', () => {
    const reader = newReader()
    const options = new ResolvedDecodeOptions({})
    expect(reader.read(tapeOf(Op.Int, 1, Op.Int, 2, Op.List, 2), 0, body, options)).toEqual([1, 2])
    expect(reader.readAll(tapeOf(), 0, body, options)).toEqual([])
  })
})
