import type { Reference } from '../../term/reference.js'
import type { Identity } from '../identity.js'
import { NumberTable } from '../number-table.js'
import type { Process } from './process.js'

/** Options of `alias`. */
export interface AliasOptions {
  /** Whether the first message through it is the last: `alias([reply])`. */
  readonly once?: boolean
}

/**
 * When the alias that is the reference of a monitor ends, as with the option of `monitor/3`:
 * by `unalias` alone, with the monitor, or with the monitor and with the first message as well, which
 * also takes the monitor back.
 */
export type MonitorAlias = 'explicitUnalias' | 'demonitor' | 'replyDemonitor'
export const monitorAliases: readonly MonitorAlias[] = [
  'explicitUnalias',
  'demonitor',
  'replyDemonitor',
]

export interface Alias {
  readonly process: Process
  readonly isOnce: boolean
  readonly endsWithMonitor: boolean
}

/** References that stand for processes of ours, until they are taken back. */
export class Aliases {
  readonly #identity: Identity
  readonly #byReference = new NumberTable<Alias>()

  constructor(identity: Identity) {
    this.#identity = identity
  }

  add(process: Process, isOnce: boolean): Reference {
    const reference = this.#identity.nextReference()
    this.#add(reference, { process, isOnce, endsWithMonitor: false })
    return reference
  }

  /** Makes the reference of a monitor an alias. */
  addMonitor(process: Process, reference: Reference, kind: MonitorAlias): void {
    const endsWithMonitor = kind !== 'explicitUnalias'
    this.#add(reference, { process, isOnce: kind === 'replyDemonitor', endsWithMonitor })
  }

  /** A monitor is over: taken back, or its `DOWN` has come. */
  monitorEnded(process: Process, reference: Reference): void {
    const alias = this.#byReference.get(this.#identity.referenceKey(reference))
    if (alias?.endsWithMonitor === true) this.remove(process, reference)
  }

  /** False when it was no alias of the process. */
  remove(process: Process, reference: Reference): boolean {
    const key = this.#identity.referenceKey(reference)
    if (process.holdings?.aliases?.delete(key) !== true) return false
    return this.#byReference.delete(key)
  }

  /** The alias that a message was sent to; gone by then, if that was its only one. */
  take(reference: Reference): Alias | undefined {
    const alias = this.#byReference.get(this.#identity.referenceKey(reference))
    if (alias?.isOnce === true) this.remove(alias.process, reference)
    return alias
  }

  processEnded(process: Process): void {
    for (const key of process.holdings?.aliases ?? []) this.#byReference.delete(key)
  }

  #add(reference: Reference, alias: Alias): void {
    const { process } = alias
    const key = this.#identity.referenceKey(reference)
    this.#byReference.set(key, alias)
    process.holdings ??= {}
    process.holdings.aliases ??= new Set()
    process.holdings.aliases.add(key)
  }
}
