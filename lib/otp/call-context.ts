import { AsyncLocalStorage } from 'node:async_hooks'
import type { Pid } from '../term/pid.js'

/** What a function that Erlang called can know of its caller. */
export interface CallContext {
  /** The process that waits for the value, or that asked for the spawn. */
  readonly from: Pid
  /** The node of the caller. */
  readonly node: string
  /** The process that runs the function: it can be monitored, linked to and killed. */
  readonly self: Pid
  /** Aborted when nobody waits any more: the caller gave up, died or disconnected, or killed us. */
  readonly signal: AbortSignal
}

const storage = new AsyncLocalStorage<CallContext>()

/**
 * The context of the exposed function that is running, also after its first `await`; undefined
 * outside of such a function.
 */
export function callContext(): CallContext | undefined {
  return storage.getStore()
}

/** Runs `work` with `context` as what `callContext()` gives. */
export function runInContext<Value>(context: CallContext, work: () => Value): Value {
  return storage.run(context, work)
}
