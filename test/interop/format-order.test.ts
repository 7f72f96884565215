import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compare, equals } from '../../lib/term/compare.js'
import { float } from '../../lib/term/float.js'
import { format } from '../../lib/term/format.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { externalFormat } from '../helpers/external-format.js'
import { anyTerm, LARGE_MAPS, ORDERED, PRINTABLE } from '../helpers/term-samples.js'

/** What Erlang says about terms it reads from the file `TERMS`; one answer to a line. */
const PROGRAMS = {
  /** [{Term, Text}]: the text it prints, and whether our text reads back as the same term. */
  text: `
    Printed = fun(T) -> base64:encode(unicode:characters_to_binary(io_lib:format("~0p", [T]))) end,
    Read = fun(Text) ->
      {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text) ++ " ."),
      {ok, T} = erl_parse:parse_term(Tokens), T end,
    lists:foreach(fun({T, Text}) ->
      Same = try Read(Text) =:= T catch _:_ -> unreadable end,
      io:format("~s ~s~n", [Printed(T), Same]) end, Terms)`,
  /** [Term]: the positions (from 0) in lists:sort's order, equal ones as they came. */
  sort: `
    Numbered = lists:zip(Terms, lists:seq(0, length(Terms) - 1)),
    Sorted = lists:sort(fun({A, I}, {B, J}) -> A < B orelse (A == B andalso I =< J) end, Numbered),
    [io:format("~b~n", [I]) || {_, I} <- Sorted]`,
  /** [Term]: each against each, as < > for order, = for =:= and ~ for == alone. */
  pairs: `
    Sign = fun(A, B) when A < B -> $<; (A, B) when A > B -> $>;
              (A, B) when A =:= B -> $=; (_, _) -> $~ end,
    [io:format("~s~n", [[Sign(A, B) || B <- Terms]]) || A <- Terms]`,
}

const run = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beamlink-terms-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function askErlang(program: keyof typeof PROGRAMS, terms: TermInput): Promise<string[]> {
  const file = join(folder, program)
  await writeFile(file, externalFormat(terms))
  const code = `{ok, Bytes} = file:read_file(os:getenv("TERMS")),
    Terms = binary_to_term(Bytes), ${PROGRAMS[program]}, halt().`
  const { stdout } = await run('erl', ['-noinput', '-start_epmd', 'false', '-eval', code], {
    env: { ...process.env, TERMS: file },
    maxBuffer: 64 << 20,
    timeout: 60_000,
  })
  return stdout.trimEnd().split('\n')
}

/** The seed of a failing run stands in the names of its tests. */
const seed = Math.trunc(Math.random() * 2 ** 31)
const RANDOM = fc.sample(anyTerm, { numRuns: 600, seed })
const RANDOM_FLOATS = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }).map(float), {
  numRuns: 1000,
  seed,
})
const RANDOM_DECIMALS = fc
  .sample(fc.tuple(fc.integer({ min: 1, max: 999999 }), fc.integer({ min: -25, max: 25 })), {
    numRuns: 1000,
    seed,
  })
  .map(([digits, exponent]) => float(Number(`${digits}e${exponent}`)))

describe('format', () => {
  async function expectErlangToRead(terms: readonly TermInput[]): Promise<string[]> {
    const answers = await askErlang(
      'text',
      terms.map((term) => tuple(term, format(term))),
    )
    expect(answers.length).toBe(terms.length)
    const unequal = terms.filter((_, i) => !answers[i]?.endsWith(' true'))
    expect(unequal.map((term) => format(term))).toEqual([])
    return answers
  }

  async function expectErlangToAgree(terms: readonly TermInput[]): Promise<void> {
    const answers = await expectErlangToRead(terms)
    const expected = answers.map((line) =>
      Buffer.from(line.split(' ')[0] ?? '', 'base64').toString(),
    )
    expect(terms.map((term) => format(term))).toEqual(expected)
  }

  it('prints what ~0p prints, and Erlang reads back the same term', async () => {
    await expectErlangToAgree(PRINTABLE)
  })

  it('prints maps above 32 keys so that Erlang reads back the same map', async () => {
    await expectErlangToRead(LARGE_MAPS)
  })

  it(`prints floats as Erlang does (seed ${seed})`, async () => {
    await expectErlangToAgree([...RANDOM_FLOATS, ...RANDOM_DECIMALS])
  })

  it(`prints random terms as Erlang does (seed ${seed})`, async () => {
    await expectErlangToAgree(RANDOM)
  })
})

describe('compare', () => {
  async function expectSameOrder(terms: readonly TermInput[]): Promise<void> {
    const answers = await askErlang('sort', [...terms])
    const sorted = terms
      .map((_, at) => at)
      .sort((i, j) => compare(terms[i] as Term, terms[j] as Term) || i - j)
    const shown = (order: readonly number[]) => order.map((at) => format(terms[at] as Term))
    expect(shown(sorted)).toEqual(shown(answers.map(Number)))
  }

  it('sorts terms of all types as lists:sort does', async () => {
    await expectSameOrder(ORDERED)
  })

  it(`sorts random terms as lists:sort does (seed ${seed})`, async () => {
    await expectSameOrder([...RANDOM, ...RANDOM_FLOATS])
  })

  it('agrees with <, =:= and == on every pair, and equals with =:=', async () => {
    const answers = await askErlang('pairs', ORDERED)
    const sign = (left: TermInput, right: TermInput) => {
      const order = compare(left, right)
      if (order !== 0) return order < 0 ? '<' : '>'
      return equals(left, right) ? '=' : '~'
    }
    for (const [row, left] of ORDERED.entries()) {
      const ours = ORDERED.map((right) => sign(left, right)).join('')
      expect(ours, `row ${row}: ${format(left)}`).toBe(answers[row])
    }
  })
})
