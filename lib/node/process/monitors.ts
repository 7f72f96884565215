import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { TermInput } from '../../term/term.js'
import type { Route } from '../route.js'
import { postReason } from './post-reason.js'
import type { Process } from './process.js'
import { type Watched, Watcher, WatcherTable } from './watcher.js'

/** Who monitors our processes. */
export class Monitors {
  readonly #byRoute = new Map<Route, WatcherTable>()
  readonly #admits: (route: Route) => boolean

  /** `admits`: whether a peer may have one monitor more. */
  constructor(admits: (route: Route) => boolean) {
    this.#admits = admits
  }

  /** How many the processes of a peer have. */
  count(route: Route): number {
    return this.#byRoute.get(route)?.size ?? 0
  }

  /**
   * MONITOR_P. Answered with `noproc` at once when there is no such process, with `system_limit` when
   * it would be one too many.
   *
   * Shape:  {19, Watcher, PidOrName, Ref}; answer {21 or 28, PidOrName, Watcher, Ref} with a reason.
   */
  watch(
    process: Process | undefined,
    watched: Watched,
    pid: Pid,
    reference: Reference,
    route: Route,
  ): void {
    if (process === undefined) {
      void route.post(Operation.MonitorExit, [watched, pid, reference], atom('noproc'))
      return
    }
    const ofRoute = this.#of(route)
    // No real node uses a reference twice: a second monitor could not be told from the first.
    if (ofRoute.find(reference) !== undefined) return
    if (!this.#admits(route)) {
      void route.post(Operation.MonitorExit, [watched, pid, reference], atom('system_limit'))
      return
    }
    const watcher = new Watcher(process, watched, pid, reference, route)
    watcher.begin()
    ofRoute.add(watcher)
  }

  /** DEMONITOR_P. Who has the name when it is taken back may not be who is monitored. */
  unwatch(reference: Reference, route: Route): void {
    const ofRoute = this.#byRoute.get(route)
    const watcher = ofRoute?.find(reference)
    if (watcher === undefined) return
    ofRoute?.remove(watcher)
    forget(watcher)
  }

  /** Tells all who monitor a process that it is over. */
  processEnded(process: Process, reason: TermInput, encode: EncodeOptions | undefined): void {
    if (process.watchers === undefined) return
    for (const watcher of process.watchers.list()) {
      const { route, watched, pid, reference } = watcher
      watcher.end()
      this.#byRoute.get(route)?.remove(watcher)
      if (!route.isUp) continue
      postReason(process, route, Operation.MonitorExit, [watched, pid, reference], reason, encode)
    }
  }

  /** The watchers on a lost peer hear `noconnection` there. */
  routeLost(route: Route): void {
    const lost = this.#byRoute.get(route)
    this.#byRoute.delete(route)
    for (const watcher of lost?.all() ?? []) forget(watcher)
  }

  #of(route: Route): WatcherTable {
    let ofRoute = this.#byRoute.get(route)
    if (ofRoute === undefined) {
      ofRoute = new WatcherTable()
      this.#byRoute.set(route, ofRoute)
    }
    return ofRoute
  }
}

function forget(watcher: Watcher): void {
  watcher.end()
  watcher.process.unwatched(watcher)
}
