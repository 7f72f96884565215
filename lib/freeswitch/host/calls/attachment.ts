import { Pid } from '../../../term/pid.js'
import type { Reference } from '../../../term/reference.js'
import { Subscription } from '../subscription.js'
import type { Call } from './call.js'

/** A process at a peer that is known by its name. */
export interface RegisteredHandler {
  readonly name: string
  readonly node: string
}

/** Who handles a call. */
export type CallHandler = Pid | RegisteredHandler

export function nodeOf(handler: CallHandler): string {
  return Pid.is(handler) ? handler.node.name : handler.node
}

/** One handler of one call. A call has at most one at each peer. */
export class Attachment {
  readonly call: Call
  readonly handler: CallHandler
  readonly peer: string
  /** Which events of the call its handler wants. */
  readonly subscription = new Subscription(['ALL'])
  /** As `erlang sessions` tells it: FreeSWITCH notes the changes from the attaching on. */
  state = 'CS_NEW'
  /** Where the end of a registered handler is watched. */
  monitor: Reference | undefined

  constructor(call: Call, handler: CallHandler) {
    this.call = call
    this.handler = handler
    this.peer = nodeOf(handler)
  }
}
