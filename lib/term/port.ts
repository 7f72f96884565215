import { inspect } from 'node:util'
import { invalidArgument, outOfRange } from '../errors.js'
import type { Atom } from './atom.js'
import { brand, brandedKind } from './brand.js'
import { checkAtom, checkWord } from './checks.js'

/** A port of an Erlang node, a value. */
export class Port {
  declare readonly kind: 'port'
  readonly node: Atom
  readonly id: bigint
  readonly creation: number

  /** `id` has 64 bits, `creation` 32, both unsigned. Errors: TypeError, RangeError for others. */
  constructor(node: Atom, id: bigint, creation: number) {
    checkAtom('node', node)
    if (typeof id !== 'bigint') throw invalidArgument('id', 'a bigint', id)
    if (BigInt.asUintN(64, id) !== id) throw outOfRange('id', 'from 0n to 2n ** 64n - 1n', id)
    checkWord('creation', creation)
    this.node = node
    this.id = id
    this.creation = creation
  }

  /** True for a port, also for one of another copy of this package. */
  static is(value: unknown): value is Port {
    return value instanceof Port || brandedKind(value) === 'port'
  }

  /** `#Port<shop@127.0.0.1.5>`: the node's name where Erlang prints a number (see `Pid`). */
  toString(): string {
    return `#Port<${this.node.name}.${this.id}>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(Port.prototype, 'port')
