import { describe, expect, it } from 'vitest'
import { readTerm, termSyntax } from '../../lib/cli/arguments.js'
import { durationText, readDuration } from '../../lib/cli/duration.js'
import { jsonOf } from '../../lib/cli/output/json.js'
import { layOut } from '../../lib/cli/output/layout.js'
import { paint, tokensOf } from '../../lib/cli/output/paint.js'
import { table } from '../../lib/cli/output/table.js'
import { SyntaxFault, UsageError } from '../../lib/cli/usage-error.js'
import { format, parse, type Term } from '../../lib/index.js'

describe('a duration', () => {
  it.each(['5', '5x', '-1s', '', 's', '1e3s', '5 s'])('is refused: %j', (written) => {
    expect(() => readDuration('--timeout', written)).toThrow(UsageError)
    expect(() => readDuration('--timeout', written)).toThrow(
      `--timeout must be a number with its unit (500ms, 5s, 2m, 1h) or infinity, got "${written}"`,
    )
  })

  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('is read: %s', (written, ms) => {
    expect(readDuration('--timeout', written)).toBe(ms)
  })

  it('is written as short as it is read', () => {
    const written = [5_000, 1_500, Number.POSITIVE_INFINITY].map(durationText)
    expect(written).toEqual(['5s', '1500ms', 'infinity'])
  })
})

describe('a term of the command line', () => {
  const syntax = termSyntax({}, 'shop@127.0.0.1', 7)
  const json = termSyntax({ jsonArgs: true }, 'shop@127.0.0.1', 7)

  it('is refused with where it stops to be one', () => {
    expect(() => readTerm('[1,', syntax)).toThrow(SyntaxFault)
    expect(() => readTerm('[1,', syntax)).toThrow(/^\[1, is no term: expected .* column 4$/)
    expect(() => readTerm('{a}', json)).toThrow(/^\{a\} is no JSON: /)
    expect(() => termSyntax({ jsonArgs: true, elixir: true }, 'a@b', 0)).toThrow(UsageError)
  })

  it('is refused where JSON would lose digits', () => {
    expect(() => readTerm('{"a":[1,9007199254740993]}', syntax)).toThrow('more than 53 bits')
    expect(format(readTerm('9007199254740993', syntax))).toBe('9007199254740993')
  })

  it('is Erlang where it is Erlang as well as JSON', () => {
    expect(format(readTerm('{}', syntax))).toBe('{}')
    expect(format(readTerm('{}', json))).toBe('#{}')
    expect(format(readTerm('["ab",null]', syntax))).toBe('["ab",null]')
    expect(format(readTerm('["ab",null]', json))).toBe('[<<"ab">>,nil]')
  })

  it('is JSON where it is no Erlang', () => {
    expect(format(readTerm('{"a": {"b": [true, 1.5]}}', syntax))).toBe(
      '#{<<"a">> => #{<<"b">> => [true,1.5]}}',
    )
  })

  it('may be a pid as the peer prints it', () => {
    expect(readTerm('<0.87.0>', syntax)).toMatchObject({ creation: 7 })
    expect(format(readTerm('<0.87.0>', syntax))).toBe('<shop@127.0.0.1.87.0>')
  })
})

describe('a term as JSON', () => {
  it.each([
    ['12345678901234567890', '12345678901234567890'],
    ['1.0', '1.0'],
    ['1.5e300', '1.5e+300'],
    ['[nil,null,undefined,true,ok]', '[null,null,null,true,"ok"]'],
    ['{<<"x\\"y">>,<<255>>}', '["x\\"y",{"base64":"/w=="}]'],
    ['#{a => 1,<<"b">> => [],3 => c}', '{"a":1,"b":[],"3":"c"}'],
    ['#{a => 1,<<"a">> => 2}', '[["a",1],["a",2]]'],
    ['<shop@127.0.0.1.87.0>', '"<shop@127.0.0.1.87.0>"'],
    ['[1|2]', '"[1|2]"'],
    ['<<5:3>>', '"<<5:3>>"'],
    ['fun lists:map/2', '"fun lists:map/2"'],
    ['"ab"', '[97,98]'],
  ])('%s', (term, json) => {
    expect(jsonOf(parse(term), { charlists: false })).toBe(json)
    expect(() => JSON.parse(json)).not.toThrow()
  })

  it('has strings for lists of characters where that is asked for', () => {
    const json = jsonOf(parse('["ab",[],[1,2],[8364]]'), { charlists: true })
    expect(json).toBe('["ab",[],[1,2],"€"]')
  })

  it('is refused when it is too deep, with a plain error', () => {
    let term: Term = []
    for (let level = 0; level < 5_000; level += 1) term = [term]
    expect(() => jsonOf(term, { charlists: false })).toThrow('too deep for JSON')
  })
})

describe('the text of a term', () => {
  const samples = [
    '{ok,[1,-2.5e-3],"a,\\"b}",\'quo,ted\',atom@home}',
    '#{a => <<"x">>,<shop@127.0.0.1.87.0> => #Ref<shop@127.0.0.1.1.2.3>}',
    '[a|b]',
    '<<1,2,3:4>>',
  ]

  it.each(samples)('is the same when its tokens are put together: %s', (sample) => {
    expect(
      tokensOf(sample)
        .map(({ text }) => text)
        .join(''),
    ).toBe(sample)
  })

  it('has a colour for each kind', () => {
    expect(paint('{a,1,"s"}')).toBe('{\x1b[36ma\x1b[39m,\x1b[33m1\x1b[39m,\x1b[32m"s"\x1b[39m}')
  })

  it.each(samples)('stays on one line where it fits: %s', (sample) => {
    expect(laidOut(sample, 200)).toBe(sample)
  })

  it('has what does not fit below each other, and is the same but for white space', () => {
    expect(laidOut('{order,[{id,7},{items,["tea","milk"]}],done}', 24)).toBe(
      '{order,\n [{id,7},\n  {items,["tea","milk"]}],\n done}',
    )
  })

  it('fills lines with what has no brackets', () => {
    const numbers = format(Array.from({ length: 40 }, (_, index) => index + 1_000))
    const lines = laidOut(numbers, 30).split('\n')
    expect(lines).toHaveLength(8)
    expect(lines.every((line) => line.length <= 30)).toBe(true)
  })

  it('stays on one line when it is deeper than a screen', () => {
    let term: Term = []
    for (let level = 0; level < 9_000; level += 1) term = [term]
    expect(laidOut(format(term), 80)).not.toContain('\n')
  })

  function laidOut(text: string, width: number): string {
    return layOut(text, width)
      .map((token) => token.text)
      .join('')
  }
})

describe('a table', () => {
  it('has columns as wide as their widest cell', () => {
    expect(
      table([
        ['NAME', 'RUNS'],
        ['cleanup', '7'],
        ['x', ''],
      ]),
    ).toEqual(['NAME     RUNS', 'cleanup  7', 'x'])
  })
})
