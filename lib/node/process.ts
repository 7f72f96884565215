import { atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import { isAtom, type Term, type TermInput } from '../term/term.js'
import type { LinkTable } from './links.js'
import type { Watcher } from './monitors.js'
import type { InboundFrame, Route } from './route.js'

/** Where an exit signal comes from decides what it does. */
export const ExitKind = {
  /** `exit/2`: `kill` cannot be trapped, `normal` does nothing to a process that does not trap. */
  Sent: 'sent',
  /** A link broke. */
  Link: 'link',
} as const
export type ExitKind = (typeof ExitKind)[keyof typeof ExitKind]

/** What a process tells the table it stands in. */
export interface ProcessOwner {
  /** The process is over: its names, links and monitors are to be undone. Safe twice. */
  ended(process: Process, reason: TermInput): void
}

/**
 * Something with a pid. What it does with messages is the subclass's business; what exit signals do
 * to it is the same for all.
 */
export abstract class Process {
  readonly pid: Pid
  /** The name it is registered under. */
  name: string | undefined
  isAlive = true
  /** Whether exit signals arrive as messages. */
  trapsExits = false
  /** Kept by `Monitors`: who wants to hear of its end. */
  watchers: Set<Watcher> | undefined
  /** Kept by `Links`. */
  links: LinkTable | undefined
  readonly #owner: ProcessOwner

  constructor(pid: Pid, owner: ProcessOwner) {
    this.pid = pid
    this.#owner = owner
  }

  /**
   * Takes one message. The payload must be read now; `route.consumed(frame)` is due when it
   * has been dealt with.
   */
  abstract deliver(frame: InboundFrame, from: Pid | undefined, route: Route): void

  /** An exit signal from `from`. Source: OTP, erl_proc_sig_queue.c, handle_exit_signal. */
  signalled(from: Pid, reason: Term, kind: ExitKind): void {
    if (kind === ExitKind.Sent && isAtom(reason, 'kill')) this.end(atom('killed'))
    else if (this.trapsExits) this.trapped(from, reason)
    else if (!isAtom(reason, 'normal')) this.end(reason)
  }

  /** Somebody no longer monitors it: took the monitor back, died, or is out of reach. */
  unwatched(_watcher: Watcher): void {}

  /** Ends the process. Safe twice. */
  end(reason: TermInput): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.#owner.ended(this, reason)
    this.ended(reason)
  }

  /** An exit signal that a process with `trapsExits` has caught. */
  protected abstract trapped(from: Pid, reason: Term): void
  /** The last thing that happens to it. */
  protected abstract ended(reason: TermInput): void
}
