import type { Pid } from '../../term/pid.js'
import type { Term } from '../../term/term.js'
import type { InboundFrame, Route } from '../route.js'
import { type ExitKind, Process, type ProcessOwner } from './process.js'

export type SystemHandler = (frame: InboundFrame, from: Pid | undefined, route: Route) => void

/**
 * A process that is part of the node itself, such as `rex`. Exit signals do nothing to it: where
 * Erlang would restart it under the same name, it just goes on.
 */
export class SystemProcess extends Process {
  readonly #handle: SystemHandler

  constructor(pid: Pid, owner: ProcessOwner, handle: SystemHandler) {
    super(pid, owner)
    this.#handle = handle
  }

  deliver(frame: InboundFrame, from: Pid | undefined, route: Route): void {
    this.#handle(frame, from, route)
  }

  override signalled(_from: Pid, _reason: Term, _kind: ExitKind): void {}
  protected notified(): void {}
  protected ended(): void {}
}
