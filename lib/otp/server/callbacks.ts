import { checkObject } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'
import type { Term, TermInput } from '../../term/term.js'
import type { GenFrom } from '../gen-reply.js'
import type { ServerProcess } from './server-process.js'

/** Returned by `call` when the answer comes later, by `server.reply`. The same in every copy of the package. */
export const noReply: unique symbol = Symbol.for('beamlink.noReply')

/**
 * A gen_server's callbacks. Each but `state` may be async: the next message waits until its promise
 * settles. What one throws ends the server, and `terminate` runs with the reason; what the last two
 * throw goes to the caller of `sys`.
 *
 * Parameters may have types narrower than `Term`: nothing checks at run time that Erlang keeps to them.
 */
export interface ServerCallbacks {
  /** Runs before the first message. When it throws, the server ends without `terminate`. */
  init?(server: ServerProcess): unknown
  /**
   * `gen_server:call`. The value is the answer (`undefined` is `ok`), save for `noReply`. Without
   * this callback a call ends the server with `undef`, as a cast does without the next.
   */
  call?(request: Term, from: GenFrom, server: ServerProcess): unknown
  /** `gen_server:cast`. */
  cast?(request: Term, server: ServerProcess): unknown
  /** Every other message. Without this callback they are dropped, and counted. */
  info?(message: Term, server: ServerProcess): unknown
  /** No message came for as long as `server.timeoutAfter` said. Without it `info` gets `timeout`. */
  handleTimeout?(server: ServerProcess): unknown
  /** The server is about to end with `reason`. What it throws becomes the reason. */
  terminate?(reason: TermInput, server: ServerProcess): unknown
  /** What `sys:get_state/1` and `sys:get_status/1` show. */
  state?(): TermInput
  /** Takes a new state: that of `sys:replace_state/2` with an exposed function as its fun. */
  replaceState?(state: Term): unknown
}

const callbackNames = [
  'init',
  'call',
  'cast',
  'info',
  'handleTimeout',
  'terminate',
  'state',
  'replaceState',
] as const satisfies readonly (keyof ServerCallbacks)[]

/** Errors: TypeError for what is no object, and for a callback that is no function. */
export function checkCallbacks(value: ServerCallbacks): ServerCallbacks {
  checkObject('impl', value)
  for (const name of callbackNames) {
    const callback: unknown = value[name]
    if (callback !== undefined && typeof callback !== 'function') {
      throw invalidArgument(`impl.${name}`, 'a function', callback)
    }
  }
  return value
}
