import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { equals } from '../../lib/term/compare.js'
import { float } from '../../lib/term/float.js'
import { format } from '../../lib/term/format.js'
import { externalFun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { type ParseOptions, parse } from '../../lib/term/parse.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import { TermSyntaxError } from '../../lib/term/syntax/syntax-error.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { anyTerm, LARGE_MAPS, ORDERED } from '../helpers/term-samples.js'

const shop = atom('shop@127.0.0.1')

function faultOf(text: string, options?: ParseOptions): TermSyntaxError {
  try {
    parse(text, options)
  } catch (error) {
    if (error instanceof TermSyntaxError) return error
    throw error
  }
  throw new Error(`${text} was read`)
}

describe('parse refuses', () => {
  it.each([
    [42, undefined],
    ['1', 'erlang'],
    ['1', { syntax: 'lisp' }],
    ['1', { strings: 'buffers' }],
    ['1', { binaries: true }],
    ['1', { node: 'no-host' }],
    ['1', { creation: '1' }],
    ['1', { depth: 1 }],
  ])('%j with the options %j', (text, options) => {
    expect(() => parse(text as string, options as ParseOptions)).toThrow(TypeError)
  })

  it.each([
    ['', 1, 'a term'],
    ['  % only a comment', 1, 'a term'],
    ['{ok, 1', 1, '"," or "}"'],
    ['{ok 1}', 1, '"," or "}"'],
    ['{ok,}', 1, 'a term'],
    ['[1|2,3]', 1, '"]"'],
    ['[|1]', 1, 'a term'],
    ['#{a 1}', 1, '"=>"'],
    ['#{a := 1}', 1, '"=>"'],
    ['#{a => 1', 1, '"," or "}"'],
    ['{ok, Value}', 1, 'without variables'],
    ['_', 1, 'without variables'],
    ['end', 1, 'reserved word'],
    ['ok ok', 1, 'nothing behind the term'],
    ['ok. ok.', 1, 'nothing behind the full stop'],
    ['"abc', 1, 'the " that ends'],
    ["'abc", 1, "the ' that ends"],
    ['1a', 1, 'a number that ends here'],
    ['2#102', 1, 'digits of base 2'],
    ['37#1', 1, 'a base from 2 to 36'],
    ['1.0e999', 1, 'a float within'],
    ['- a', 1, 'a number behind its sign'],
    ['"\\x{110000}"', 1, 'Unicode character'],
    ['"\\x{D800}"', 1, 'Unicode character'],
    ['"\\xZZ"', 1, 'two hexadecimal digits'],
    ['\ud800', 1, 'without lone surrogates'],
    ['<<"€">>', 1, '/utf8'],
    ['<<a>>', 1, 'a number or text'],
    ['<<1/size>>', 1, 'a type of a segment'],
    ['<<1', 1, '"," or ">>"'],
    ['<<1:99999999999>>', 1, 'at most'],
    ['<<1.0:8>>', 1, '64 or 32 bits'],
    ['fun m:f', 1, '"/"'],
    ['fun m:f/256', 1, 'an integer up to 255'],
    ['<0.1.2>', 1, 'the option node'],
    ['<shop@127.0.0.1.87>', 1, 'a pid with two numbers'],
    ['<>', 1, 'a node name'],
    ['#Fun<m.1.2>', 1, 'does not hold it all'],
    ['#record{a = 1}', 1, 'a pid'],
    [`'${'a'.repeat(256)}'`, 1, 'at most 255 characters'],
    [':ok', 1, 'looks like Elixir'],
    ['{\n  ok,\n  1}}', 3, 'nothing behind the term'],
  ])('%s', (text, line, expected) => {
    const fault = faultOf(text)
    expect(fault).toBeInstanceOf(SyntaxError)
    expect(fault.expected).toContain(expected)
    expect(fault.line).toBe(line)
    expect(fault.message).toContain(`line ${line}, column ${fault.column}`)
  })

  it('the text with its line, its column and a mark below the fault', () => {
    const fault = faultOf('{order,\n\t[1, 2 3]}')
    expect([fault.line, fault.column, fault.offset]).toEqual([2, 8, 15])
    expect(fault.message).toBe(
      'expected "," or "|" or "]" in the list that begins at offset 9, got "3" at line 2, column 8\n' +
        ' [1, 2 3]}\n' +
        '       ^',
    )
  })

  it('long lines with the part around the fault', () => {
    const fault = faultOf(`[${'1,'.repeat(100)}x y${',1'.repeat(100)}]`)
    expect(fault.excerpt).toBe(`…${'1,'.repeat(14)}x y${',1'.repeat(14)},…\n${' '.repeat(31)}^`)
  })

  it.each(['erlang', 'elixir'] as const)('all other text of %s with that error alone', (syntax) => {
    const token = fc.constantFrom(
      ...'{ } [ ] #{ %{ => := , | . << >> < > : :: / - + " \' \\ $ ? & ~c( ) # % 1 16# 0x 1.5 a A. fun'.split(
        ' ',
      ),
      ...['a: ', ' ', '\n', '\\x{', '#PID<0.', '#Ref<a@b.', 'size(', '/utf8', '\ud800', '€'],
    )
    const onlyFaults = (text: string) => {
      try {
        return format(parse(text, { syntax })).length > 0
      } catch (error) {
        return error instanceof TermSyntaxError && error.message.length < 400
      }
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), onlyFaults), { numRuns: 2000 })
    fc.assert(
      fc.property(fc.array(token), (tokens) => onlyFaults(tokens.join(''))),
      { numRuns: 20_000 },
    )
    fc.assert(
      fc.property(anyTerm, fc.nat(), token, (term, at, text) => {
        const printed = format(term)
        const cut = at % (printed.length + 1)
        return onlyFaults(printed.slice(0, cut) + text + printed.slice(cut + (at % 3)))
      }),
      { numRuns: 5000 },
    )
  })

  it('what nests deeper than maxDepth', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`
    expect(faultOf(nested(10_001)).expected).toContain('10000 levels deep')
    expect(format(parse(nested(10_000)))).toBe(nested(10_000))
    expect(faultOf('{{1}}', { maxDepth: 1 }).column).toBe(2)
    expect(parse(nested(200_000), { maxDepth: 1_000_000 })).toHaveLength(1)
  })
})

describe('parse reads', () => {
  it.each([
    ['1_000', 1000],
    ['16#FF', 255],
    ['16#ff_ff', 65535],
    ['36#Zz', 1295],
    ['-  5', -5],
    ['+5', 5],
    ['-0', 0],
    ['9007199254740993', 9007199254740993n],
    ['-16#FFFFFFFFFFFFFFFFFFFF', -(2n ** 80n - 1n)],
    [`7#${'6'.repeat(300)}`, 7n ** 300n - 1n],
    ['$a', 97],
    ['-$a', -97],
    ['[$ ,$\\n,$\\x41,$\\^A,$\\101,$€,$\\\\]', [32, 10, 65, 1, 65, 8364, 92]],
    ['1.5', 1.5],
    ['1.0', float(1)],
    ['-0.0', float(-0)],
    ['1.5e-3', 0.0015],
    ['1_0.2_5E+2', float(1025)],
    ['1.0e22', 1e22],
    ['ok', atom('ok')],
    ['true', true],
    ["'true'", true],
    ["'hello world'", atom('hello world')],
    ["'\\x{20AC}\\n\\s\\d\\e\\''", atom("€\n \x7f\x1b'")],
    ['a@b_C1', atom('a@b_C1')],
    ['""', []],
    ['"abc"', charlist('abc')],
    ['"a" "b"\n "c"', charlist('abc')],
    ['"\u{1f600}"', [0x1f600]],
    ['<<>>', ''],
    ['<<"abc">>', 'abc'],
    ['<<"abc"\n  "def">>', 'abcdef'],
    ['<<"é">>', Buffer.of(0xe9)],
    ['<<"é"/utf8, 8364/utf8>>', 'é€'],
    ['<<"é€"/utf16>>', Buffer.of(0, 0xe9, 0x20, 0xac)],
    ['<<"é"/utf16-little, 1/utf32>>', Buffer.of(0xe9, 0, 0, 0, 0, 1)],
    ['<<1, 2 , 256, -1>>', Buffer.of(1, 2, 0, 255)],
    ['<<1,2:4>>', bitstring(Buffer.of(1, 0x20), 4)],
    ['<<1:4,2:4>>', Buffer.of(0x12)],
    ['<<5:3,"a":8,1:5>>', Buffer.of(0b10101100, 0b00100001)],
    ['<<16#1234:16/little>>', Buffer.of(0x34, 0x12)],
    ['<<16#123:12/little>>', bitstring(Buffer.of(0x23, 0x10), 4)],
    ['<<1:2/integer-unit:8>>', Buffer.of(0, 1)],
    ['<<1.5/float, 1.5:32/float-little>>', Buffer.from('3ff80000000000000000c03f', 'hex')],
    ['<<1:0>>', ''],
    ['{}', tuple()],
    ['{ok,{1,[]}}', tuple(atom('ok'), tuple(1, []))],
    ['[1|2]', improper([1], 2)],
    ['[1|[2|[3|4]]]', improper([1, 2, 3], 4)],
    ['[1|[2,3]]', [1, 2, 3]],
    ['#{}', new Map()],
    [
      '#{a => 1, "b" => #{}}',
      new Map<TermInput, TermInput>([
        [atom('a'), 1],
        [charlist('b'), {}],
      ]),
    ],
    [
      '#{1 => a, 1.0 => b, 1 => c}',
      new Map<TermInput, TermInput>([
        [float(1), atom('b')],
        [1, atom('c')],
      ]),
    ],
    ['fun lists:map/2', externalFun('lists', 'map', 2)],
    ["fun 'Elixir.A' : 'go!' / 0", externalFun('Elixir.A', 'go!', 0)],
    ['  % a comment\n ok % another\n .\n', atom('ok')],
    ['\ufeffok.', atom('ok')],
  ] as [string, TermInput][])('%s', (text, term) => {
    const read = parse(text)
    expect(format(read)).toBe(format(term))
    expect(equals(read, term)).toBe(true)
  })

  it('pids, ports and references by the names of their nodes', () => {
    const options = { creation: 5 }
    const same = (text: string, term: TermInput, more: ParseOptions = {}) =>
      expect(equals(parse(text, { ...options, ...more }), term), text).toBe(true)
    same('<shop@127.0.0.1.87.0>', new Pid(shop, 87, 0, 5))
    same('#Ref<shop@127.0.0.1.3.2.1>', new Reference(shop, [1, 2, 3], 5))
    same('#Ref<shop@127.0.0.1.3>', new Reference(shop, [3], 5))
    same('#Port<shop@127.0.0.1.18446744073709551615>', new Port(shop, 2n ** 64n - 1n, 5))
    same('<a-b@host.example.org.1.2>', new Pid(atom('a-b@host.example.org'), 1, 2, 5))
    same('#Ref<a@host.5.4.3.2.1>', new Reference(atom('a@host'), [1, 2, 3, 4, 5], 5))
    same('<0.87.0>', new Pid(shop, 87, 0, 5), { node: 'shop@127.0.0.1' })
    same('#Pid<0.87.0>', new Pid(shop, 87, 0, 5), { node: 'shop@127.0.0.1' })
    same('#Ref<0.3.2.1>', new Reference(shop, [1, 2, 3], 5), { node: 'shop@127.0.0.1' })
    expect(faultOf('<9.87.0>', { node: 'shop@127.0.0.1' }).expected).toContain('only the node')
    const of = (node: string) => node.length
    same('<shop@127.0.0.1.87.0>', new Pid(shop, 87, 0, 14), { creation: of })
  })

  it('strings and binaries as its options say', () => {
    expect(parse('"é"')).toEqual([233])
    expect(parse('"é"', { strings: 'binary' })).toEqual(Buffer.from('é'))
    expect(parse('{"é",<<"a">>}', { strings: 'binary', binaries: 'utf8' })).toEqual(tuple('é', 'a'))
    expect(parse('<<255>>', { binaries: 'utf8' })).toEqual(Buffer.of(255))
  })

  it('what format prints as the same term', () => {
    fc.assert(
      fc.property(anyTerm, (term) => equals(parse(format(term)), term)),
      { numRuns: 2000 },
    )
  })

  it('what format prints of every type but funs as the same term', () => {
    const creation = (term: TermInput) => (term as { creation?: number }).creation ?? 0
    for (const term of [...ORDERED, ...LARGE_MAPS]) {
      const text = format(term)
      if (text.startsWith('#Fun')) continue
      expect(equals(parse(text, { creation: creation(term) }), term), text).toBe(true)
    }
  })

  it('a megabyte', () => {
    const row = '{order,16#FF,1.5,"list of text",<<"text">>,<<1,2,3>>,#{k => 1,<<"b">> => [1|2]}}'
    const rows = new Array(Math.ceil(1e6 / row.length)).fill(row)
    const read = parse(`[${rows.join(',\n ')}]`) as Term[]
    expect([read.length, read.at(-1)]).toEqual([rows.length, parse(row)])
  })
})
