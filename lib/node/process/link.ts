import type { Pid } from '../../term/pid.js'
import { foreignPidKey, isSamePid } from '../identity.js'
import type { Route } from '../route.js'
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

/**
 * The links of a process, by the pids of the other ends. Most processes have one link, and there may be
 * very many of them: only from the second on a table costs anything.
 */
export type LinkTable = Link | Map<string, Link>

export function findLink(table: LinkTable | undefined, pid: Pid): Link | undefined {
  if (table instanceof Map) return table.get(foreignPidKey(pid))
  return table !== undefined && isSamePid(table.pid, pid) ? table : undefined
}

export function withLink(table: LinkTable | undefined, link: Link): LinkTable {
  if (table === undefined) return link
  const many = table instanceof Map ? table : new Map([[foreignPidKey(table.pid), table]])
  return many.set(foreignPidKey(link.pid), link)
}

/** Undefined when no other link is left. */
export function withoutLink(table: LinkTable | undefined, link: Link): LinkTable | undefined {
  if (!(table instanceof Map)) return table === link ? undefined : table
  table.delete(foreignPidKey(link.pid))
  return table.size === 0 ? undefined : table
}

export function linksOf(table: LinkTable): Iterable<Link> {
  return table instanceof Map ? table.values() : [table]
}
