import { Operation } from '../../native/contract.js'
import type { InboundFrame, Route } from '../../node/route.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { RawTerm } from '../../term/raw.js'

const user = atom('user')

/**
 * Passes a request on to `user` of the node it comes from, which answers it: it names who asks and
 * waits for the answer.
 */
export function forwardToConsole(
  leader: Pid,
  frame: InboundFrame,
  from: Pid | undefined,
  route: Route,
): void {
  void route.post(Operation.RegSend, [from ?? leader, user], new RawTerm(frame.raw()))
  route.consumed(frame)
}
