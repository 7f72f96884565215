import { readFileSync } from 'node:fs'
import path from 'node:path'
import { atom, charlist, decode, improper, type Term, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatText } from '../../lib/otp/io/format.js'
import { ErlNode } from '../helpers/erl-node.js'

let erl: ErlNode
beforeAll(async () => {
  erl = await ErlNode.start()
})
afterAll(() => erl.stop())

/** What Erlang makes of `Format, Args`, and what we make of the same terms. */
async function both(source: string): Promise<{ erlang: string; ours: string }> {
  const bytes = await erl.evalBytes(`
    {F, A} = {${source}},
    Text = try unicode:characters_to_binary(io_lib:format(F, A)) of
      B when is_binary(B) -> B;
      _ -> <<"badarg">>
    catch error:_ -> <<"badarg">> end,
    {F, A, Text}`)
  const [format, args, text] = decode(bytes, { floats: 'wrap' }) as unknown as unknown[]
  return { erlang: String(text), ours: ourText(format, args) }
}

function ourText(format: unknown, args: unknown): string {
  try {
    return formatText(format, args)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return 'badarg'
    throw error
  }
}

const longTerms = [
  'lists:seq(1, 60)',
  '[{key, I, <<I:64>>} || I <- lists:seq(1, 12)]',
  '{a_rather_long_tag, lists:seq(1, 30), {another_tag, "text that is long enough to break", [x, y]}}',
  '{error, {{badmatch, {error, {already_started, some_process_name}}}, [{my_module, my_function, 3, [{file, "src/my_module.erl"}, {line, 42}]}, {gen_server, init_it, 2, [{file, "gen_server.erl"}, {line, 851}]}]}}',
  'maps:from_list([{I, {value, I * I}} || I <- lists:seq(1, 20)])',
  '#{name => "a long name of something", nested => #{inner => lists:seq(100, 130), other => <<"binary text">>}, list => [a, b, c]}',
  '#{lists:seq(1, 40) => lists:seq(1, 40), {a, b} => #{c => lists:duplicate(30, element)}}',
  'binary:copy(<<0, 127, 255>>, 40)',
  '{bin, binary:copy(<<0, 1>>, 60), <<1, 2, 3:5>>}',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[deep, lists:seq(1, 30)]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
  '{t, {t, {t, {t, {t, {t, {t, {t, {t, {t, {t, {t, {t, {t, {t, lists:seq(1, 40)}}}}}}}}}}}}}}}',
  '[lists:seq(1, 20) | lists:seq(21, 40) ++ improper_tail_of_a_list]',
  '[a_long_atom_as_an_element, another_long_atom_as_element | {a, tuple, as, the, tail, behind, it}]',
  'list_to_tuple(lists:seq(1, 50))',
  '{[], {}, #{}, <<>>, "", [[]], lists:duplicate(20, {1.5, -0.0, 1.0e100})}',
  '[{I, lists:duplicate(I, $a)} || I <- lists:seq(1, 30)]',
  '"a string that is longer than the line, because nobody cut it when it was written, so it goes on"',
  'lists:duplicate(3, "a string that is about as long as half of the line is")',
]

describe('io_lib:format', () => {
  it.each(longTerms)('breaks the lines of %s as Erlang does', async (term) => {
    const directives = [
      '~p',
      '~tp',
      '~w',
      '~lp',
      '~40p',
      '~120p',
      '~0p',
      '~20.5p',
      'abc\\tde ~p',
      '~n~p',
    ]
    for (const directive of directives) {
      const { erlang, ours } = await both(`"${directive}", [${term}]`)
      expect(ours, directive).toBe(erlang)
    }
  })

  it.each(longTerms)('cuts %s at a depth as Erlang does', async (term) => {
    for (const depth of [0, 1, 2, 3, 5, 9, 30]) {
      const { erlang, ours } = await both(
        `"~P|~tP|~40P", [${`${term}, ${depth}, `.repeat(3).slice(0, -2)}]`,
      )
      expect(ours, `depth ${depth}`).toBe(erlang)
    }
  })

  it('writes at a depth', async () => {
    for (const depth of [0, 2, 3, 5, 9]) {
      const { erlang, ours } = await both(
        `"~W ~tW ~W", [{a, [b, c, {d, "text"}], <<1, 2, 3, 4>>}, ${depth}, [1, 2 | 3], ${depth}, #{a => 1, b => 2, c => 3, d => 4, e => 5, f => 6, g => 7, h => 8, i => 9}, ${depth}]`,
      )
      expect(ours, `depth ${depth}`).toBe(erlang)
    }
  })

  it.each([
    ['text', '"plain ~~ text~n~2n~3~", []'],
    ['text in an atom and a binary', "'~w~n', [a]"],
    ['a binary format as latin1', '<<"~w é"/utf8>>, [a]'],
    ['characters of a format', '[$~, $w, 8364], [a]'],
    [
      'strings',
      '"~s ~s ~s|~10s|~-10s|~10.3s|~-10.3s|~.3s|~.10s|", ["abc", abc, <<"abc">>, "abc", "abc", "abcdef", "abcdef", "abcdef", "abc"]',
    ],
    [
      'strings with padding',
      '"~10..*s|~10.5.0s|~-8..xs|~*s|~*.*s", [$-, "ab", "ab", "ab", 5, "ab", 6, 3, "abcd"]',
    ],
    [
      'deep strings',
      '"~s ~ts", [["ab", [$c, <<"d">>], [[]] | <<"e">>], ["ä", [8364, <<"ü€"/utf8>>] | <<"x">>]]',
    ],
    [
      'unicode',
      '"~ts ~ts ~ts|~8ts|~.2ts", [[8364], \'ж\', <<"é"/utf8>>, [8364, $e, 769], [101, 769, 97, 98]]',
    ],
    ['binaries that are not UTF-8', '"~ts ~s", [<<233, 97>>, <<233, 97>>]'],
    ['atoms', "\"~w ~tw ~p ~tp ~s\", ['A b', 'ж', 'ж', 'ж', 'A b']"],
    ['reserved words and empty atoms', "\"~w ~p ~w\", ['end', '', 'it\\'s']"],
    ['strings in terms', '"~p ~tp ~w ~lp", ["é\\n", [8364], "ab", "ab"]'],
    [
      'binaries in terms',
      '"~p ~tp ~tp ~p ~lp ~p", [<<"é"/utf8>>, <<"é"/utf8>>, <<233>>, <<"a\\"b">>, <<"ab">>, <<1:3>>]',
    ],
    [
      'integers',
      '"~b ~b ~.16b ~.16B ~.2b ~8b ~-8b| ~8..0b ~.36B", [0, -255, 255, -255, 5, 42, 42, 42, 1 bsl 100]',
    ],
    [
      'integers with prefix',
      '"~x ~X ~.16x ~.16X ~.16+ ~.16# ~.2+ ~10.16.0x", [31, "a", 31, [<<"b">>] -- [<<"b">>], 31, "0x", -31, \'0X\', -31, -31, 5, 255, "0x"]',
    ],
    [
      'a field that is too narrow',
      '"~2b ~2w ~3s ~4.2w ~1.5w", [12345, abcdef, "abcdef", abcdef, abcdef]',
    ],
    ['fields of terms', '"~10w|~-10w|~10..-w|~.5w", [abc, abc, {a}, abcdefgh]'],
    [
      'floats with exponent',
      '"~e ~e ~.3e ~12.4e ~-12.3e| ~.30e ~e ~e", [1.0, -0.0, 123.456, 123.456, 1.0e-10, 0.1, 9.9999999, 1.0e300]',
    ],
    [
      'decimal floats',
      '"~f ~.1f ~.2f ~10.3f ~f ~.2f ~.3f ~.25f", [1.0, 0.05, 99.995, -1.5, 1.0e20, 0.001, 9.9996, 0.1]',
    ],
    [
      'general floats',
      '"~g ~g ~g ~g ~g ~g ~.3g ~.1g ~.10g ~12.4g", [0.01, 0.1, 1.0, 1234.5678, 9999.9, 10000.0, 3.14159, 0.5, 2.5, -7.25]',
    ],
    ['characters', '"~c~c~tc ~5c ~.3c ~5.3c|~-5.3c|", [$a, 256 + $b, 8364, $x, $y, $z, $w]'],
    ['ignored arguments', '"~i~w~i", [a, b, c]'],
    [
      'columns of terms behind text',
      '"~s: ~p, ~p~n~p", ["a label of some length", lists:seq(1, 25), lists:seq(1, 25), lists:seq(1, 25)]',
    ],
    ['functions that are exported', '"~p ~w", [fun lists:map/2, fun lists:map/2]'],
  ])('writes %s', async (_what, source) => {
    const { erlang, ours } = await both(source)
    expect(erlang).not.toBe('badarg')
    expect(ours).toBe(erlang)
  })

  it.each([
    '"~w", []',
    '"~w", [a, b]',
    '"~z", [a]',
    '"~", []',
    '"~s", [{a}]',
    '"~s", [1.5]',
    '"~s", [[256]]',
    '"~b", [1.5]',
    '"~b", [a]',
    '"~.1b", [1]',
    '"~.37b", [1]',
    '"~e", [1]',
    '"~.1e", [1.0]',
    '"~.0f", [1.0]',
    '"~-5p", [a]',
    '"~c", [a]',
    '"~*w", [a, b]',
    '"~-w", [a]',
    '"~3.5s", ["a"]',
    '"~w", not_a_list',
    '{not_a_format}, []',
    '"~ts", [[55296]]',
    '"~W", [a, b]',
  ])('refuses %s', async (source) => {
    expect(await both(source)).toEqual({ erlang: 'badarg', ours: 'badarg' })
  })

  it('takes no longer for tails in tails than for lists in lists', () => {
    const tails = Array.from({ length: 200 }).reduce<Term>(
      (inner) => tuple(atom('tag'), improper([1], inner)),
      tuple(atom('tag'), 'x'.repeat(100)),
    )
    expect(formatText(charlist('~p'), [tails])).toContain('tag')
  })

  it('refuses fields and texts that are meant to fill the memory', () => {
    expect(() => formatText(charlist('~1000001w'), [1])).toThrow(RangeError)
    expect(() => formatText(charlist('~1000000w'.repeat(70)), Array(70).fill(1))).toThrow(
      RangeError,
    )
  })

  it.each([1, 2, 3])('prints random terms as Erlang does, seed %i', async (seed) => {
    await erl.load(readFileSync(path.join(__dirname, '../helpers/random_print.erl'), 'utf8'))
    const cases = decode(await erl.evalBytes(`random_print:cases(${seed}, 500)`), {
      floats: 'wrap',
    })
    for (const [format, args, text] of cases as Iterable<[number[], Term[], Buffer]>) {
      expect(ourText(format, args), `${String.fromCodePoint(...format)}`).toBe(String(text))
    }
  })
})
