import { readFileSync } from 'node:fs'
import path from 'node:path'
import { decode, equals, format, parse, type Term } from 'beamlink'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { format as printed } from '../../lib/term/format.js'
import { ElixirNode } from '../helpers/elixir-node.js'
import { ErlNode } from '../helpers/erl-node.js'
import { externalFormat } from '../helpers/external-format.js'
import { anyTerm, PRINTABLE } from '../helpers/term-samples.js'

/** What people type; Erlang says what it means. */
const TYPED = [
  '16#FF',
  '1_000_000',
  '36#Zz',
  '- 5',
  '[$a,$\\n,$\\x41,$\\^A,$\\^z,$\\101,$\\d,$\\s,$\\\\,$",$ ,$€]',
  '1.5e-3',
  '1.0E+10',
  "'a b'",
  "'\\x{20AC}\\'\\\"\\q'",
  '"a" "b"\n"c"',
  '"a\\\nb"',
  '"\\x41\\x{1F600}\\1234"',
  '<<"é">>',
  '<<"é"/utf8>>',
  '<<"é€"/utf16, "é€"/utf16-little, "é€"/utf32>>',
  '<<1,2:4>>',
  '<<-1, 256, 16#1234:16/little, 16#123:12/little, 16#123:13/big>>',
  '<<1:2/integer-unit:8, "ab":16, $c>>',
  '<<1.5/float, 1.5:32/float, 1.5/float-little, 2/float>>',
  '<<5:3, "a", 1:5>>',
  '[1|[2|[3|4]]]',
  '[1|[2,3]]',
  '#{a => 1, a => 2, 1 => b, 1.0 => c}',
  "{fun lists:map/2, fun 'Elixir.A':'go!'/0}",
  '{ok, % a comment\n [#{}, <<>>, {}, "", []]}',
  'a@b_C1',
]

/** Atoms that newer Erlang reads in quotes only, and older prints without. */
const reservedSince27 = /(?<!['\w@])(else|maybe)(?!['\w@])/

describe('parse and Erlang', () => {
  let erl: ErlNode
  beforeAll(async () => {
    erl = await ErlNode.start()
    await erl.load(readFileSync(path.join(__dirname, '../helpers/random_print.erl'), 'utf8'))
  })
  afterAll(() => erl.stop())

  it.each(TYPED)('mean the same term by %s', async (text) => {
    const meant = decode(await erl.evalBytes(text), { floats: 'wrap' })
    expect(format(parse(text))).toBe(format(meant))
    expect(equals(parse(text), meant)).toBe(true)
  })

  it.each([1, 2, 3])(
    'read alike what io_lib:format prints of random terms, seed %i',
    async (seed) => {
      const cases = decode(await erl.evalBytes(`random_print:cases(${seed}, 1000)`), {
        floats: 'wrap',
      }) as Iterable<[number[], Term[], Buffer]>
      let read = 0
      for (const [directives, args, text] of cases) {
        const [, width = ''] = /^~(\*?)[tl]*0?[pw]$/.exec(String.fromCodePoint(...directives)) ?? []
        const term = args[width.length]
        if (term === undefined || args.length !== width.length + 1) continue
        // Two keys of a map since OTP 27, one before, and one here.
        if (text.includes('-0.0')) continue
        read++
        expect(equals(parse(String(text)), term), String(text)).toBe(true)
      }
      expect(read).toBeGreaterThan(300)
    },
  )

  it('read alike what format prints', async () => {
    const seed = Math.trunc(Math.random() * 2 ** 31)
    const terms = [...PRINTABLE, ...fc.sample(anyTerm, { numRuns: 500, seed })]
    const texts = terms.map((term) => printed(term)).filter((text) => !reservedSince27.test(text))
    const bytes = externalFormat(texts).toString('base64')
    const read = decode(
      await erl.evalBytes(`
        [begin
           {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text) ++ " ."),
           {ok, Term} = erl_parse:parse_term(Tokens), Term
         end || Text <- binary_to_term(base64:decode(<<"${bytes}">>))]`),
      { floats: 'wrap' },
    ) as Term[]
    texts.forEach((text, i) => {
      expect(equals(parse(text), read[i] as Term), `${text}, seed ${seed}`).toBe(true)
    })
  })

  it('read identifiers of a node alike', async () => {
    const bytes = await erl.evalBytes('[self(), make_ref(), hd(erlang:ports())]')
    const [pid] = decode(bytes) as [{ creation: number }]
    // The process that was asked has gone; the text of what it gave is printed anew.
    const quoted = `binary_to_term(base64:decode(<<"${bytes.toString('base64')}">>))`
    const text = String(
      decode(await erl.evalBytes(`unicode:characters_to_binary(io_lib:format("~p", [${quoted}]))`)),
    )
    const options = { node: erl.name, creation: pid.creation }
    expect(equals(parse(text, options), decode(bytes))).toBe(true)
  })
})

describe('parse and Elixir', () => {
  let elixir: ElixirNode
  beforeAll(async () => {
    elixir = await ElixirNode.start()
  })
  afterAll(() => elixir.stop())

  it.each([
    '[:ok, :"a b", :valid?, :+, :<<>>, :%{}, nil, true, Shop.Order, :"Elixir.Shop"]',
    '[0xFF, 0b101, 0o17, 1_000, -5, 1.0, 1.5e-3, ?a, ?\\n, ?é]',
    '["text é", "\\u00e9\\u{20AC}\\x41\\#{a}\\"", ~s(a "b"), ~S[a\\n#{b}], "a\\\nb"]',
    '[\'abc\', ~c"abc", [1 | 2], [a: 1, "b c": nil], [1, a: 2]]',
    '%{"k" => 2, %{} => [%{}], a: 1, "q r": 1}',
    '[<<1, 2::4>>, <<1::size(4), 2::4>>, <<"é", 255>>, <<0x1234::16-little, "a"::utf16>>, <<1.5::float-32>>]',
    '[&Shop.Order.total/1, &:lists.map/2, &:erlang.+/2]',
    '[%URI{host: "a"} |> Map.from_struct(), 1]',
  ])('mean the same term by %s, and by what inspect prints of it', async (code) => {
    const source = Buffer.from(code).toString('base64')
    const meant = decode(
      await elixir.erl.evalBytes(
        `element(1, 'Elixir.Code':eval_string(base64:decode(<<"${source}">>)))`,
      ),
      { floats: 'wrap' },
    )
    if (!code.includes('|>')) {
      expect(format(parse(code, { syntax: 'elixir' }))).toBe(format(meant))
    }
    const shown = await elixir.eval(code)
    expect(equals(parse(shown, { syntax: 'elixir' }), meant), shown).toBe(true)
  })
})
