import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import type { Atom } from '../../term/atom.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { TermInput } from '../../term/term.js'
import { foreignReferenceKey, isSameReference } from '../identity.js'
import type { Route } from '../route.js'
import { Tables } from './one-or-many.js'
import { postReason } from './post-reason.js'
import type { Process } from './process.js'

/** What a monitor names: the pid, or the name that the process had. */
export type Watched = Pid | Atom | boolean

/** A process, here or elsewhere, that monitors one of ours. */
export interface Watcher {
  readonly route: Route
  readonly pid: Pid
  readonly reference: Reference
  readonly watched: Watched
  readonly process: Process
}

/** Those who monitor a process, by the references of their monitors. */
const watcherTables = new Tables<Watcher, Reference>(
  ({ reference }) => reference,
  foreignReferenceKey,
  isSameReference,
)

/** The monitors that came over one route. */
interface RouteMonitors {
  readonly all: Set<Watcher>
  /** Those by name: who has the name when it is taken back may not be who is monitored. */
  readonly byName: Map<string, Watcher>
}

/** Who monitors our processes. */
export class Monitors {
  readonly #byRoute = new Map<Route, RouteMonitors>()

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
  ): void {
    if (process === undefined) {
      void route.post(Operation.MonitorExit, [watched, pid, reference], atom('noproc'))
      return
    }
    // No real node uses a reference twice: a second monitor could not be told from the first.
    if (watcherTables.find(process.watchers, reference) !== undefined) return
    const watcher: Watcher = { route, pid, reference, watched, process }
    process.watchers = watcherTables.with(process.watchers, watcher)
    const monitors = this.#of(route)
    monitors.all.add(watcher)
    if (!Pid.is(watched)) monitors.byName.set(foreignReferenceKey(reference), watcher)
  }

  /** DEMONITOR_P; `process` is the one that a pid names. */
  unwatch(process: Process | undefined, reference: Reference, route: Route): void {
    const watcher =
      watcherTables.find(process?.watchers, reference) ??
      this.#byRoute.get(route)?.byName.get(foreignReferenceKey(reference))
    if (watcher?.route !== route) return
    this.#remove(watcher)
    forget(watcher)
  }

  /** Tells all who monitor a process that it is over. */
  processEnded(process: Process, reason: TermInput, encode: EncodeOptions | undefined): void {
    const { watchers } = process
    if (watchers === undefined) return
    process.watchers = undefined
    for (const watcher of watcherTables.all(watchers)) {
      const { route, watched, pid, reference } = watcher
      this.#remove(watcher)
      if (!route.isUp) continue
      postReason(route, Operation.MonitorExit, [watched, pid, reference], reason, encode)
    }
  }

  /** The watchers on a lost peer hear `noconnection` there. */
  routeLost(route: Route): void {
    const monitors = this.#byRoute.get(route)
    this.#byRoute.delete(route)
    for (const watcher of monitors?.all ?? []) forget(watcher)
  }

  #of(route: Route): RouteMonitors {
    let monitors = this.#byRoute.get(route)
    if (monitors === undefined) {
      monitors = { all: new Set(), byName: new Map() }
      this.#byRoute.set(route, monitors)
    }
    return monitors
  }

  #remove(watcher: Watcher): void {
    const monitors = this.#byRoute.get(watcher.route)
    monitors?.all.delete(watcher)
    if (Pid.is(watcher.watched)) return
    monitors?.byName.delete(foreignReferenceKey(watcher.reference))
  }
}

function forget(watcher: Watcher): void {
  const { process } = watcher
  process.watchers = watcherTables.without(process.watchers, watcher)
  process.unwatched(watcher)
}
