import { afterAll, describe, expect, it } from 'vitest'
import { decode, encode } from '../../lib/native/codec.js'
import { equals } from '../../lib/term/compare.js'
import { ErlangCodec } from './erlang-codec.js'
import { goldenTerms } from './golden-terms.js'

const erlang = new ErlangCodec()
afterAll(() => erlang.stop())

describe('golden bytes made by Erlang', () => {
  it('cover every tag', () => {
    expect(goldenTerms.length).toBeGreaterThan(200)
  })

  it.each(goldenTerms)('decode and encode again to the same term: $name', async ({ bytes }) => {
    const term = decode(bytes, { floats: 'wrap' })
    const written = encode(term)
    expect(equals(decode(written, { floats: 'wrap' }), term)).toBe(true)
    expect(await erlang.same(bytes, written)).toBe(true)
  })

  it.each(goldenTerms)('are refused wherever they are cut off: $name', ({ bytes }) => {
    const step = Math.max(1, Math.floor(bytes.length / 64))
    for (let length = 0; length < bytes.length; length += step) {
      expect(() => decode(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'ERR_ERL_DECODE' }),
      )
    }
  })

  it.each(goldenTerms)('decode alike when bytes follow them: $name', ({ bytes }) => {
    const followed = Buffer.concat([bytes, Buffer.of(131, 97, 1)])
    expect(equals(decode(followed, { floats: 'wrap' }), decode(bytes, { floats: 'wrap' }))).toBe(
      true,
    )
  })
})
