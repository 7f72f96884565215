import { outOfRange } from '../../errors.js'
import { atom } from '../../term/atom.js'
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

  /**
   * Errors: RangeError for a name that is taken, for `undefined`, which `whereis/1` gives for nobody,
   * and for what is no atom, as `register/2` gives badarg; TypeError for text with a lone surrogate.
   */
  register(name: string, process: Process): void {
    // Nobody could send to it, and it would keep `registered/0` from being answered.
    atom(name)
    if (name === 'undefined') throw outOfRange('name', 'a name other than "undefined"', name)
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
