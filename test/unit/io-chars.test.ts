import { describe, expect, it } from 'vitest'
import { charsLength, firstChars } from '../../lib/otp/io/chars.js'

const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'

describe('the characters of a long text', () => {
  it.each([
    ['letters with accents', 'e\u0301'],
    ['flags', '\u{1F1E9}\u{1F1EA}'],
    ['joined emoji', family],
    ['line breaks', '\r\n'],
  ])('are counted wherever it is cut: %s', (_what, character) => {
    for (let before = 0; before < character.length; before += 1) {
      const text = `${'x'.repeat(before)}${character.repeat(1_000)}`
      expect(charsLength(text)).toBe(before + 1_000)
      expect(firstChars(text, before + 999)).toBe(text.slice(0, -character.length))
    }
  })

  it('are one where that is longer than a piece', () => {
    const tall = `a${'\u0301'.repeat(5_000)}`
    expect(charsLength(`${tall}b`)).toBe(2)
    expect(firstChars(`${tall}b`, 1)).toBe(tall)
  })

  it('are counted in time with its length, not with the square', () => {
    expect(charsLength('\u{1F600}'.repeat(100_000))).toBe(100_000)
  })
})
