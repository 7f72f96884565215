import fc from 'fast-check'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { float } from '../../lib/term/float.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import type { TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { externalFormat } from './external-format.js'

/** Atoms, text and numbers at the borders of Erlang's rules for quoting and notation. */
const ATOMS = (
  'ok|hello world|Ok|_a|1a|a@b|a.b||after|and|andalso|band|begin|bnot|bor|bsl|bsr|bxor|case|catch|' +
  'cond|div|else|end|fun|if|let|maybe|not|of|or|orelse|receive|rem|try|when|xor|ÿ|ß|÷|aÀÖ×|éa|É|' +
  "it's|back\\slash|new\nline|tab\t|\x00|\x7f|\x80|\x9f|\xa0|€|\u{1f600}|true|false|nil|undefined"
).split('|')

const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.01,
  0.001,
  0.0001,
  0.00012,
  0.00001,
  1.5,
  100,
  1000,
  123456789,
  1e9,
  1e10,
  1e15,
  1.2e10,
  1234567890123456,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 53 + 2,
  -(2 ** 53),
  2 ** 63,
  2 ** 64,
  1e16,
  1e21,
  1e22,
  1e23,
  123e20,
  5e-324,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  2.2250738585072014e-308,
  1e-5,
  1.234e-5,
  12e-7,
  0.1 + 0.2,
  1 / 3,
  4.35,
  1e100,
  99999999999999.9,
  1e5,
  12345.678,
].map(float)

const INTEGERS = [
  0,
  1,
  -1,
  7,
  8,
  27,
  32,
  127,
  255,
  256,
  -256,
  2 ** 28,
  2 ** 31,
  -(2 ** 31),
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n),
  2n ** 59n,
  2n ** 64n,
  -(2n ** 64n),
  10n ** 22n,
  10n ** 400n,
]

const BYTES = [
  '',
  'abc',
  'say "hi"',
  "it's",
  'é',
  '€',
  '\u{1f600}',
  '\n\r\t\v\b\f',
  '\x1b[0m',
  '\x7f',
  '\x00',
  'back\\slash',
  ...[[0], [160], [159], [255, 254], [127], [8, 9, 10], [7], [14]].map((bytes) =>
    Buffer.from(bytes),
  ),
  bitstring(Buffer.of(0b10100000), 3),
  bitstring(Buffer.of(0b10111111), 3),
  bitstring(Buffer.of(1, 2, 0x80), 1),
  bitstring(Buffer.of(97, 98, 0xfe), 7),
  bitstring(Buffer.of(0), 1),
]

const atoms = ATOMS.map((name) => atom(name))
const a = atom('a')

const COMPOUNDS: TermInput[] = [
  [],
  tuple(),
  new Map(),
  {},
  [1],
  [1, 2],
  [1, 2, 3],
  [97, 98],
  [97, 98.5],
  [97, [98]],
  [[]],
  [[[]]],
  [7],
  [160],
  [159],
  [256],
  [8364],
  [97n, 98],
  charlist('abc'),
  charlist('é'),
  charlist('€'),
  charlist('a"b\\c\x1b'),
  improper([1], 2),
  improper([97], a),
  improper([1, 2], tuple()),
  improper([[]], 'tail'),
  improper([1], float(2)),
  improper([1, 3], 2),
  tuple(1),
  tuple(a),
  tuple(1, 2),
  tuple(float(1)),
  tuple(2),
  tuple(1, [2, tuple(3)]),
  new TermMap([[tuple(1, 'x'), [1]]]),
  { a: 1 },
  { a: 2 },
  { b: 1 },
  { a: 1, b: 2 },
  new Map<TermInput, TermInput>([[a, 1]]),
  new Map([[1, 'x']]),
  new Map([[float(1), 'x']]),
  new Map([[2, 'x']]),
  new Map([[float(1.5), 'x']]),
  new Map<TermInput, TermInput>([
    [1, 'x'],
    [float(1), 'y'],
  ]),
  new Map<TermInput, TermInput>([
    [float(1), 'y'],
    [1, 'x'],
  ]),
  new Map<TermInput, TermInput>([
    [1, 'x'],
    [float(2), 'y'],
  ]),
  new Map<TermInput, TermInput>([
    [tuple(1), 1],
    [tuple(float(1)), 2],
  ]),
  new Map<TermInput, TermInput>([
    [[1], float(1)],
    [[2], 2],
  ]),
  new Map<TermInput, TermInput>([
    [[1], 1],
    [[2], float(2)],
  ]),
  new Map<TermInput, TermInput>([
    [new Map([[1, 2]]), 1],
    [new Map([[float(1), 2]]), 1],
  ]),
]

/** Maps so large that an emulator keeps, and prints, their keys in hash order. */
export const LARGE_MAPS: readonly TermInput[] = [
  new Map(Array.from({ length: 40 }, (_, i) => [i, i])),
  new Map(Array.from({ length: 40 }, (_, i) => [i, i === 3 ? -1 : i])),
  new Map(Array.from({ length: 40 }, (_, i) => [i === 39 ? float(39) : i, i === 3 ? 9 : i])),
  Object.fromEntries(ATOMS.map((name, i) => [name, i])),
]

const [here, there] = [Atom.of('b@host'), Atom.of('a@host')]
const IDENTIFIERS = [here, there].flatMap((node) => [
  ...[
    [1, 1, 5],
    [2, 1, 5],
    [1, 2, 5],
    [1, 1, 6],
    [0x8fffffff, 1, 5],
    [1, 1, 0xffffffff],
  ].map(([id = 0, serial = 0, creation = 0]) => new Pid(node, id, serial, creation)),
  ...[1n, 2n, 2n ** 40n, 2n ** 64n - 1n].map((id) => new Port(node, id, 5)),
  new Port(node, 1n, 6),
  ...[[1], [2], [1, 2], [1, 2, 0], [2, 1, 0], [1, 2, 0xffffffff], [1, 2, 3, 4, 5], [0], [0, 0]].map(
    (words) => new Reference(node, words, 5),
  ),
  new Reference(node, [1, 2, 3], 6),
])

/** As OTP 25 wrote `fun(X) -> X + N end` of one compiled module, for environments N. */
function funBytes(module: string, index: number, uniq: number, environment: number): Fun {
  const rest = Buffer.concat([
    Buffer.of(1),
    Buffer.alloc(16, index + 1),
    Buffer.of(0, 0, 0, index, 0, 0, 0, 1),
    ...[Atom.of(module), index, uniq, new Pid(here, 1, 0, 5), environment].map((part) =>
      externalFormat(part).subarray(1),
    ),
  ])
  const size = Buffer.alloc(5, 112)
  size.writeUInt32BE(rest.length + 4, 1)
  return new Fun(Atom.of(module), 1, index, uniq, Buffer.concat([size, rest]))
}

const FUNS = [
  externalFun('lists', 'map', 2),
  externalFun('lists', 'map', 3),
  externalFun('lists', 'all', 2),
  externalFun('Elixir.A', 'go!', 0),
  externalFun('zz', 'a', 0),
  funBytes('m', 0, 7, 1),
  funBytes('m', 0, 7, 2),
  funBytes('m', 1, 5, 1),
  funBytes('l', 2, 1, 1),
]

/** Terms whose text an emulator prints alike wherever it runs. */
export const PRINTABLE: readonly TermInput[] = [
  ...INTEGERS,
  ...FLOATS,
  ...atoms,
  ...BYTES,
  ...COMPOUNDS,
]
/** Terms of every type, many of them neighbours in Erlang's order. */
export const ORDERED: readonly TermInput[] = [...PRINTABLE, ...LARGE_MAPS, ...IDENTIFIERS, ...FUNS]

/** Random terms, without those of which only an emulator knows the text. */
export const { term: anyTerm } = fc.letrec<{ term: TermInput }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.integer(),
      fc.bigInt(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(float),
      fc.string({ unit: 'binary', maxLength: 6 }).map((name) => atom(name)),
      fc.string({ maxLength: 8 }).map((name) => atom(name)),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }).map(charlist),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 7 }))
        .map(([bytes, bits]) => bitstring(bytes, bits)),
    ),
    fc.array(tie('term'), { maxLength: 5 }),
    fc.array(tie('term'), { maxLength: 4 }).map((elements) => tuple(...elements)),
    fc
      .tuple(fc.array(tie('term'), { minLength: 1, maxLength: 3 }), fc.integer())
      .map(([elements, tail]) => improper(elements, tail)),
    fc
      .array(fc.tuple(tie('term'), tie('term')), { maxLength: 5 })
      .map((entries) => new TermMap(entries)),
  ),
}))
