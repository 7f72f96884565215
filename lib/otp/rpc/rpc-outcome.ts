import type { ErlangErrorOptions } from '../../errors.js'
import { atomName } from '../../node/atom-name.js'
import { Failure } from '../../node/calls.js'
import { brief } from '../../term/format.js'
import { isTagged, isTuple, type Term } from '../../term/term.js'

/** What was called, for messages. */
export interface Callee {
  readonly peer: string
  /** `module:function/arity` */
  readonly title: string
}

type RemoteClass = NonNullable<ErlangErrorOptions['remoteClass']>

/**
 * The value of a call, or why there is none, out of the reason with which the process that ran
 * `erpc:execute_call` ended.
 *
 * Shape:  `{Ref, return, Value}`, `{Ref, throw, T}`, `{Ref, exit, R}`, `{Ref, error, R, Stack}`,
 *         `{Ref, error, {erpc, R}}`; anything else means that the process was killed.
 * Source: OTP 25, kernel/src/erpc.erl, execute_call/4.
 */
export function outcomeOfExit(reason: Term, callee: Callee): Term | Failure {
  if (isTuple(reason) && reason.length >= 3) {
    const { elements } = reason
    const value = elements[2] as Term
    switch (atomName(elements[1])) {
      case 'return':
        return outcomeOfValue(value, callee)
      case 'throw':
      case 'exit':
        return remoteFailure(callee, atomName(elements[1]) as RemoteClass, value)
      case 'error':
        return remoteFailure(callee, 'error', value, elements[3])
    }
  }
  return outcomeOfSignal(reason, callee)
}

/** `{badrpc, Reason}` is how rpc tells of failures; a caller of rpc cannot tell it from a value. */
export function outcomeOfValue(value: Term, callee: Callee): Term | Failure {
  if (!isTagged(value, 'badrpc', 2)) return value
  const reason = value[1]
  if (atomName(reason) === 'nodedown') {
    return new Failure('ERR_ERL_NODEDOWN', `${callee.title}: nodedown`, { reason })
  }
  const message = `${callee.title} failed at ${callee.peer}: ${brief(value)}`
  return new Failure('ERR_ERL_REMOTE', message, { reason })
}

/** The process ended before it could say how: it was killed, or its node is going down. */
function outcomeOfSignal(reason: Term, callee: Callee): Failure {
  if (atomName(reason) === 'noconnection') {
    const message = `the connection to ${callee.peer} is gone`
    return new Failure('ERR_ERL_NOCONNECTION', message, { reason })
  }
  return remoteFailure(callee, 'exit', reason)
}

export function remoteFailure(
  callee: Callee,
  remoteClass: RemoteClass,
  reason: Term,
  remoteStack?: Term,
): Failure {
  const message = `${callee.title} failed at ${callee.peer}: ${remoteClass}:${brief(reason)}`
  return new Failure('ERR_ERL_REMOTE', message, {
    reason,
    remoteClass,
    ...(remoteStack === undefined ? {} : { remoteStack }),
  })
}
