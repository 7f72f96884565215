import { outOfRange } from '../../errors.js'
import type { Process } from './process.js'

/** Names and the processes that have them. */
export class Registry {
  readonly #byName = new Map<string, Process>()

  get names(): string[] {
    return [...this.#byName.keys()]
  }

  find(name: string): Process | undefined {
    return this.#byName.get(name)
  }

  /** Errors: RangeError for a name that is taken, as `register/2` gives badarg. */
  register(name: string, process: Process): void {
    if (this.#byName.has(name)) {
      throw outOfRange('name', 'a name that no process is registered under', name)
    }
    if (process.name !== undefined) {
      throw outOfRange('process', `a process without a name; it is "${process.name}"`, name)
    }
    this.#byName.set(name, process)
    process.rename(name)
  }

  /** The process that had the name. */
  unregister(name: string): Process | undefined {
    const process = this.#byName.get(name)
    if (process === undefined) return undefined
    this.#byName.delete(name)
    process.rename(undefined)
    return process
  }
}
