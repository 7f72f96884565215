import type { Reference } from '../term/reference.js'
import type { Identity } from './identity.js'
import type { Process } from './process.js'

export interface AliasOptions {
  /** Whether the first message through it is the last: `alias([reply])`. */
  readonly once?: boolean
}

interface Alias {
  readonly process: Process
  readonly isOnce: boolean
}

/** References that stand for processes of ours, until they are taken back. */
export class Aliases {
  readonly #identity: Identity
  readonly #byReference = new Map<number, Alias>()

  constructor(identity: Identity) {
    this.#identity = identity
  }

  add(process: Process, isOnce: boolean): Reference {
    const reference = this.#identity.nextReference()
    const key = this.#identity.referenceKey(reference)
    this.#byReference.set(key, { process, isOnce })
    process.holdings ??= {}
    process.holdings.aliases ??= new Set()
    process.holdings.aliases.add(key)
    return reference
  }

  /** False when it was no alias of the process. */
  remove(process: Process, reference: Reference): boolean {
    const key = this.#identity.referenceKey(reference)
    if (process.holdings?.aliases?.delete(key) !== true) return false
    return this.#byReference.delete(key)
  }

  /** The process that gets a message sent to an alias. */
  take(reference: Reference): Process | undefined {
    const alias = this.#byReference.get(this.#identity.referenceKey(reference))
    if (alias?.isOnce === true) this.remove(alias.process, reference)
    return alias?.process
  }

  processEnded(process: Process): void {
    for (const key of process.holdings?.aliases ?? []) this.#byReference.delete(key)
  }
}
