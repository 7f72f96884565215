import { inspect } from 'node:util'
import type { Atom } from './atom.js'
import { brand, brandedKind } from './brand.js'
import { checkAtom, checkWord } from './checks.js'

/** A process identifier, a value: two pids are the same process when `equals` says so. */
export class Pid {
  declare readonly kind: 'pid'
  readonly node: Atom
  readonly id: number
  readonly serial: number
  readonly creation: number

  /** `id`, `serial` and `creation` are unsigned words of 32 bits. Errors: TypeError, RangeError for others. */
  constructor(node: Atom, id: number, serial: number, creation: number)
  /** @internal Without checks: pids are made all the time, and these parts are known to be good. */
  constructor(node: Atom, id: number, serial: number, creation: number, areGood: true)
  constructor(node: Atom, id: number, serial: number, creation: number, areGood = false) {
    if (!areGood) {
      checkAtom('node', node)
      checkWord('id', id)
      checkWord('serial', serial)
      checkWord('creation', creation)
    }
    this.node = node
    this.id = id
    this.serial = serial
    this.creation = creation
  }

  /** True for a pid, also for one of another copy of this package. */
  static is(value: unknown): value is Pid {
    return value instanceof Pid || brandedKind(value) === 'pid'
  }

  /**
   * `<shop@127.0.0.1.87.0>`: Erlang's `<N.87.0>` with the node's name for N. N numbers the nodes one
   * emulator has met, so no other program can know it; the name says more and is the same everywhere.
   */
  toString(): string {
    return `<${this.node.name}.${this.id}.${this.serial}>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(Pid.prototype, 'pid')
