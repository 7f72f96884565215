import { type Atom, atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'

/** The group leader of most calls that a server runs: output goes to that node's console. */
export const user = atom('user')

const callTag = atom('call')
const erpc = atom('erpc')
const executeCall = atom('execute_call')
/** Stands where `erpc` has a reference, which nobody has to compare here. */
const noTag = 0

/**
 * What asks OTP's server for rpc to call `module:function(args)`.
 *
 * Shape:  `{call, M, F, Args, GroupLeader}`
 * Source: OTP 25, kernel/src/rpc.erl, handle_call({call, …}).
 */
export function rexRequest(
  module: Atom | boolean,
  name: Atom | boolean,
  args: TermInput,
  groupLeader: Pid | Atom,
): TermInput {
  return tuple(callTag, module, name, args, groupLeader)
}

/**
 * Asks a server for rpc that is ours to call `module:function(args)`, and to tell whatever that comes
 * to. Unlike a call of gen's, which names the caller, too, and gives its tag back, it has the alias
 * once each way.
 *
 * Shape:  `{Alias, {call, erpc, execute_call, [0, M, F, Args], GroupLeader}}`, as C nodes ask, with
 *         an alias in place of their pid; the answer to it is `{rex, {badrpc, {'EXIT', Outcome}}}`,
 *         where Outcome is what `erpc:execute_call/4` exits with.
 * Source: OTP 25, kernel/src/rpc.erl, handle_info({From, {call, …}}); erpc.erl, execute_call/4.
 */
export function ownRexMessage(
  alias: Reference,
  module: Atom | boolean,
  name: Atom | boolean,
  args: TermInput,
  groupLeader: Pid | Atom,
): TermInput {
  const call = [noTag, module, name, args]
  return tuple(alias, rexRequest(erpc, executeCall, call, groupLeader))
}

/** The Outcome in the value of such an answer; the whole value when it is of another shape. */
export function ownRexOutcome(value: Term): Term {
  if (!isTagged(value, 'badrpc', 2)) return value
  const reason = value.elements[1] as Term
  return isTagged(reason, 'EXIT', 2) ? (reason.elements[1] as Term) : reason
}
