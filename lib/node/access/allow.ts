import { checkNames } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import { matchesPattern } from '../peer-pattern.js'
import type { CallerCertificate } from './certificate.js'
import { type Network, networkOf, readAddress } from './network.js'
import { NetworkList } from './network-list.js'
import { standingList } from './standing-lists.js'

/** Who calls: nothing of it is proved yet but the address, and the certificate if there is one. */
export interface Caller {
  /** The name that it gives itself. */
  readonly name: string
  /** Its numeric address; that of an IPv4 peer is written so, whatever the socket. */
  readonly address: string
  /** Over TLS with `verify`, what its certificate says, which has been found to be trusted. */
  readonly certificate?: CallerCertificate
}

/** Whether a caller may go on to prove that it knows the cookie. Only `true` lets it. */
export type AllowFunction = (caller: Caller) => boolean | Promise<boolean>

/** Both must match; what is left out matches all. */
export interface AllowBoth {
  /** A node name; `*` stands for any characters: `shop@*`. */
  readonly name?: string
  /** A network, an address, or a name such as `loopback.auto`. */
  readonly address?: string
}

/**
 * Admits whom it matches. A text with `@` is a node name, in which `*` stands for any characters, and
 * so is `'*'`; any other is an address, a network, or the name of one of FreeSWITCH's lists (`loopback.auto`,
 * `rfc1918.auto`, …).
 */
export type AllowEntry = string | AllowBoth | AllowFunction

/** Whoever one of the entries admits; with an empty list nobody. */
export type Allow = readonly AllowEntry[] | AllowFunction

type Test = (caller: Caller) => boolean

/** An `allow` option, read. */
export class Admission {
  readonly #tests: readonly Test[]
  readonly #functions: readonly AllowFunction[]

  /** Errors: TypeError and RangeError that name the entry. */
  constructor(allow: Allow) {
    const entries = typeof allow === 'function' ? [allow] : allow
    if (!Array.isArray(entries)) {
      throw invalidArgument('allow', 'an array of entries, or a function', entries)
    }
    this.#tests = entries.flatMap((entry, at) =>
      typeof entry === 'function' ? [] : [readEntry(`allow[${at}]`, entry)],
    )
    this.#functions = entries.filter((entry) => typeof entry === 'function')
  }

  /**
   * `true`, or why the caller is refused. A promise where a function has to be asked: what it throws
   * refuses. It never rejects.
   */
  admits(caller: Caller): true | string | Promise<true | string> {
    if (this.#tests.some((test) => test(caller))) return true
    return this.#functions.length === 0 ? 'the allow option does not admit it' : this.#ask(caller)
  }

  async #ask(caller: Caller): Promise<true | string> {
    for (const each of this.#functions) {
      try {
        const answer: unknown = await each(caller)
        if (answer === true) return true
        if (answer !== false)
          return `the allow function must give a boolean, and gave ${typeof answer}`
      } catch (error) {
        return `the allow function threw: ${error}`
      }
    }
    return 'the allow function refuses it'
  }
}

function readEntry(where: string, entry: unknown): Test {
  const rule = 'a node name or a pattern of one, a network, { name, address } or a function'
  if (typeof entry === 'string') {
    return isNamePattern(entry) || entry.includes('@')
      ? nameTest(where, entry)
      : addressTest(where, entry)
  }
  if (typeof entry !== 'object' || entry === null) throw invalidArgument(where, rule, entry)
  checkNames(where, entry, ['name', 'address'])
  const { name, address } = entry as { name?: unknown; address?: unknown }
  const tests = [
    ...(name === undefined ? [] : [nameTest(`${where}.name`, name)]),
    ...(address === undefined ? [] : [addressTest(`${where}.address`, address)]),
  ]
  if (tests.length === 0) throw outOfRange(where, 'an object with name, address or both', entry)
  return (caller) => tests.every((test) => test(caller))
}

/** Names of nodes that are no `ei`'s or ours may have any characters. */
function isNamePattern(text: string): boolean {
  return text === '*' || /^[^@\s]+@[^@\s]+$/.test(text)
}

function nameTest(where: string, pattern: unknown): Test {
  const rule = 'a node name such as shop@10.0.0.1, in which * stands for any characters'
  if (typeof pattern !== 'string') throw invalidArgument(where, rule, pattern)
  if (!isNamePattern(pattern)) throw outOfRange(where, rule, pattern)
  return ({ name }) => matchesPattern(pattern, name)
}

function addressTest(where: string, text: unknown): Test {
  const rule =
    'an address, a network such as 10.0.0.0/8, or a list such as loopback.auto; a node name has an @'
  if (typeof text !== 'string') throw invalidArgument(where, rule, text)
  const standing = standingList(text)
  if (standing !== undefined) {
    const list = new NetworkList(where, standing)
    return ({ address }) => list.allows(address)
  }
  const network = networkOf(text)
  if (network === undefined) throw outOfRange(where, rule, text)
  return ({ address }) => isIn(network, address)
}

function isIn(network: Network, text: string): boolean {
  const address = readAddress(text)
  return address !== undefined && network.holds(address)
}
