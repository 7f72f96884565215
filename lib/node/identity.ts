import { Atom } from '../term/atom.js'
import { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import type { NodeName } from './node-name.js'

const numberBits = 15
const serialBits = 13
const classicPids = 2 ** (numberBits + serialBits)
/** The first word of a reference has 18 significant bits for old peers. */
const firstWordSpan = 2 ** 18

/**
 * Who a node is, and the pids and references it hands out. Neither is ever reused: a node has one
 * creation for its life, drawn at random, so that pids of an earlier life under the same name are
 * told apart.
 */
export class Identity {
  readonly name: string
  readonly alive: string
  readonly host: string
  readonly node: Atom
  /**
   * At least 4: 1 to 3 are those of the time before 32-bit creations. Below 2^31, as the salt, because
   * V8 puts larger numbers into objects of their own.
   */
  readonly creation = 4 + randomBelow(2 ** 31 - 4)
  readonly #salt = randomBelow(2 ** 31)
  #pids = 0
  #references = 0

  constructor({ full, alive, host }: NodeName) {
    this.name = full
    this.alive = alive
    this.host = host
    this.node = Atom.intern(full)
  }

  /**
   * A pid nobody has had. As ERTS counts: 15 bits of number, then 13 of serial, which is all that C
   * nodes on an old `ei` keep; larger numbers only after those 2^28.
   */
  nextPid(): Pid {
    this.#pids += 1
    const count = this.#pids
    if (count < classicPids) {
      const number = count & (2 ** numberBits - 1)
      return new Pid(this.node, number, count >>> numberBits, this.creation, true)
    }
    const beyond = count - classicPids
    const number = 2 ** numberBits + (beyond % (2 ** 32 - 2 ** numberBits))
    return new Pid(
      this.node,
      number,
      Math.floor(beyond / (2 ** 32 - 2 ** numberBits)),
      this.creation,
      true,
    )
  }

  nextReference(): Reference {
    this.#references += 1
    const count = this.#references
    const words = [count % firstWordSpan, Math.floor(count / firstWordSpan), this.#salt]
    return new Reference(this.node, words, this.creation, true)
  }

  isOwnNode(node: Atom): boolean {
    return node === this.node || node.name === this.name
  }

  /** False also for a pid of an earlier life of this name. */
  isOwnPid(pid: Pid): boolean {
    return this.isOwnNode(pid.node) && pid.creation === this.creation
  }

  /** The number under which `nextReference` gave it, 0 for what it never gave. */
  referenceKey(reference: Reference): number {
    // Destructuring would make an iterator, and objects for its results.
    const { words } = reference
    if (words[2] !== this.#salt || reference.creation !== this.creation) return 0
    if (!this.isOwnNode(reference.node)) return 0
    return (words[0] as number) + (words[1] as number) * firstWordSpan
  }
}

/**
 * Tells lives apart and is no secret: `node:crypto` would take 0.9 MiB. The time makes lives differ
 * under `--random-seed`, too.
 */
function randomBelow(limit: number): number {
  return Math.floor(Math.random() * limit + Date.now()) % limit
}

/** A key for maps of our own pids: a small integer for all that `nextPid` gives in practice. */
export function pidKey(pid: Pid): number {
  return pid.id < 2 ** numberBits && pid.serial < 2 ** serialBits
    ? (pid.serial << numberBits) | pid.id
    : classicPids + pid.serial * 2 ** 32 + pid.id
}

/** A key for maps of pids of any node. */
export function foreignPidKey(pid: Pid): string {
  return `${pid.id} ${pid.serial} ${pid.creation} ${pid.node.name}`
}

export function isSamePid(a: Pid, b: Pid): boolean {
  return (
    a.id === b.id &&
    a.serial === b.serial &&
    a.creation === b.creation &&
    (a.node === b.node || a.node.name === b.node.name)
  )
}

export function isSameReference(a: Reference, b: Reference): boolean {
  const { words, creation, node } = a
  return (
    words.length === b.words.length &&
    words.every((word, i) => word === b.words[i]) &&
    creation === b.creation &&
    (node === b.node || node.name === b.node.name)
  )
}

/** A key for maps of references of any node. */
export function foreignReferenceKey(reference: Reference): string {
  return `${reference.words.join(' ')} ${reference.creation} ${reference.node.name}`
}
