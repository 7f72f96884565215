import type { Destination } from '../../node/destination.js'
import type { Atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { Term, TermInput } from '../../term/term.js'

/**
 * The function of a task. `argument` is what the original's functions get: the index of the worker as
 * a string, the data of a run on demand, the address of a socket.
 */
export type TaskFunction = (argument: string, task: Task) => unknown

/** What a task knows and can do, inside its worker thread. */
export interface Task {
  readonly name: string
  /** The number of its worker, from 0, as a string; undefined in a run on demand. */
  readonly index: string | undefined
  /** The data of a run on demand, `''` when there is none, or of a datagram; undefined at start-up. */
  readonly data: string | undefined
  /** Of a datagram: its bytes, and where it came from. */
  readonly datagram: Buffer | undefined
  readonly srcip: string | undefined
  readonly srcport: string | undefined
  readonly srcportno: number | undefined
  /** Aborted when the task is to end: it has the grace time for that, then its thread is ended. */
  readonly signal: AbortSignal
  readonly log: TaskLog
  /**
   * The Erlang node: that of the main thread. With a node of its own that is an `ErlangNode`, typed as
   * the part that both have.
   *
   * Errors: TypeError when neither is there.
   */
  readonly node: TaskProcessNode
}

/** Writes lines in the name of the task; values are formatted as `console.log` does. */
export interface TaskLog {
  /** Logs at level `debug`: values as `console.log` shows them. */
  debug(...values: unknown[]): void
  /** Logs at level `info`. */
  info(...values: unknown[]): void
  /** Logs at level `warn`. */
  warn(...values: unknown[]): void
  /** Logs at level `error`. */
  error(...values: unknown[]): void
}

/** How long to wait. */
export interface TaskWait {
  /** Milliseconds; 5,000 by default, save for `receive`, which waits for ever. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A name of the node that leads to a function of the task. */
export interface Registration {
  readonly pid: Pid
  /** Takes the name back; no more messages come. */
  unregister(): unknown
}

/** Who sent a message. */
export interface TaskMessageContext {
  readonly from?: Pid
  readonly node: string
}

/**
 * What a task can do at the node. Every promise rejects with what the node's function of that name
 * throws or rejects with; a node that is the task's own may throw it as well.
 */
export interface TaskNode {
  /** `Destination ! Message`, in the name of the task's process. */
  send(to: Destination, message: TermInput): Promise<void>
  /** As `ErlangNode.cast`, in the name of the main thread's node. */
  cast(to: Destination, request: TermInput): Promise<void>
  /** As `ErlangNode.call`, in the name of the main thread's node. */
  call(to: Destination, request: TermInput, options?: TaskWait): Promise<Term>
  /** As `ErlangNode.rpc`, in the name of the main thread's node. */
  rpc(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args?: readonly TermInput[],
    options?: TaskWait,
  ): Promise<Term>
  /**
   * Registers a name at the node until the task ends: `handler` gets its messages, one at a time. What
   * it throws ends the worker, as any exception that nobody catches.
   */
  register(
    name: string | Atom,
    handler: (message: Term, context: TaskMessageContext) => unknown,
  ): Registration | Promise<Registration>
}

/** What the process of a task can do, beside that; only at the node of the main thread. */
export interface TaskProcessNode extends TaskNode {
  /** The pid of the task; made by the first use in a run on demand. */
  self(): Promise<Pid>
  /**
   * Takes a message to the task's pid, or waits for one. When `signal` is aborted, no message has been
   * taken if it rejects: one that was on its way to the task then is given all the same.
   */
  receive(options?: TaskWait): Promise<Term>
  /** Links the task's process with another: when that ends, the task is ended, and the other way. */
  link(pid: Pid): Promise<void>
  /** Monitors a process; its end comes to `receive` as `{'DOWN', Ref, process, Pid, Reason}`. */
  monitor(pid: Pid): Promise<Reference>
}
