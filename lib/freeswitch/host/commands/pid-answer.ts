import { Pid } from '../../../term/pid.js'
import { Reference } from '../../../term/reference.js'
import { isTuple, type Term } from '../../../term/term.js'
import type { HostCore } from '../host-core.js'
import { type CommandTable, type Reply, refusal } from './command.js'

/**
 * `{Ref, Pid}`, who is to handle a call. What is no such answer is passed over in silence.
 *
 * Source: mod_erlang_event, handle_msg.c, handle_ref_tuple; seed-systems 2.4, 2.7.
 */
export function pidAnswer(host: HostCore, elements: readonly (Term | undefined)[]): Reply {
  const [reference, pid] = elements
  if (!Reference.is(reference) || !Pid.is(pid)) return undefined
  return host.calls.pidRequests.answered(reference, pid) ? undefined : refusal('notfound')
}

/** `{rex, {Ref, Pid}}`: the same, from a function that was called. */
export const rexTuples: CommandTable = {
  rex: ({ host, args }) => (isTuple(args[0]) ? pidAnswer(host, [...args[0]]) : undefined),
}
