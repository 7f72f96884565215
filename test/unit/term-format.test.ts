import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { float } from '../../lib/term/float.js'
import { brief, format } from '../../lib/term/format.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { charlist, ImproperList, improper } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { RawTerm } from '../../lib/term/raw.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

// The text itself is held against a real Erlang in test/interop/format-order.test.ts.

const shop = Atom.of('shop@127.0.0.1')
const pid = new Pid(shop, 87, 0, 5)
const reference = new Reference(shop, [1, 2, 3], 5)

describe('format', () => {
  it.each([[undefined], [Number.NaN], [() => 1], [new Date(0)], [[tuple(undefined as never)]]])(
    'refuses %s',
    (value) => {
      expect(() => format(value as unknown as Term)).toThrow(TypeError)
    },
  )

  it('refuses a term that contains itself', () => {
    const endless: Term[] = []
    endless.push([tuple(endless) as Term])
    expect(() => format(endless)).toThrow(RangeError)
  })

  it('prints terms as Erlang does', () => {
    const term = tuple(atom('ok'), [1, float(1), 'text', charlist('abc')], {
      key: improper([1], 2),
    })
    expect(format(term)).toBe('{ok,[1,1.0,<<"text">>,"abc"],#{<<"key">> => [1|2]}}')
  })

  it.each([
    ['a pid', pid, '<shop@127.0.0.1.87.0>'],
    ['a reference', reference, '#Ref<shop@127.0.0.1.3.2.1>'],
    ['a port', new Port(shop, 2n ** 64n - 1n, 5), '#Port<shop@127.0.0.1.18446744073709551615>'],
    ['a fun', new Fun(atom('m'), 1, 42, 3316493, Buffer.of(112)), '#Fun<m.42.3316493>'],
    ['an external fun', externalFun('Elixir.A', 'go!', 0), "fun 'Elixir.A':'go!'/0"],
    ['a local term', new LocalTerm(Buffer.of(121, 1)), '#Local<2 bytes>'],
    ['a raw term', new RawTerm(Buffer.of(106)), '#Raw<1 bytes>'],
    ['null', null, 'nil'],
    ['a list in a tail', new ImproperList([1], [2, 3]), '[1,2,3]'],
    ['a bigint that is a character', [97n, 98], '"ab"'],
  ] as [string, TermInput, string][])('prints %s', (_, term, text) => {
    expect(format(term)).toBe(text)
  })

  it('sorts the keys of maps up to 32 and keeps the order of larger ones', () => {
    const entries = (count: number) =>
      Array.from({ length: count }, (_, i) => [count - i, 0] as const)
    expect(format(new TermMap(entries(3)))).toBe('#{1 => 0,2 => 0,3 => 0}')
    expect(format(new TermMap(entries(32)))).toMatch(/^#\{1 => 0,.*,32 => 0\}$/)
    expect(format(new TermMap(entries(33)))).toMatch(/^#\{33 => 0,.*,1 => 0\}$/)
  })

  it('prints 100,000 levels', () => {
    let term: Term = 1
    for (let i = 0; i < 100_000; i++) term = i % 2 === 0 ? [term] : (tuple(term) as Term)
    const text = format(term)
    expect(text.length).toBe(200_001)
    expect(text.startsWith('{[{[')).toBe(true)
  })
})

describe('util.inspect', () => {
  it.each([
    [atom('ok'), 'ok'],
    [atom('hello world'), "'hello world'"],
    [tuple(), '{}'],
    [tuple(atom('ok'), 'text', [1]), "{ ok, 'text', [ 1 ] }"],
    [tuple(tuple(tuple(tuple(1)))), '{ { { [Tuple] } } }'],
    [improper([1, 'a'], atom('last')), "[ 1, 'a' | last ]"],
    [charlist('a"b'), 'charlist("a\\"b")'],
    [bitstring(Buffer.of(1, 0xa0), 3), '<<1,5:3>>'],
    [float(1), '1.0'],
    [pid, '<shop@127.0.0.1.87.0>'],
    [reference, '#Ref<shop@127.0.0.1.3.2.1>'],
    [new Port(shop, 6n, 5), '#Port<shop@127.0.0.1.6>'],
    [new Fun(atom('m'), 1, 42, 7, Buffer.of(112)), '#Fun<m.42.7>'],
    [externalFun('m', 'f', 1), 'fun m:f/1'],
    [new LocalTerm(Buffer.of(121)), '#Local<1 bytes>'],
    [new RawTerm(Buffer.of(106)), '#Raw<1 bytes>'],
  ])('shows %s readably', (term, text) => {
    expect(inspect(term)).toBe(text)
  })

  it('colours atoms as symbols and floats as numbers', () => {
    const [green, yellow] = ['\u001b[32m', '\u001b[33m']
    expect(inspect(tuple(atom('ok'), float(1)), { colors: true })).toBe(
      `{ ${green}ok\u001b[39m, ${yellow}1.0\u001b[39m }`,
    )
  })

  it('stops at the depth it is told, in tails too', () => {
    let chain: Term = 1
    let nest: Term = 1
    for (let i = 0; i < 10; i++) {
      chain = new ImproperList([i], chain)
      nest = tuple(nest) as Term
    }
    expect(inspect(chain, { depth: 1 })).toBe('[ 9 | [ 8 | [ImproperList] ] ]')
    expect(inspect({ nest }, { depth: 1 })).toBe('{ nest: { [Tuple] } }')
    expect(inspect(nest, { depth: null })).toBe(`${'{ '.repeat(10)}1${' }'.repeat(10)}`)
  })

  it('cuts long tuples as it does long arrays', () => {
    expect(inspect(tuple(...Array(200).fill(0)))).toMatch(/\.\.\. 100 more items\s*}$/)
  })
})

describe('brief', () => {
  it('is what format gives, as long as that is short', () => {
    expect(brief(tuple(atom('ok'), 'x'))).toBe('{ok,<<"x">>}')
    expect(brief('y'.repeat(900))).toBe(`<<"${'y'.repeat(900)}">>`)
  })

  it('is cut off, without looking at all the rest', () => {
    const numbers = Array.from({ length: 500 }, (_, at) => at)
    // What has no form comes behind what is looked at.
    const long = [...numbers, ...numbers, ...numbers, undefined] as never
    expect(brief(long)).toBe(`${format([...numbers, ...numbers]).slice(0, 1_000)}…`)
  })

  it('is there for what has no Erlang form, and for what contains itself', () => {
    const circular: unknown[] = [1]
    circular.push(circular)
    expect(brief({ total: undefined })).toBe('a value without Erlang form')
    expect(brief(circular)).toMatch(/^\[1,\[1,\[1,.*…$/)
  })
})
