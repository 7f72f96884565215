import { checkNames, checkText } from '../../../base/validate.js'
import { invalidArgument, outOfRange } from '../../../errors.js'
import type { CallHandler } from './attachment.js'
import { parseTarget } from './target.js'

/**
 * What becomes of a call whose last handler is gone: `'continue'`, as in FreeSWITCH, lets the dialplan
 * go on; `'hangup'` asks `released` to hang up, or ends the call where there is no such function;
 * `'wait'` keeps it parked, and its events, until somebody attaches to
 * it with `handlecall`; `{ attach }` hands it to another handler, once, named as for `Call.attach`.
 */
export type WhenHandlerGone = 'continue' | 'hangup' | 'wait' | { readonly attach: string }

/** Tells the program that a handler of a call is gone, and what the call is to do. */
export interface Release {
  readonly handler: CallHandler
  /** `attachFailed`: the other handler that was to take over did not. */
  readonly reason: 'handlerEnded' | 'nodeLost' | 'attachFailed'
  /**
   * `continue`: with the next action of the dialplan. `hangup`: the program is to hang up, with
   * DESTINATION_OUT_OF_ORDER, and to `end` the call. `wait` and `attach`: nothing, it stays parked.
   * `handled`: nothing, it has other handlers.
   */
  readonly next: 'continue' | 'hangup' | 'wait' | 'attach' | 'handled'
}

const attachRule = "'<target> <node>', as for Call.attach"
const words = ['continue', 'hangup', 'wait'] as const

export function checkWhenHandlerGone(name: string, value: unknown): WhenHandlerGone {
  const rule = "'continue', 'hangup', 'wait' or { attach: '<target> <node>' }"
  if (typeof value === 'string') {
    const word = words.find((each) => each === value)
    if (word === undefined) throw outOfRange(name, rule, value)
    return word
  }
  if (typeof value !== 'object' || value === null || !('attach' in value)) {
    throw invalidArgument(name, rule, value)
  }
  checkNames(name, value, ['attach'])
  const attach = checkText(`${name}.attach`, value.attach)
  if (parseTarget(attach) === undefined) throw outOfRange(`${name}.attach`, attachRule, attach)
  return { attach }
}
