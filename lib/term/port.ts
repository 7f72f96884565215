import { inspect } from 'node:util'
import type { Atom } from './atom.js'
import { brand, brandedKind } from './brand.js'

/** A port of an Erlang node, a value. */
export class Port {
  declare readonly kind: 'port'
  readonly node: Atom
  readonly id: bigint
  readonly creation: number

  constructor(node: Atom, id: bigint, creation: number) {
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
