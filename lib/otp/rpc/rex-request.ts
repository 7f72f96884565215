import { type Atom, atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'

/** The group leader of most calls that a server runs: output goes to that node's console. */
export const user = atom('user')

const callTag = atom('call')

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
