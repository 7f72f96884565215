import { describe, expect, it } from 'vitest'
import { InboundAcl } from '../../lib/freeswitch/host/acl/inbound-acl.js'
import { NetworkList } from '../../lib/node/access/network-list.js'

describe('a list of networks', () => {
  it.each([
    [{ allow: ['10.0.0.0/33'] }, RangeError],
    [{ allow: ['10.0.0/8'] }, RangeError],
    [{ allow: ['fe80::1%eth0'] }, RangeError],
    [{ deny: [5] }, TypeError],
    [{ deny: '10.0.0.0/8' }, TypeError],
    [{ default: 'maybe' }, RangeError],
    [{ alow: [] }, TypeError],
  ])('refuses %j', (options, kind) => {
    expect(() => new NetworkList('lan', options as never)).toThrow(kind)
  })

  it('denies what is no address, and by default what is in none of its networks', () => {
    const list = new NetworkList('lan', { allow: ['192.168.0.0/16'] })
    expect(list.allows('nowhere')).toBe(false)
    expect(list.allows('10.0.0.1')).toBe(false)
    expect(list.allows('192.168.3.4')).toBe(true)
    expect(list.allows('::ffff:192.168.3.4')).toBe(true)
  })

  it('lets the narrowest network decide, and of two alike the one that denies', () => {
    const list = new NetworkList('lan', {
      default: 'allow',
      deny: ['10.0.0.0/8', '10.1.1.1', 'fd00::/8'],
      allow: ['10.1.0.0/16', '10.1.1.1'],
    })
    const allowed = ['10.2.0.1', '10.1.0.1', '10.1.1.1', '8.8.8.8', 'fd00::1', '2001:db8::1']
    expect(allowed.map((address) => list.allows(address))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ])
  })
})

describe('the inbound ACL', () => {
  it('refuses a name that no list has, and more names than FreeSWITCH takes', () => {
    expect(() => new InboundAcl({ applyInboundAcl: 'lan' })).toThrow(/applyInboundAcl\[0\] must be/)
    expect(() => new InboundAcl({ applyInboundAcl: Array(101).fill('loopback.auto') })).toThrow(
      /100/,
    )
    expect(() => new InboundAcl({ applyInboundAcl: 5 } as never)).toThrow(TypeError)
  })

  it('allows everybody when nothing is asked for', () => {
    expect(new InboundAcl({}).allows('8.8.8.8')).toBe(true)
  })

  it('wants every list to allow', () => {
    const acls = { some: { default: 'allow', deny: ['127.0.0.2'] } } as const
    const acl = new InboundAcl({ applyInboundAcl: ['loopback.auto', 'some'], acls })
    const addresses = ['127.0.0.1', '127.0.0.2', '8.8.8.8', '::1']
    expect(addresses.map((address) => acl.allows(address))).toEqual([true, false, false, true])
  })

  it.each([
    ['rfc1918.auto', '172.20.0.1', '8.8.8.8'],
    ['wan.auto', '8.8.8.8', '172.20.0.1'],
    ['wan_v4.auto', '8.8.8.8', '2001:db8::1'],
    ['wan_v6.auto', '2001:db8::1', 'fe80::1'],
    ['any_v4.auto', '10.0.0.1', '::1'],
    ['10.3.0.0/16', '10.3.9.9', '10.4.0.1'],
  ])('knows %s', (name, inside, outside) => {
    const acl = new InboundAcl({ applyInboundAcl: name })
    expect([acl.allows(inside), acl.allows(outside)]).toEqual([true, false])
  })
})
