import { AsyncLocalStorage } from 'node:async_hooks'
import type { MailboxProcess } from '../../node/process/mailbox-process.js'
import type { Pid } from '../../term/pid.js'
import type { TermInput } from '../../term/term.js'

/** What a function that Erlang called can know of its caller, and of itself. */
export interface CallContext {
  /** The process that waits for the value, or that asked for the spawn. */
  readonly from: Pid
  /** The node of the caller. */
  readonly node: string
  /**
   * The process that runs the function, and ends with it. It has a mailbox, and it can link and
   * monitor, as it can be linked, monitored and killed.
   */
  readonly self: MailboxProcess
  /** Aborted when nobody waits any more: the caller gave up, died or disconnected, or killed us. */
  readonly signal: AbortSignal
  /** What gets the output of the caller; undefined where the call does not say. */
  readonly groupLeader: Pid | undefined
  /**
   * Tells who started the process with `beamlink:start_link/4`, a supervisor say, that it is up, as
   * `proc_lib:init_ack/1`; `{ok, Pid}` by default. A second call does nothing, nor does one in a
   * function that was not started so.
   */
  initAck(result?: TermInput): void
}

/** What knows the context of a function, and makes it when somebody asks. */
export interface ContextSource {
  readonly context: CallContext
}

const storage = new AsyncLocalStorage<ContextSource>()

/**
 * The context of the exposed function that is running, also after its first `await`; undefined
 * outside of such a function.
 */
export function callContext(): CallContext | undefined {
  return storage.getStore()?.context
}

/** Runs `work` with the context of `source` as what `callContext()` gives. */
export function runInContext<Value>(source: ContextSource, work: () => Value): Value {
  return storage.run(source, work)
}
