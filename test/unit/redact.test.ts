import { describe, expect, it } from 'vitest'
import { Redactor, secretKeys } from '../../lib/node/observe/redact.js'
import { atom } from '../../lib/term/atom.js'
import { format } from '../../lib/term/format.js'
import { charlist, improper } from '../../lib/term/list.js'
import { parse } from '../../lib/term/parse.js'
import type { TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

const redactor = new Redactor([...secretKeys, 'pin'], ['monster'])

function shown(term: TermInput): string {
  return format(redactor.redact(term))
}

describe('what is a secret', () => {
  it.each([
    ['#{password => "x", user => <<"ann">>}', '#{password => \'***\',user => <<"ann">>}'],
    ['#{<<"db_Password">> => <<"x">>}', '#{<<"db_Password">> => \'***\'}'],
    ['[{token, "x"}, {user, "ann"}]', '[{token,\'***\'},{user,"ann"}]'],
    ['{password, "user", {"deep", "x"}}', "{password,'***','***'}"],
    ['[login, "ann", password, "x", last]', '[login,"ann",password,\'***\',last]'],
    ['[r, erlang, set_cookie, [node, x]]', "[r,erlang,set_cookie,'***']"],
    ['{<<"a1-hash">>, <<"0123">>}', '{<<"a1-hash">>,\'***\'}'],
    ['{"Authorization", "Basic eA=="}', '{"Authorization",\'***\'}'],
    ['{pin, 1234}', "{pin,'***'}"],
    ['{a, monster, <<"the monster here">>, "monster"}', '{a,\'***\',<<"the *** here">>,"***"}'],
    ['<<"user=ann&password=x1&z=1">>', '<<"user=ann&password=***&z=1">>'],
    ['<<"{\\"token\\": \\"x1\\", \\"a\\": 1}">>', '<<"{\\"token\\": \\"***\\", \\"a\\": 1}">>'],
    [
      '<<"<param name=\\"password\\" value=\\"1234\\"/>">>',
      '<<"<param name=\\"password\\" value=\\"***\\"/>">>',
    ],
    ['{ok, <<0,255,112,97,115,115,119,111,114,100,61,120,0>>}', undefined],
  ])('in %s', (text, expected) => {
    const printed = shown(parse(text))
    if (expected === undefined) expect(printed).not.toContain('61,120')
    else expect(printed).toBe(expected)
  })

  it.each(['{user, "ann", 7}', '#{list => [1,2,3], f => 1.5}', '[a|b]', '<<1,2,200>>', '<<1:3>>'])(
    'is nothing in %s',
    (text) => {
      expect(shown(parse(text))).toBe(format(parse(text)))
    },
  )

  it('is taken out of charlists and improper lists of this side, too', () => {
    expect(shown(charlist('password=x'))).toBe('"password=***"')
    expect(shown(improper([tuple(atom('token'), 1)], atom('monster')))).toBe(
      "[{token,'***'}|'***']",
    )
  })
})

describe('what is long', () => {
  it('is cut: lists, maps, binaries, texts and depths', () => {
    const list = redactor.redact(Array.from({ length: 10_000 }, (_, i) => i * 1_000_000_000))
    expect((list as unknown[]).length).toBe(201)
    expect(shown(Buffer.alloc(1_000_000, 'x')).length).toBeLessThan(2_100)
    expect(shown(Buffer.alloc(1_000_000, 200)).length).toBeLessThan(9_000)
    expect(shown('é'.repeat(10_000)).length).toBeLessThan(9_000)
    expect(shown(charlist('x'.repeat(100_000))).length).toBeLessThan(2_100)
    expect(shown(new Map(Array.from({ length: 1_000 }, (_, i) => [i, i])))).toContain('...')
    let deep: TermInput = 1
    for (let i = 0; i < 1_000; i += 1) deep = [deep]
    expect(shown(deep)).toMatch(/^\[{50}'\.\.\.'\]{50}$/)
  })
})
