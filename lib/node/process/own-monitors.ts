import { Operation } from '../../native/contract.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import type { Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { atomName } from '../atom-name.js'
import { type Identity, isSamePid } from '../identity.js'
import { NumberTable } from '../number-table.js'
import { type InboundFrame, isOfEarlierLife, type Route, type Waiting } from '../route.js'
import type { Aliases } from './aliases.js'
import { signalDecodeOptions } from './own-message.js'
import type { Process } from './process.js'
import type { Watched } from './watcher.js'

/** A monitor that one of our processes has set up. */
export interface OwnMonitor {
  readonly process: Process
  readonly reference: Reference
  readonly target: Watched
  readonly route: Route
}

/** The monitors that our processes have set up, here and at peers. */
export class OwnMonitors {
  readonly #identity: Identity
  readonly #routes: (name: string) => Route
  readonly #aliases: Aliases
  readonly #byReference = new NumberTable<OwnMonitor>()
  /** Those that the peer knows of, or would if it were not gone. */
  readonly #byRoute = new Map<Route, Set<OwnMonitor>>()

  constructor(identity: Identity, routes: (name: string) => Route, aliases: Aliases) {
    this.#identity = identity
    this.#routes = routes
    this.#aliases = aliases
  }

  /** `monitor/2`. Of itself a process never hears. */
  monitor(process: Process, target: Watched, node: string): Reference {
    const reference = this.#identity.nextReference()
    if (isItself(process, target, node)) return reference
    const route = this.#routes(node)
    const monitor = { process, reference, target, route }
    this.#add(monitor)
    if (route.isUp) this.#request(monitor)
    else route.whenUp(new WaitingMonitor(this, monitor))
    return reference
  }

  /** Whether a `DOWN` is still to come. Never of itself, which no process monitors. */
  isActive(reference: Reference): boolean {
    return this.#byReference.get(this.#identity.referenceKey(reference)) !== undefined
  }

  /** A monitor that came with a process which this one has had spawned. */
  spawned(process: Process, target: Pid, reference: Reference, route: Route): void {
    const monitor = { process, reference, target, route }
    if (!process.isAlive) {
      this.#withdraw(monitor)
      return
    }
    this.#add(monitor)
    this.#establish(monitor)
  }

  /** `demonitor/1`. True when the monitor was active. */
  demonitor(process: Process, reference: Reference): boolean {
    const monitor = this.#byReference.get(this.#identity.referenceKey(reference))
    if (monitor?.process !== process) return false
    this.#remove(monitor)
    this.#withdraw(monitor)
    return true
  }

  /** MONITOR_P_EXIT. False when there is no such monitor over that route (any more). */
  exited(frame: InboundFrame, route: Route): boolean {
    const reference = frame.fields[2]
    if (!Reference.is(reference)) return false
    const monitor = this.#byReference.get(this.#identity.referenceKey(reference))
    if (monitor?.route !== route) return false
    this.#down(monitor, frame.payload(signalDecodeOptions))
    return true
  }

  /** A process is over: nobody is to tell it anything. */
  processEnded(process: Process): void {
    for (const monitor of process.holdings?.monitors ?? []) {
      this.#remove(monitor)
      this.#withdraw(monitor)
    }
  }

  /**
   * Every monitor over a lost channel is over, with `noconnection`, unless whoever hears of one takes
   * another back.
   */
  routeLost(route: Route): void {
    const monitors = this.#byRoute.get(route)
    this.#byRoute.delete(route)
    for (const monitor of monitors ?? []) this.routeFailed(monitor)
  }

  /** @internal The channel is up. */
  routeUp(monitor: OwnMonitor): void {
    if (this.#isCurrent(monitor)) this.#request(monitor)
  }

  /** @internal No channel came up, or it is lost. */
  routeFailed(monitor: OwnMonitor): void {
    if (this.#isCurrent(monitor)) this.#down(monitor, atom('noconnection'))
  }

  #request(monitor: OwnMonitor): void {
    const { process, reference, target, route } = monitor
    this.#establish(monitor)
    if (!route.features.monitors) this.#downLater(monitor, 'notsup')
    else if (Pid.is(target) && isOfEarlierLife(target, route)) this.#downLater(monitor, 'noproc')
    else route.signal(Operation.Monitor, [process.pid, target, reference])
  }

  /** Never inside the call of `monitor`: nobody knows the reference yet. */
  #downLater(monitor: OwnMonitor, reason: string): void {
    queueMicrotask(() => this.#isCurrent(monitor) && this.#down(monitor, atom(reason) as Term))
  }

  #down(monitor: OwnMonitor, reason: Term): void {
    const { process, reference, target, route } = monitor
    this.#remove(monitor)
    const object = Pid.is(target) ? target : tuple(target, route.node)
    process.notify(tuple(atom('DOWN'), reference, atom('process'), object, reason))
  }

  #withdraw({ process, target, reference, route }: OwnMonitor): void {
    if (!route.isUp || !route.features.monitors) return
    route.signal(Operation.Demonitor, [process.pid, target, reference])
  }

  #isCurrent(monitor: OwnMonitor): boolean {
    return this.#byReference.get(this.#identity.referenceKey(monitor.reference)) === monitor
  }

  #add(monitor: OwnMonitor): void {
    const { process, reference } = monitor
    this.#byReference.set(this.#identity.referenceKey(reference), monitor)
    process.holdings ??= {}
    process.holdings.monitors ??= new Set()
    process.holdings.monitors.add(monitor)
  }

  #establish(monitor: OwnMonitor): void {
    const ofRoute = this.#byRoute.get(monitor.route)
    if (ofRoute === undefined) this.#byRoute.set(monitor.route, new Set([monitor]))
    else ofRoute.add(monitor)
  }

  #remove(monitor: OwnMonitor): void {
    const { process, reference, route } = monitor
    this.#byReference.delete(this.#identity.referenceKey(reference))
    process.holdings?.monitors?.delete(monitor)
    this.#byRoute.get(route)?.delete(monitor)
    this.#aliases.monitorEnded(process, reference)
  }
}

/** A monitor whose MONITOR_P has to wait for the channel. */
class WaitingMonitor implements Waiting {
  readonly whenDown = 'fail'
  readonly #monitors: OwnMonitors
  readonly #monitor: OwnMonitor

  constructor(monitors: OwnMonitors, monitor: OwnMonitor) {
    this.#monitors = monitors
    this.#monitor = monitor
  }

  snapshot(): number {
    return 0
  }

  routeUp(): void {
    this.#monitors.routeUp(this.#monitor)
  }

  routeFailed(): void {
    this.#monitors.routeFailed(this.#monitor)
  }
}

function isItself(process: Process, target: Watched, node: string): boolean {
  if (Pid.is(target)) return isSamePid(target, process.pid)
  return node === process.node && process.name !== undefined && atomName(target) === process.name
}
