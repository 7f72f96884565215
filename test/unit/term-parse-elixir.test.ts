import { describe, expect, it } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { equals } from '../../lib/term/compare.js'
import { elixir, struct } from '../../lib/term/elixir.js'
import { float } from '../../lib/term/float.js'
import { format } from '../../lib/term/format.js'
import { externalFun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { parse } from '../../lib/term/parse.js'
import { Pid } from '../../lib/term/pid.js'
import { Reference } from '../../lib/term/reference.js'
import type { TermInput } from '../../lib/term/term.js'
import { atomKeys } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

const shop = Atom.of('shop@127.0.0.1')

describe('parse of Elixir refuses', () => {
  it.each([
    ['ok', 'the atom is written :ok'],
    ['{ok, 1}', 'the atom is written :ok'],
    ['"a #{b} c"', 'without #{…}'],
    ['"""\ntext\n"""', 'on one line'],
    ['~D[2024-01-01]', '~c"…" or ~s"…"'],
    ['%{a: 1', '"," or "}"'],
    ['%{:a, 1}', '"=>"'],
    ['%name{}', '%{…} or %Module{…}'],
    ['[a: ]', 'a term'],
    ['1..2', 'nothing behind the full stop'],
    ['Shop.Order.total', 'nothing behind the full stop'],
    ['&total/1', 'a module behind "&"'],
    ['0b102', 'digits of base 2'],
    ['0o8', 'digits of base 8'],
    ['[a: 1, 2]', 'come last'],
    ['#Function<1.2/0 in :a>', 'does not hold it all'],
    ['<<1::foo>>', 'a type of a segment'],
    ['#PID<0.1.2>', 'the option node'],
  ])('%s', (text, expected) => {
    expect(() => parse(text, { syntax: 'elixir' })).toThrow(expected)
  })
})

describe('parse of Elixir reads', () => {
  it.each([
    [':ok', atom('ok')],
    [':"hello world"', atom('hello world')],
    [':valid?', atom('valid?')],
    [':+', atom('+')],
    [':"Elixir.Shop"', elixir('Shop')],
    [':true', true],
    ['nil', atom('nil')],
    ['Shop.Order', elixir('Shop.Order')],
    ['Elixir.Shop', elixir('Shop')],
    ['0xFF', 255],
    ['-0b101', -5],
    ['1_000', 1000],
    ['1.0', float(1)],
    ['?a', 97],
    ['?\\n', 10],
    ['"text é"', 'text é'],
    ['"\\u00e9\\u{20AC}\\x41\\#{a}\\""', 'é€A#{a}"'],
    ["'abc'", charlist('abc')],
    ['~c"abc"', charlist('abc')],
    ['~s(a "b")', 'a "b"'],
    ['~S[a\\n#{b}]', 'a\\n#{b}'],
    ['{:ok, 1}', tuple(atom('ok'), 1)],
    ['[a: 1, "b c": nil]', [tuple(atom('a'), 1), tuple(atom('b c'), atom('nil'))]],
    ['[1, "x", a: 1]', [1, 'x', tuple(atom('a'), 1)]],
    ['[1 | 2]', improper([1], 2)],
    ['%{}', {}],
    [
      '%{"k" => 2, a: 1}',
      new Map<TermInput, TermInput>([
        [atom('a'), 1],
        ['k', 2],
      ]),
    ],
    [
      '%{%{a: 1} => %{b: [c: 1]}}',
      new Map([[atomKeys({ a: 1 }), atomKeys({ b: [tuple(atom('c'), 1)] })]]),
    ],
    ['%Shop.Order{id: 1, note: nil}', struct('Shop.Order', { id: 1, note: null })],
    ['%Shop{}', struct('Shop')],
    ['<<1, 2::4>>', bitstring(Buffer.of(1, 0x20), 4)],
    ['<<1::size(4), 2::4>>', Buffer.of(0x12)],
    ['<<"é", 255>>', Buffer.of(0xc3, 0xa9, 255)],
    ['<<0x1234::16-little, "a"::utf16>>', Buffer.of(0x34, 0x12, 0, 97)],
    ['<<"é"::binary, 1::integer-size(2)-unit(8)>>', Buffer.of(0xc3, 0xa9, 0, 1)],
    ['&Shop.Order.total/1', externalFun('Elixir.Shop.Order', 'total', 1)],
    ['&:lists.map/2', externalFun('lists', 'map', 2)],
    ['# a comment\n[1, # another\n 2]', [1, 2]],
  ] as [string, TermInput][])('%s', (text, term) => {
    const read = parse(text, { syntax: 'elixir' })
    expect(format(read)).toBe(format(term))
    expect(equals(read, term)).toBe(true)
  })

  it('pids and references of a node that is given', () => {
    const options = { syntax: 'elixir', node: 'shop@127.0.0.1', creation: 5 } as const
    expect(parse('#PID<0.87.0>', options)).toEqual(new Pid(shop, 87, 0, 5))
    expect(parse('#Reference<0.3.2.1>', options)).toEqual(new Reference(shop, [1, 2, 3], 5))
  })

  it('text as strings where that is asked for', () => {
    expect(parse('["é", <<255>>]', { syntax: 'elixir', binaries: 'utf8' })).toEqual([
      'é',
      Buffer.of(255),
    ])
  })
})
