import type { NodeCore } from '../node/core.js'
import { SystemProcess } from '../node/process/system-process.js'
import { atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import { forwardToConsole } from './io/console.js'
import { IoServer, type OutputListener } from './io/server.js'

/**
 * How many group leaders of calls that are over go on passing output on, so that what a call has
 * started in the background can print.
 */
const keptLeaders = 1_000

/** The group leaders of the functions that we call at peers. */
export class GroupLeaders {
  /**
   * Passes io requests on to `user` of the node they come from: what is printed appears on that
   * node's console, as it does for calls from C nodes, and no process waits for an answer of ours.
   */
  readonly console: Pid
  readonly #core: NodeCore
  readonly #retired: IoServer[] = []

  constructor(core: NodeCore) {
    this.#core = core
    const { processes, identity } = core
    const leader = new SystemProcess(identity.nextPid(), processes, (frame, from, route) =>
      forwardToConsole(leader.pid, frame, from, route),
    )
    processes.add(leader)
    this.console = leader.pid
  }

  /** A group leader whose output goes to `listener`. */
  open(listener: OutputListener, failed: (error: unknown) => void): IoServer {
    return new IoServer(this.#core, listener, failed)
  }

  /** The listener hears no more. */
  retire(leader: IoServer): void {
    leader.retire()
    if (!leader.isAlive) return
    this.#retired.push(leader)
    if (this.#retired.length > keptLeaders) this.#retired.shift()?.end(atom('normal'))
  }
}
