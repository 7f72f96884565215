import type { Pid } from '../term/pid.js'
import { foreignPidKey } from './identity.js'
import { isSamePid, type Process } from './process.js'
import type { Route } from './route.js'

/** One end of a link: one of our processes, the other end, and the way there. */
export class Link {
  readonly process: Process
  readonly pid: Pid
  readonly route: Route
  /** The number of the UNLINK_ID that is not acknowledged yet: until then exits mean nothing. */
  unlinkId = 0

  constructor(process: Process, pid: Pid, route: Route) {
    this.process = process
    this.pid = pid
    this.route = route
  }
}

/** The links of one process. Most have one, and there may be very many processes. */
export class LinkTable {
  #one: Link | undefined
  #byPid: Map<string, Link> | undefined

  constructor(link: Link) {
    this.#one = link
  }

  get isEmpty(): boolean {
    return this.#one === undefined && (this.#byPid === undefined || this.#byPid.size === 0)
  }

  find(pid: Pid): Link | undefined {
    if (this.#byPid !== undefined) return this.#byPid.get(foreignPidKey(pid))
    return this.#one !== undefined && isSamePid(this.#one.pid, pid) ? this.#one : undefined
  }

  add(link: Link): void {
    if (this.#byPid === undefined) {
      this.#byPid = new Map()
      if (this.#one !== undefined) this.#byPid.set(foreignPidKey(this.#one.pid), this.#one)
      this.#one = undefined
    }
    this.#byPid.set(foreignPidKey(link.pid), link)
  }

  remove(link: Link): void {
    if (this.#one === link) this.#one = undefined
    else this.#byPid?.delete(foreignPidKey(link.pid))
  }

  values(): Iterable<Link> {
    if (this.#byPid !== undefined) return this.#byPid.values()
    return this.#one === undefined ? [] : [this.#one]
  }
}
