import { describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { charlist, ImproperList, improper } from '../../lib/term/list.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { text } from '../../lib/term/text.js'
import { tuple } from '../../lib/term/tuple.js'

describe('text', () => {
  it.each([
    [undefined],
    [1],
    [atom('ok')],
    [null],
    [tuple('a')],
    [{}],
    [bitstring(Buffer.of(1), 3)],
    [[atom('a')]],
    [['a', [tuple()]]],
    [improper(['a'], 98)],
  ])('refuses %s, which is no text', (term) => {
    expect(() => text(term as TermInput)).toThrow(TypeError)
  })

  it.each([[-1], [0x110000], [0xd800], [1.5], [10n ** 20n]])(
    'refuses %s as a character',
    (code) => {
      expect(() => text([97, code])).toThrow(TypeError)
    },
  )

  it.each([
    ['a binary', Buffer.of(0xff)],
    ['a list', [Buffer.of(0xc3), 0x28]],
    ['a cut character', [Buffer.of(0xc3)]],
  ] as [string, Term][])('rejects %s that is not UTF-8 with ERR_ERL_DECODE', (_, term) => {
    const thrown = (() => {
      try {
        return text(term)
      } catch (error) {
        return error
      }
    })()
    expect(ErlangError.is(thrown) && thrown.code).toBe('ERR_ERL_DECODE')
  })

  it('refuses a list that contains itself', () => {
    const endless: Term[] = []
    endless.push('a', endless)
    expect(() => text(endless)).toThrow(RangeError)
  })

  it.each([
    ['a string', 'héllo', 'héllo'],
    ['a Buffer', Buffer.from('héllo €'), 'héllo €'],
    ['a view into other bytes', new Uint8Array([120, 97, 98, 120]).subarray(1, 3), 'ab'],
    ['a charlist', charlist('a€\u{1f600}'), 'a€\u{1f600}'],
    ['a list of code points', [104, 8364, 0x1f600], 'h€\u{1f600}'],
    ['[]', [], ''],
    ['an iolist', ['a', [98, [Buffer.from('c')], []], charlist('d')], 'abcd'],
    ['an iolist with a binary as tail', improper([97, 'b'], 'c'), 'abc'],
    ['a list with a list as tail', new ImproperList([97], [98, 'c']), 'abc'],
    ['a character cut by the end of a binary', [Buffer.of(0xe2, 0x82), Buffer.of(0xac)], '€'],
  ] as [string, TermInput, string][])('reads %s', (_, term, expected) => {
    expect(text(term)).toBe(expected)
  })

  it('reads an iolist of 100,000 levels', () => {
    let term: Term = 'x'
    for (let i = 0; i < 100_000; i++) term = ['a', term]
    expect(text(term)).toBe(`${'a'.repeat(100_000)}x`)
  })
})
