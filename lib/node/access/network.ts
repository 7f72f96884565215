import { BlockList, isIP } from 'node:net'
import { invalidArgument, outOfRange } from '../../errors.js'

/** Addresses that begin alike: `10.0.0.0/8`, `fd00::/8`, or a single one. */
export interface Network {
  readonly family: 'ipv4' | 'ipv6'
  /** How many bits they have in common. */
  readonly prefix: number
  holds(address: Address): boolean
}

/** A numeric address. */
export interface Address {
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
}

/**
 * Reads `ADDRESS/BITS` or `ADDRESS`.
 *
 * Errors: TypeError and RangeError that name `where`.
 */
export function readNetwork(where: string, text: unknown): Network {
  const rule = 'a network such as 10.0.0.0/8'
  if (typeof text !== 'string') throw invalidArgument(where, rule, text)
  const network = networkOf(text)
  if (network === undefined) throw outOfRange(where, rule, text)
  return network
}

/** The same; undefined for what is no network. */
export function networkOf(text: string): Network | undefined {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const read = readAddress(address)
  if (read === undefined || address.includes('%')) return undefined
  // An IPv4 address in IPv6's clothes stands for the IPv4 address, as those of peers do.
  const mappedBits = read.text === address ? 0 : 96
  const most = read.family === 'ipv6' ? 128 : 32
  const prefix = bits === undefined ? most : Number(bits) - mappedBits
  if (prefix < 0 || prefix > most) return undefined
  const { family } = read
  const addresses = new BlockList()
  addresses.addSubnet(read.text, prefix, family)
  return {
    family,
    prefix,
    holds: (other) => other.family === family && addresses.check(other.text, family),
  }
}

/** An address as `net` takes it; what a socket for both families gives is IPv4. */
export function readAddress(text: string): Address | undefined {
  const plain = text.replace(/^::ffff:(?=\d+\.)/i, '')
  const version = isIP(plain)
  if (version === 0) return undefined
  return { text: plain, family: version === 6 ? 'ipv6' : 'ipv4' }
}
