import { BlockList, isIP } from 'node:net'
import { invalidArgument, outOfRange } from '../../../errors.js'
import { checkChoice, checkNames, checkObject } from '../../../node/validate.js'

/** A list of networks, as `acl.conf.xml` has them. */
export interface NetworkListOptions {
  /** What holds for addresses in no network of the list: `'deny'` by default. */
  readonly default?: 'allow' | 'deny'
  /** Networks such as `10.0.0.0/8` and `fd00::/8`, or single addresses. */
  readonly allow?: readonly string[]
  /** As `allow`. Of the networks that hold an address the narrowest decides. */
  readonly deny?: readonly string[]
}

interface Network {
  readonly isAllowed: boolean
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
  readonly addresses: BlockList
}

const listOptionNames = ['default', 'allow', 'deny']

/** Says of addresses whether they are allowed: the narrowest network that holds one decides. */
export class NetworkList {
  readonly #isAllowedElse: boolean
  /** The narrowest first; of two alike, the one that denies. */
  readonly #networks: readonly Network[]

  /** Errors: TypeError and RangeError name what is wrong. */
  constructor(name: string, options: NetworkListOptions) {
    checkNames(name, checkObject(name, options), listOptionNames)
    const { default: policy = 'deny', allow = [], deny = [] } = options
    this.#isAllowedElse = checkChoice(`${name}.default`, policy, ['allow', 'deny']) === 'allow'
    this.#networks = [
      ...readNetworks(`${name}.deny`, deny, false),
      ...readNetworks(`${name}.allow`, allow, true),
    ].sort((a, b) => b.prefix - a.prefix)
  }

  allows(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
    const version = isIP(plain)
    if (version === 0) return false
    const family = version === 6 ? 'ipv6' : 'ipv4'
    const network = this.#networks.find(
      (each) => each.family === family && each.addresses.check(plain, family),
    )
    return network?.isAllowed ?? this.#isAllowedElse
  }
}

function readNetworks(where: string, texts: readonly string[], isAllowed: boolean): Network[] {
  if (!Array.isArray(texts)) throw invalidArgument(where, 'an array of networks', texts)
  return texts.map((text, at) => readNetwork(`${where}[${at}]`, text, isAllowed))
}

/** `ADDRESS/BITS` or `ADDRESS`. */
function readNetwork(where: string, text: unknown, isAllowed: boolean): Network {
  const rule = 'a network such as 10.0.0.0/8'
  if (typeof text !== 'string') throw invalidArgument(where, rule, text)
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  const prefix = bits === undefined ? most : Number(bits)
  if (version === 0 || address.includes('%') || prefix > most) throw outOfRange(where, rule, text)
  const family = version === 6 ? 'ipv6' : 'ipv4'
  const addresses = new BlockList()
  addresses.addSubnet(address, prefix, family)
  return { isAllowed, prefix, family, addresses }
}
