import { describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { decode, encode } from '../../lib/native/codec.js'

function refusalOf(bytes: Uint8Array): ErlangError {
  try {
    decode(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(ErlangError)
    expect(error).toMatchObject({ code: 'ERR_ERL_DECODE' })
    return error as ErlangError
  }
  throw new Error(`decoded: ${Buffer.from(bytes).toString('hex').slice(0, 80)}`)
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('bytes that are no term', () => {
  it.each([
    ['nothing', ''],
    ['no version byte', '61 01'],
    ['the version byte alone', '83'],
    ['an unknown tag', '83 00'],
    ['an integer cut off', '83 62 00 00'],
    ['a binary longer than the bytes', '83 6d ff ff ff ff 00'],
    ['a tuple of more elements than bytes', '83 69 ff ff ff ff 61'],
    ['a list of more elements than bytes', '83 6c 7f ff ff ff 61 01'],
    ['a map of more pairs than bytes', '83 74 ff ff ff ff 61 01'],
    ['a list without tail', '83 6c 00 00 00 01 61 01'],
    ['a string longer than the bytes', '83 6b ff ff 01'],
    ['a large integer longer than the bytes', '83 6f ff ff ff ff 00 01'],
    ['a float that is none', '83 46 7f f0 00 00 00 00 00 00'],
    ['a NaN', '83 46 7f f8 00 00 00 00 00 00'],
    ['an old float that is no number', `83 63 ${'78'.repeat(31)}`],
    ['an atom that is no UTF-8', '83 77 02 c3 28'],
    ['a bitstring of 9 bits in its last byte', '83 4d 00 00 00 01 09 ff'],
    ['a pid whose node is no atom', '83 58 61 01 00 00 00 01 00 00 00 01 00 00 00 01'],
    ['a reference of too many words', `83 5a 00 06 77 01 61 00 00 00 01 ${'00'.repeat(24)}`],
    ['a distribution header', '83 44 00'],
    ['an atom cache reference', '83 52 00'],
  ])('are refused: %s', (_, bytes) => {
    expect(refusalOf(hex(bytes)).message).toMatch(/at byte \d+/)
  })

  it('are told by the offset at which they go wrong', () => {
    expect(refusalOf(hex('83 68 02 61 01 ff')).message).toMatch(/at byte [56]\b/)
  })

  it('are refused above 10,000 levels, in each sort of nesting', () => {
    const deep = (level: string, end: string) =>
      Buffer.concat([Buffer.of(131), Buffer.from(level.repeat(10_001), 'hex'), hex(end)])
    for (const level of ['6801', '6c00000001', '74000000016101']) {
      expect(refusalOf(deep(level, '6a'.repeat(10_002))).message).toMatch('deep')
    }
  })

  it('leave the codec in order', () => {
    refusalOf(hex('83 68 02 61 01'))
    expect(decode(encode([1, 'a']))).toEqual([1, Buffer.from('a')])
  })
})
