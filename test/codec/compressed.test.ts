import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../lib/native/codec.js'
import type { TermInput } from '../../lib/term/term.js'

/** As `term_to_binary(Term, [compressed])` writes it; `size` is what the term claims to be. */
function compressed(term: TermInput, size?: number): Buffer {
  const plain = encode(term).subarray(1)
  return withSize(deflateSync(plain), size ?? plain.length)
}

function withSize(stream: Uint8Array, size: number): Buffer {
  const head = Buffer.of(131, 80, 0, 0, 0, 0)
  head.writeUInt32BE(size, 2)
  return Buffer.concat([head, stream])
}

const refusal = (message: string) =>
  expect.objectContaining({ code: 'ERR_ERL_DECODE', message: expect.stringContaining(message) })

describe('a compressed term', () => {
  const term = Array.from({ length: 500 }, (_, i) => i)

  it.each([
    ['declares fewer bytes than it has', compressed(term, 10), 'broken'],
    ['declares more bytes than it has', compressed(term, 3_000), 'where 3000 were declared'],
    ['declares more than zlib can give', compressed(term, 100_000_000), 'cannot inflate to'],
    ['declares more than 128 MiB', compressed(term, 2 ** 32 - 1), 'above the limit'],
    ['is cut off', compressed(term).subarray(0, 40), 'broken'],
    ['has no stream', Buffer.of(131, 80, 0, 0, 0, 0), 'broken'],
    ['has no size', Buffer.of(131, 80, 0), 'cut off'],
    ['is no zlib stream', withSize(Buffer.alloc(100, 7), 100), 'broken'],
    ['is compressed twice', withSize(deflateSync(compressed(term).subarray(1)), 900), 'broken'],
  ])('is refused when it %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(refusal(message))
  })

  it('is refused when what it holds is no term', () => {
    expect(() => decode(withSize(deflateSync(Buffer.of(109, 0, 0, 0, 9)), 5))).toThrow(
      expect.objectContaining({ code: 'ERR_ERL_DECODE' }),
    )
  })

  it('costs no memory before its size is believed', () => {
    const bomb = withSize(deflateSync(Buffer.alloc(64 * 1024 * 1024)), 20)
    expect(() => decode(bomb)).toThrow(refusal('broken'))
  })

  it('decodes to the term, whatever follows it', () => {
    expect(decode(compressed(term))).toEqual(term)
    expect(decode(Buffer.concat([compressed(term), Buffer.of(1, 2, 3)]))).toEqual(term)
  })
})
