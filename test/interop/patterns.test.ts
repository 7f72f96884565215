import { decode, encode, erl, pattern } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'

describe('templates beside Erlang', () => {
  let erlNode: ErlNode
  beforeAll(async () => {
    erlNode = await ErlNode.start()
  })
  afterAll(() => erlNode.stop())

  it('receive what a pattern matches and leave the rest', async () => {
    await using node = await startBeside(erlNode)
    const self = node.spawn({ name: 'inbox' })
    const session = erlNode.session()
    await session.eval(
      `[{inbox, '${node.name}'} ! M || M <- [{other, 1}, {order, 6, [{qty, 2}]}, {order, 7, [{qty, 3}]}]]`,
    )
    const wanted = pattern<{ Qty: number }>`{order, ${7}, [{qty, Qty}]}`
    const message = await self.receive({ match: wanted, timeoutMs: 10_000 })
    expect(wanted.match(message)).toEqual({ Qty: 3 })
    expect(self.queueLength).toBe(2)
  })

  it.each([
    ['<<N:16, Body:N/binary, Rest/binary>>', '{N, Body, Rest}', '<<0,2,"abcd">>'],
    ['<<A:3, B:5, C:12/little, D/bitstring>>', '{A, B, C, D}', '<<161,35,18,52:7>>'],
    ['<<A/utf8, B/utf16, C/utf32>>', '{A, B, C}', '<<"\u{1f600}"/utf8, "\u{1f600}"/utf16, 65:32>>'],
    ['<<A/signed, B:16/little-signed, C:4/signed, _:4>>', '{A, B, C}', '<<255,254,255,200>>'],
    ['[A, [B | C] | D]', '{A, B, C, D}', '[1, [2, 3 | 4], 5]'],
    ['#{a := A, 1.0 := B}', '{A, B}', '#{a => #{}, 1.0 => x, 1 => y}'],
    ['{A, #{k := A}}', 'A', '{{1, "x"}, #{k => {1, "x"}, z => 1}}'],
  ])('bind by %s what Erlang binds', async (text, result, term) => {
    const [value, bound] = decode(
      await erlNode.evalBytes(`X = ${term}, ${text} = X, {X, ${result}}`),
      { floats: 'wrap' },
    ) as unknown as [never, never]
    const strings = Object.assign([text], { raw: [text] })
    const found = pattern(strings).match(value)
    const expected = pattern(Object.assign([result], { raw: [result] })).match(bound)
    expect(found).toMatchObject(expected ?? {})
    expect(expected).toBeDefined()
  })

  it('make what Erlang makes', async () => {
    const text = '{order, 42, [{qty, 3} | tail], #{k => <<42:16/little, "é"/utf8>>}}'
    const made = erl`{order, ${42}, [{qty, ${3}} | tail], #{k => <<${42}:16/little, "é"/utf8>>}}`
    expect(encode(decode(await erlNode.evalBytes(text)))).toEqual(encode(made))
  })
})
