import { Operation } from '../native/contract.js'
import type { EncodeOptions } from '../native/options.js'
import type { Atom } from '../term/atom.js'
import { atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { Reference } from '../term/reference.js'
import type { TermInput } from '../term/term.js'
import { foreignReferenceKey } from './identity.js'
import { postReason } from './post-reason.js'
import type { Process } from './process.js'
import type { Route } from './route.js'

/** What a monitor names: the pid, or the name that the process had. */
export type Watched = Pid | Atom | boolean

/** A process elsewhere that monitors one of ours. */
export interface Watcher {
  readonly route: Route
  readonly pid: Pid
  readonly reference: Reference
  readonly watched: Watched
  readonly process: Process
}

/** Who monitors our processes. */
export class Monitors {
  readonly #byRoute = new Map<Route, Map<string, Watcher>>()

  /**
   * MONITOR_P. Answered with `noproc` at once when there is no such process.
   *
   * Shape:  {19, Watcher, PidOrName, Ref}; answer {21 or 28, PidOrName, Watcher, Ref} with a reason.
   */
  watch(
    process: Process | undefined,
    watched: Watched,
    pid: Pid,
    reference: Reference,
    route: Route,
  ) {
    if (process === undefined) {
      void route.post(Operation.MonitorExit, [watched, pid, reference], atom('noproc'))
      return
    }
    const watcher: Watcher = { route, pid, reference, watched, process }
    let ofRoute = this.#byRoute.get(route)
    if (ofRoute === undefined) {
      ofRoute = new Map()
      this.#byRoute.set(route, ofRoute)
    }
    const key = foreignReferenceKey(reference)
    // No real node uses a reference twice: a second monitor could not be told from the first.
    if (ofRoute.has(key)) return
    ofRoute.set(key, watcher)
    process.watchers ??= new Set()
    process.watchers.add(watcher)
  }

  /** DEMONITOR_P. */
  unwatch(reference: Reference, route: Route): void {
    const ofRoute = this.#byRoute.get(route)
    const key = foreignReferenceKey(reference)
    const watcher = ofRoute?.get(key)
    if (watcher === undefined) return
    ofRoute?.delete(key)
    forget(watcher)
  }

  /** Tells all who monitor a process that it is over. */
  processEnded(process: Process, reason: TermInput, encode: EncodeOptions | undefined): void {
    if (process.watchers === undefined) return
    for (const { route, watched, pid, reference } of process.watchers) {
      this.#byRoute.get(route)?.delete(foreignReferenceKey(reference))
      postReason(route, Operation.MonitorExit, [watched, pid, reference], reason, encode)
    }
    process.watchers = undefined
  }

  /** The watchers on a lost peer hear `noconnection` there. */
  routeLost(route: Route): void {
    const ofRoute = this.#byRoute.get(route)
    this.#byRoute.delete(route)
    for (const watcher of ofRoute?.values() ?? []) forget(watcher)
  }
}

function forget(watcher: Watcher): void {
  watcher.process.watchers?.delete(watcher)
  watcher.process.unwatched(watcher)
}
