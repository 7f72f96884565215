import type { Pid } from '../../term/pid.js'
import { isTuple } from '../../term/term.js'
import { atomName } from '../atom-name.js'
import { type CallMessage, callChannel, type ServeMessage, serveChannel } from './channels.js'

/** Whether anybody watches calls to peers: to be asked before each. */
export function watchesCalls(): boolean {
  return callChannel.hasSubscribers
}

/** Whether anybody watches what runs here for others: to be asked before each. */
export function watchesServing(): boolean {
  return serveChannel.hasSubscribers
}

/** Makes a call while those who watch hear of its start, its end and its error. */
export function traceCall<Value>(message: CallMessage, call: () => Promise<Value>): Promise<Value> {
  return callChannel.tracePromise(call, message)
}

/** What a value that a function gave says to those who watch. */
export type ServedAs = { readonly result: unknown } | { readonly error: unknown }

/**
 * Runs a function for somebody, with the stores that are bound to `tracing:beamlink:serve:start`, and
 * inside `message.around`. `servedAs` reads values that stand for what was returned, or thrown.
 */
export function traceServing<Value>(
  message: ServeMessage,
  run: () => Value,
  servedAs: (value: Awaited<Value>) => ServedAs = (result) => ({ result }),
): Value {
  const { start, end, asyncStart, asyncEnd, error } = serveChannel
  const failed = (reason: unknown) => {
    message.error = reason
    error.publish(message)
  }
  const came = (value: Awaited<Value>) => {
    const served = servedAs(value)
    if ('error' in served) failed(served.error)
    else message.result = served.result
  }
  const settled = (tell: () => void) => {
    tell()
    asyncStart.publish(message)
    asyncEnd.publish(message)
  }
  return start.runStores(message, () => {
    try {
      const { around } = message
      const value = around === undefined ? run() : around(run)
      if (hasThen(value)) {
        Promise.resolve(value).then(
          (result) => settled(() => came(result as Awaited<Value>)),
          (reason) => settled(() => failed(reason)),
        )
      } else came(value as Awaited<Value>)
      return value
    } catch (reason) {
      failed(reason)
      throw reason
    } finally {
      end.publish(message)
    }
  })
}

function hasThen(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

/** What a request is called: the atom that it is, or that its tuple begins with; else `otherwise`. */
export function methodOf(request: unknown, otherwise: string): string {
  const tag = isTuple(request) ? request.elements[0] : request
  return atomName(tag) ?? otherwise
}

/** A process as it is called: its name, else its pid. */
export function serviceOf(name: unknown, pid: Pid): string {
  return atomName(name) ?? String(pid)
}
