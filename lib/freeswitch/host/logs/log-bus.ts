import type { Pid } from '../../../term/pid.js'
import type { HostCore, HostPart } from '../host-core.js'
import { logTerm, type NewLogLine, resolveLogLine } from './log-line.js'

/** Brings each line of the log to the log handlers that want it. */
export class LogBus implements HostPart {
  readonly #host: HostCore

  constructor(host: HostCore) {
    this.#host = host
  }

  /** Errors: TypeError and RangeError name what is wrong with the line. */
  log(given: NewLogLine): void {
    const line = resolveLogLine(given)
    let term: ReturnType<typeof logTerm> | undefined
    for (const { logHandler, outbox } of this.#host.listeners.values()) {
      if (logHandler.target === undefined || !logHandler.wants(line.level)) continue
      term ??= logTerm(line)
      outbox.log(logHandler, logHandler.target, term)
    }
  }

  processEnded(pid: Pid): void {
    const listener = this.#host.listeners.get(pid.node.name)
    if (listener?.logHandler.ended(pid)) listener.outbox.purge(listener.logHandler)
  }

  /** What it has kept for the peer is gone with its listener. */
  nodeLost(): void {}
}
