import { Operation } from '../native/contract.js'
import type { EncodeOptions } from '../native/options.js'
import { atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { Term, TermInput } from '../term/term.js'
import { foreignPidKey } from './identity.js'
import { postReason } from './post-reason.js'
import { ExitKind, type Process } from './process.js'
import type { Route } from './route.js'

/** One end of a link: the other process, and the channel that carries it. */
export interface Link {
  readonly pid: Pid
  readonly route: Route
}

/** The links of one process, by `foreignPidKey` of the other end. */
export type LinkTable = Map<string, Link>

/** The links between our processes and those of peers. */
export class Links {
  /** Those with links, so that a lost peer need not look at every process. */
  readonly #linked = new Set<Process>()

  /**
   * LINK. A process that does not exist answers as one that ends: EXIT with `noproc`.
   *
   * Shape:  {1, From, To}; answer {3 or 24, To, From} with a reason.
   */
  linked(process: Process | undefined, from: Pid, to: Pid, route: Route): void {
    if (process === undefined) {
      void route.post(Operation.Exit, [to, from], atom('noproc'))
      return
    }
    process.links ??= new Map()
    process.links.set(foreignPidKey(from), { pid: from, route })
    this.#linked.add(process)
  }

  /** UNLINK_ID, UNLINK of old peers. Acknowledging is the router's part: it is due in any case. */
  unlinked(process: Process | undefined, from: Pid): void {
    if (process !== undefined) this.#remove(process, from)
  }

  /** EXIT: the other end has ended. Without a link it means nothing. */
  broken(process: Process | undefined, from: Pid, reason: Term): void {
    if (process === undefined || !this.#remove(process, from)) return
    process.signalled(from, reason, ExitKind.Link)
  }

  /** Tells the other ends that a process is over. */
  processEnded(process: Process, reason: TermInput, encode: EncodeOptions | undefined): void {
    if (process.links === undefined) return
    this.#linked.delete(process)
    for (const { pid, route } of process.links.values()) {
      postReason(route, Operation.Exit, [process.pid, pid], reason, encode)
    }
    process.links = undefined
  }

  /** Every link over a lost channel breaks, with `noconnection`. */
  routeLost(route: Route): void {
    for (const process of this.#linked) {
      for (const link of process.links?.values() ?? []) {
        if (link.route === route) this.broken(process, link.pid, atom('noconnection'))
      }
    }
  }

  #remove(process: Process, from: Pid): boolean {
    const had = process.links?.delete(foreignPidKey(from)) === true
    if (process.links?.size === 0) {
      process.links = undefined
      this.#linked.delete(process)
    }
    return had
  }
}
