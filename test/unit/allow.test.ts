import { describe, expect, it } from 'vitest'
import { Admission, type Allow, type AllowEntry } from '../../lib/node/access/allow.js'

const name = 'shop@10.0.0.7'
const address = '10.0.0.7'

function admits(allow: Allow, caller = { name, address }) {
  return new Admission(allow).admits(caller)
}

/** Whether one entry alone admits a name from an address. */
function fits(entry: AllowEntry, caller: { name?: string; address?: string } = {}) {
  return admits([entry], { name, address, ...caller }) === true
}

describe('entries of allow that are none', () => {
  it.each([
    ['shop', 'allow[1] must be an address, a network such as 10.0.0.0/8, or a list'],
    ['', 'allow[1] must be an address'],
    ['shop*', 'a node name has an @, got "shop*" (string)'],
    ['10.0.0.0/33', 'allow[1] must be an address'],
    ['10.0.0/8', 'allow[1] must be an address'],
    ['fe80::1%eth0', 'allow[1] must be an address'],
    ['::ffff:10.0.0.0/95', 'allow[1] must be an address'],
    ['nothing.auto', 'allow[1] must be an address'],
    ['@host', 'allow[1] must be a node name'],
    ['shop@', 'allow[1] must be a node name'],
    ['a@b@c', 'allow[1] must be a node name'],
    ['a b@c', 'allow[1] must be a node name'],
    [{}, 'allow[1] must be an object with name, address or both'],
    [{ name: 'shop' }, 'allow[1].name must be a node name'],
    [{ name: '*@*', address: 'lan' }, 'allow[1].address must be an address'],
  ])('%o is refused with its place', (entry, message) => {
    expect(() => new Admission(['*@*', entry as AllowEntry])).toThrow(RangeError)
    expect(() => new Admission(['*@*', entry as AllowEntry])).toThrow(message)
  })

  it.each([
    [[null], 'allow[0] must be a node name or a pattern of one, a network, { name, address } or a'],
    [[7], 'allow[0] must be a node name or a pattern of one'],
    [[{ nam: 'a@b' }], 'unknown option "nam" of allow[0]; did you mean "name"?'],
    [[{ address: 7 }], 'allow[0].address must be an address'],
    [[{ name: 7 }], 'allow[0].name must be a node name'],
    ['shop@h', 'allow must be an array of entries, or a function, got "shop@h" (string)'],
    [{}, 'allow must be an array of entries'],
  ])('%o is a TypeError', (allow, message) => {
    expect(() => new Admission(allow as unknown as Allow)).toThrow(TypeError)
    expect(() => new Admission(allow as unknown as Allow)).toThrow(message)
  })
})

describe('entries of allow', () => {
  it.each([
    ['shop@10.0.0.7', true],
    ['shop@10.0.0.70', false],
    ['*@10.0.0.7', true],
    ['shop@*', true],
    ['s*p@*.7', true],
    ['sh*@10.*.0.*', true],
    ['*@*', true],
    ['**@**', true],
    ['*', true],
    ['web@*', false],
    ['*@10.0.0.8', false],
    ['s*q@*', false],
    // What matches twice must be there twice.
    ['shop*shop@*', false],
    ['*op@10*0.0.7', true],
    ['*@10.0.0.7*0.0.7', false],
    // A dot is a dot.
    ['shop@10.0.0.*', true],
    ['shop@10.0.0...', false],
  ])('the name pattern %s', (pattern, expected) => {
    expect(fits(pattern)).toBe(expected)
  })

  it('take a name from anywhere, and an address whatever the name', () => {
    expect(fits('shop@*', { address: '192.0.2.1' })).toBe(true)
    expect(fits('10.0.0.0/8', { name: 'anything@elsewhere' })).toBe(true)
    // The host in a name says nothing of where it comes from.
    expect(fits('10.0.0.0/8', { address: '192.0.2.1' })).toBe(false)
  })

  it.each([
    ['10.0.0.7', true],
    ['10.0.0.8', false],
    ['10.0.0.0/29', true],
    ['10.0.0.0/30', false],
    ['0.0.0.0/0', true],
    ['::ffff:10.0.0.7', true],
    ['::ffff:10.0.0.0/104', true],
    ['::ffff:10.0.0.8/128', false],
    ['::/0', false],
    ['rfc1918.auto', true],
    ['loopback.auto', false],
  ])('the network %s', (network, expected) => {
    expect(fits(network)).toBe(expected)
  })

  it.each([
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['2001:db8::1', '2001:db8:0:0:0:0:0:1', true],
    ['2001:db8::1/127', '2001:db8::2', false],
    ['::1', '::1', true],
    ['loopback.auto', '::1', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', 'unix', false],
  ])('%s and the address %s', (network, from, expected) => {
    expect(fits(network, { address: from })).toBe(expected)
  })

  it('of name and address want both', () => {
    const both = { name: 'shop@*', address: '10.0.0.0/8' }
    expect(fits(both)).toBe(true)
    expect(fits(both, { name: 'web@10.0.0.7' })).toBe(false)
    expect(fits(both, { address: '192.0.2.1' })).toBe(false)
    expect(fits({ name: 'shop@*' }, { address: '192.0.2.1' })).toBe(true)
    expect(fits({ address: '10.0.0.7' }, { name: 'web@h' })).toBe(true)
  })

  it('admit whom one of them admits; none admit nobody', () => {
    expect(admits(['web@*', '192.0.2.0/24', 'shop@*'])).toBe(true)
    expect(admits(['web@*', '192.0.2.0/24'])).toBe('the allow option does not admit it')
    expect(admits([])).toBe('the allow option does not admit it')
  })

  it('take a name of ten thousand stars no longer than any other', () => {
    const long = `${'a'.repeat(250)}@h`
    const before = process.cpuUsage()
    expect(fits(`${'a*'.repeat(100)}b@h`, { name: long })).toBe(false)
    // Of the processor, in microseconds: that others use it too is nothing to this.
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})

describe('functions of allow', () => {
  it('are asked with name and address', async () => {
    const seen: unknown[] = []
    const allow = (caller: unknown) => {
      seen.push(caller)
      return true
    }
    expect(await admits(allow)).toBe(true)
    expect(seen).toEqual([{ name, address }])
  })

  it('are asked only when no other entry admits, one after another', async () => {
    const never = () => {
      throw new Error('asked')
    }
    expect(admits([never, 'shop@*'])).toBe(true)
    expect(await admits(['web@*', () => false, async () => true, never])).toBe(true)
    expect(await admits(['web@*', () => false, async () => false])).toBe(
      'the allow function refuses it',
    )
  })

  it('refuse by what they throw, reject with, or give that is no boolean', async () => {
    const thrower = () => {
      throw new TypeError('no list')
    }
    expect(await admits(thrower)).toBe('the allow function threw: TypeError: no list')
    expect(await admits(() => Promise.reject(new Error('down')))).toBe(
      'the allow function threw: Error: down',
    )
    expect(await admits((() => 'yes') as never)).toBe(
      'the allow function must give a boolean, and gave string',
    )
    expect(await admits((() => undefined) as never)).toContain('undefined')
  })
})
