import type { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import type { TermInput } from '../../term/term.js'
import type { Route } from '../route.js'
import type { Process } from './process.js'

/**
 * Sends the reason with which a process ended. Whoever waits for it must hear of the end even when
 * the reason, which may hold what a function returned, has no Erlang form: then the process says
 * what is sent in its place.
 */
export function postReason(
  process: Process,
  route: Route,
  operation: Operation,
  fields: readonly TermInput[],
  reason: TermInput,
  encode: EncodeOptions | undefined,
): void {
  try {
    void route.post(operation, fields, reason, encode)
  } catch (error) {
    void route.post(operation, fields, process.unsendable(error))
  }
}
