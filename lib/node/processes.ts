import type { EncodeOptions } from '../native/options.js'
import type { Pid } from '../term/pid.js'
import type { TermInput } from '../term/term.js'
import { type Identity, pidKey } from './identity.js'
import { Links } from './links.js'
import { Monitors } from './monitors.js'
import type { Process, ProcessOwner } from './process.js'
import { Registry } from './registry.js'
import type { Route } from './route.js'

/** The processes of one node, with their names, links and monitors. */
export class Processes implements ProcessOwner {
  readonly registry = new Registry()
  readonly monitors = new Monitors()
  readonly links = new Links()
  /** Gets the messages to names that nobody has. */
  fallback: Process | undefined
  readonly #identity: Identity
  readonly #encode: EncodeOptions | undefined
  readonly #byPid = new Map<number, Process>()

  constructor(identity: Identity, encode: EncodeOptions | undefined) {
    this.#identity = identity
    this.#encode = encode
  }

  get size(): number {
    return this.#byPid.size
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

  ended(process: Process, reason: TermInput): void {
    this.#byPid.delete(pidKey(process.pid))
    if (process === this.fallback) this.fallback = undefined
    if (process.name !== undefined) this.registry.unregister(process.name)
    this.links.processEnded(process, reason, this.#encode)
    this.monitors.processEnded(process, reason, this.#encode)
  }

  /** The channel of a peer is gone, and with it what came over it. */
  routeLost(route: Route): void {
    this.links.routeLost(route)
    this.monitors.routeLost(route)
  }

  endAll(reason: TermInput): void {
    for (const process of [...this.#byPid.values()]) process.end(reason)
  }
}
