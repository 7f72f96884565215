import type { Pid } from '../../term/pid.js'
import { foreignPidKey, isSamePid } from '../identity.js'
import type { Route } from '../route.js'
import { Tables } from './one-or-many.js'
import type { Process } from './process.js'

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

/** The links of a process, by the pids of the other ends. */
export const linkTables = new Tables<Link, Pid>(({ pid }) => pid, foreignPidKey, isSamePid)
