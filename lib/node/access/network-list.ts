import { checkChoice, checkNames, checkObject } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'
import { type Network, readAddress, readNetwork } from './network.js'

/** A list of networks, as `acl.conf.xml` has them. */
export interface NetworkListOptions {
  /** What holds for addresses in no network of the list: `'deny'` by default. */
  readonly default?: 'allow' | 'deny'
  /** Networks such as `10.0.0.0/8` and `fd00::/8`, or single addresses. */
  readonly allow?: readonly string[]
  /** As `allow`. Of the networks that hold an address the narrowest decides. */
  readonly deny?: readonly string[]
}

interface Rule {
  readonly isAllowed: boolean
  readonly network: Network
}

const listOptionNames = ['default', 'allow', 'deny']

/** Says of addresses whether they are allowed: the narrowest network that holds one decides. */
export class NetworkList {
  readonly #isAllowedElse: boolean
  /** The narrowest first; of two alike, the one that denies. */
  readonly #rules: readonly Rule[]

  /** Errors: TypeError and RangeError name what is wrong. */
  constructor(name: string, options: NetworkListOptions) {
    checkNames(name, checkObject(name, options), listOptionNames)
    const { default: policy = 'deny', allow = [], deny = [] } = options
    this.#isAllowedElse = checkChoice(`${name}.default`, policy, ['allow', 'deny']) === 'allow'
    this.#rules = [
      ...readRules(`${name}.deny`, deny, false),
      ...readRules(`${name}.allow`, allow, true),
    ].sort((a, b) => b.network.prefix - a.network.prefix)
  }

  allows(text: string): boolean {
    const address = readAddress(text)
    if (address === undefined) return false
    return (
      this.#rules.find(({ network }) => network.holds(address))?.isAllowed ?? this.#isAllowedElse
    )
  }
}

function readRules(where: string, texts: readonly string[], isAllowed: boolean): Rule[] {
  if (!Array.isArray(texts)) throw invalidArgument(where, 'an array of networks', texts)
  return texts.map((text, at) => ({ isAllowed, network: readNetwork(`${where}[${at}]`, text) }))
}
