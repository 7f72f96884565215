import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPattern, type PeerChoice, resolvePeerChoice } from '../../lib/node/peer-pattern.js'

describe('a choice of peers', () => {
  it.each([
    ['shop@127.0.0.1', 'an array of node names or a function'],
    [undefined, 'an array of node names or a function'],
    [[7], 'a node name such as "web@127.0.0.1"'],
  ])('refuses %o', (choice, message) => {
    const resolve = () => resolvePeerChoice('exposeTo', choice as unknown as PeerChoice)
    expect(resolve).toThrow(TypeError)
    expect(resolve).toThrow(`exposeTo must be ${message}`)
  })

  it.each(['', 'shop', '@host', 'shop@', 'a b@host', 'a@b@c', 'sh?p@host', '**'])(
    'refuses the text %o',
    (pattern) => {
      expect(() => resolvePeerChoice('exposeTo', [pattern])).toThrow(RangeError)
    },
  )

  it.each([
    [['shop@10.0.0.1'], 'shop@10.0.0.1', true],
    [['shop@10.0.0.1'], 'shop@10.0.0.11', false],
    [['shop@10.0.0.1'], 'Shop@10.0.0.1', false],
    [['shop@10.0.0.*'], 'shop@10.0.0.11', true],
    [['shop@10.0.0.*'], 'shop@10x0.0.11', false],
    [['*@10.0.0.1'], 'x@10.0.0.1', true],
    [['*@10.0.0.1'], 'x@10.0.0.1.evil', false],
    [['sh*@*.org'], 'shop@a.example.org', true],
    [['sh*@*.org'], 'shop@org', false],
    [['*'], 'anything@anywhere', true],
    [[], 'shop@10.0.0.1', false],
    [['a@b', 'c*@d'], 'cc@d', true],
  ])('%o and %s: %s', (choice, peer, meant) => {
    expect(resolvePeerChoice('exposeTo', choice)(peer)).toBe(meant)
  })

  it('takes the word of a function when that is true, and no other', () => {
    const ask = (answer: unknown) =>
      resolvePeerChoice('exposeTo', () => answer as boolean)('shop@127.0.0.1')
    expect(ask(true)).toBe(true)
    expect([false, 1, 'yes', Promise.resolve(true), undefined].map(ask)).toEqual(
      Array.from({ length: 5 }, () => false),
    )
  })

  it('takes a function that throws for a no, and throws that later', async () => {
    const uncaught = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
    const test = resolvePeerChoice('exposeTo', (peer) => {
      throw new Error(`who is ${peer}?`)
    })
    expect(test('shop@127.0.0.1')).toBe(false)
    expect(String(await thrown)).toContain('who is shop@127.0.0.1?')
    for (const listener of uncaught) process.on('uncaughtException', listener)
  })

  it('matches as the regular expression of the pattern does', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12 })
    const names = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 })
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*')
        expect(matchesPattern(pattern, name)).toBe(new RegExp(`^${source}$`).test(name))
      }),
    )
  })

  it('matches in no time a name that is made to take long', () => {
    const pattern = `${'*a'.repeat(60)}b@*`
    const before = process.cpuUsage()
    expect(matchesPattern(pattern, `${'a'.repeat(250)}@h`)).toBe(false)
    // Of the processor, in microseconds: that others use it too is nothing to this.
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})
