import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { TermInput } from '../../term/term.js'
import type { Target } from '../destination.js'
import { type Identity, pidKey } from '../identity.js'
import { NumberTable } from '../number-table.js'
import type { Route } from '../route.js'
import { Aliases } from './aliases.js'
import { Links } from './links.js'
import { Monitors } from './monitors.js'
import { NodeMonitors } from './node-monitors.js'
import { OwnMonitors } from './own-monitors.js'
import type { Process, ProcessOwner } from './process.js'
import { Registry } from './registry.js'

/** What a supervisor's child specification says by default: `shutdown => 5000`. */
const shutdownMs = 5_000

/** The ways out of a node, as its processes use them. */
export interface Outlet {
  route(name: string): Route
  send(from: Pid, to: Target, message: TermInput, encode?: EncodeOptions): Promise<void>
}

/** How many links and monitors the processes of a peer may have with ours. */
export interface RelationLimit {
  readonly max: number
  /** Told of each that is one too many. */
  refused(peer: string): void
}

const anyNumber: RelationLimit = { max: Number.POSITIVE_INFINITY, refused: () => undefined }

/** The processes of one node, with their names, links, monitors and aliases. */
export class Processes implements ProcessOwner {
  readonly registry = new Registry()
  readonly monitors: Monitors
  readonly links: Links
  readonly ownMonitors: OwnMonitors
  readonly nodeMonitors: NodeMonitors
  readonly aliases: Aliases
  /** Gets the messages to names that nobody has. */
  fallback: Process | undefined
  readonly #identity: Identity
  readonly #encode: EncodeOptions | undefined
  readonly #outlet: Outlet
  readonly #limit: RelationLimit
  readonly #byPid = new NumberTable<Process>()

  constructor(
    identity: Identity,
    encode: EncodeOptions | undefined,
    outlet: Outlet,
    limit: RelationLimit = anyNumber,
  ) {
    const routes = (name: string) => outlet.route(name)
    this.#identity = identity
    this.#encode = encode
    this.#outlet = outlet
    this.#limit = limit
    const admits = (route: Route) => this.admitsRelation(route)
    this.monitors = new Monitors(admits)
    this.links = new Links(routes, admits)
    this.aliases = new Aliases(identity)
    this.ownMonitors = new OwnMonitors(identity, routes, this.aliases)
    this.nodeMonitors = new NodeMonitors(routes)
  }

  get size(): number {
    return this.#byPid.size
  }

  /**
   * Whether the processes of a peer may have one more link or monitor with ours; when not, that is
   * counted. Those of this node may have any number.
   */
  admitsRelation(route: Route): boolean {
    if (route.name === this.#identity.name) return true
    if (this.links.count(route) + this.monitors.count(route) < this.#limit.max) return true
    this.#limit.refused(route.name)
    return false
  }

  add(process: Process): void {
    this.#byPid.set(pidKey(process.pid), process)
  }

  /** Undefined also for pids of other nodes and of earlier lives of this one. */
  find(pid: Pid): Process | undefined {
    return this.#identity.isOwnPid(pid) ? this.#byPid.get(pidKey(pid)) : undefined
  }

  /** The process that gets the messages to a name. */
  named(name: string): Process | undefined {
    return this.registry.find(name) ?? this.fallback
  }

  /** The process that gets a message to an alias; the last one ends the alias' monitor, too. */
  aliased(alias: Reference): Process | undefined {
    const found = this.aliases.take(alias)
    if (found?.isOnce === true) this.ownMonitors.demonitor(found.process, alias)
    return found?.process
  }

  send(from: Pid, to: Target, message: TermInput, encode?: EncodeOptions): Promise<void> {
    return this.#outlet.send(from, to, message, encode)
  }

  /** `exit/2`, in the name of a process. */
  exitSignal(from: Pid, to: Pid, reason: TermInput): void {
    void this.#outlet.route(to.node.name).post(Operation.Exit2, [from, to], reason, this.#encode)
  }

  ended(process: Process, reason: TermInput): void {
    this.#byPid.delete(pidKey(process.pid))
    if (process === this.fallback) this.fallback = undefined
    if (process.name !== undefined) this.registry.unregister(process.name)
    if (process.holdings !== undefined) this.#release(process)
    this.links.processEnded(process, reason, this.#encode)
    this.monitors.processEnded(process, reason, this.#encode)
  }

  /** The channel of a peer is gone, and with it what came over it. */
  routeLost(route: Route, reason: string): void {
    // Those who monitored us are gone: nobody of them is to be told of ends that the links bring.
    this.monitors.routeLost(route)
    this.links.routeLost(route)
    this.ownMonitors.routeLost(route)
    this.nodeMonitors.nodeDown(route.name, reason)
  }

  /**
   * Ends all with `shutdown`, as supervisors do when their node stops. Those that have something to
   * finish are killed when they take longer than supervisors give them by default.
   */
  async shutDown(): Promise<void> {
    const all = this.#byPid.values()
    for (const process of all) process.shutDown(atom('shutdown'))
    const finishing = all.filter(({ isAlive }) => isAlive)
    if (finishing.length === 0) return
    const kill = setTimeout(() => {
      for (const process of finishing) process.end(atom('killed'))
    }, shutdownMs)
    await Promise.all(finishing.map(({ whenEnded }) => whenEnded))
    clearTimeout(kill)
    this.endRest()
  }

  /** Ends those that peers have had spawned while others were finishing, or messages were written. */
  endRest(): void {
    for (const process of this.#byPid.values()) process.end(atom('shutdown'))
  }

  #release(process: Process): void {
    this.aliases.processEnded(process)
    this.ownMonitors.processEnded(process)
    this.nodeMonitors.processEnded(process)
    process.holdings = undefined
  }
}
