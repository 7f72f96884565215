import type { Atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import { isSameReference } from '../identity.js'
import { NumberTable } from '../number-table.js'
import type { Route } from '../route.js'
import type { Process } from './process.js'

/** What a monitor names: the pid, or the name that the process had. */
export type Watched = Pid | Atom | boolean

/** A process, here or elsewhere, that monitors one of ours. */
export class Watcher {
  readonly route: Route
  readonly pid: Pid
  readonly reference: Reference
  readonly watched: Watched
  readonly process: Process
  /** The watchers of one process are a list, the newest first, since a server has one for each call. */
  #older: Watcher | undefined
  #newer: Watcher | undefined
  /** Another one under the same number in the table of its route. */
  alike: Watcher | undefined

  constructor(process: Process, watched: Watched, pid: Pid, reference: Reference, route: Route) {
    this.process = process
    this.watched = watched
    this.pid = pid
    this.reference = reference
    this.route = route
  }

  /** Puts it on the list of its process. */
  begin(): void {
    const { process } = this
    this.#older = process.watchers
    if (this.#older !== undefined) this.#older.#newer = this
    process.watchers = this
  }

  /** Takes it off the list. */
  end(): void {
    if (this.#newer !== undefined) this.#newer.#older = this.#older
    else if (this.process.watchers === this) this.process.watchers = this.#older
    if (this.#older !== undefined) this.#older.#newer = this.#newer
    this.#older = undefined
    this.#newer = undefined
  }

  /** The list that begins with this one, the oldest first. */
  list(): Watcher[] {
    const all: Watcher[] = []
    for (let one: Watcher | undefined = this; one !== undefined; one = one.#older) all.push(one)
    return all.reverse()
  }
}

/** The watchers that came over one route, by the references of their monitors. */
export class WatcherTable {
  readonly #byNumber = new NumberTable<Watcher>()
  #size = 0

  get size(): number {
    return this.#size
  }

  find(reference: Reference): Watcher | undefined {
    let one = this.#byNumber.get(numberOf(reference))
    while (one !== undefined && !isSameReference(one.reference, reference)) one = one.alike
    return one
  }

  add(watcher: Watcher): void {
    const number = numberOf(watcher.reference)
    watcher.alike = this.#byNumber.get(number)
    this.#byNumber.set(number, watcher)
    this.#size += 1
  }

  remove(watcher: Watcher): void {
    const number = numberOf(watcher.reference)
    let one = this.#byNumber.get(number)
    if (one === undefined) return
    if (one === watcher) {
      if (watcher.alike === undefined) this.#byNumber.delete(number)
      else this.#byNumber.set(number, watcher.alike)
    } else {
      while (one !== undefined && one.alike !== watcher) one = one.alike
      if (one !== undefined) one.alike = watcher.alike
    }
    watcher.alike = undefined
    this.#size -= 1
  }

  *all(): Iterable<Watcher> {
    for (const first of this.#byNumber.values()) {
      for (let one: Watcher | undefined = first; one !== undefined; ) {
        const { alike }: Watcher = one
        yield one
        one = alike
      }
    }
  }
}

/** For each word of a reference, its creation, and at last: drawn anew by each process. */
const factors = Array.from({ length: 7 }, () => Math.floor(Math.random() * 2 ** 32) | 1)
const [ofCreation, atLast] = factors.slice(-2) as [number, number]

/**
 * A number above 0 of which two references hardly ever have the same. Which ones do no peer can tell:
 * one that could would make every search of its monitors a long one.
 */
function numberOf({ words, creation }: Reference): number {
  let hash = Math.imul(creation, ofCreation)
  for (let i = 0; i < words.length; i += 1) {
    hash = (hash + Math.imul(words[i] as number, factors[i] as number)) | 0
  }
  hash = Math.imul(hash ^ (hash >>> 16), atLast)
  return ((hash ^ (hash >>> 15)) >>> 0) + 1
}
