import { Operation } from '../native/contract.js'
import type { EncodeOptions } from '../native/options.js'
import { atomName } from '../node/atom-name.js'
import type { NodeCore } from '../node/core.js'
import { snapshot } from '../node/peer/peer.js'
import { ImproperList } from '../term/list.js'
import { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import { isTagged, isTuple, type Term, type TermInput } from '../term/term.js'
import { tuple } from '../term/tuple.js'

/** Who called and how the answer is to be tagged; the tag is carried as it came. */
export interface GenFrom {
  readonly pid: Pid
  readonly tag: Term
}

export interface GenRequest {
  readonly from: GenFrom
  readonly request: Term
}

/** `{'$gen_call', {From, Tag}, Request}`; undefined for anything else. */
export function readGenCall(message: Term): GenRequest | undefined {
  if (!isTagged(message, '$gen_call', 3)) return undefined
  const [, from, request] = message
  if (!isTuple(from, 2) || !Pid.is(from[0])) return undefined
  return { from: { pid: from[0], tag: from[1] }, request }
}

/**
 * Answers a gen call: by the alias in its tag, so that answers that come too late are dropped there,
 * else to the caller.
 *
 * Source: OTP 25, stdlib/src/gen.erl, reply/2.
 */
export function genReply(
  core: NodeCore,
  self: Pid,
  { pid, tag }: GenFrom,
  reply: TermInput,
  encode: EncodeOptions | undefined,
): void {
  sendAnswer(core, self, pid, tuple(tag, reply), encode, aliasOf(tag))
}

/**
 * Sends an answer to whom a request names, by an alias if there is one. Who is named is the word of
 * the one who asked: an answer connects to no node, or whoever is connected could make this node dial
 * any other. It is dropped then, as one whose caller is gone.
 *
 * Errors: TypeError for what has no Erlang form.
 */
export function sendAnswer(
  core: NodeCore,
  self: Pid,
  to: Pid,
  message: TermInput,
  encode: EncodeOptions | undefined,
  alias?: Reference,
): void {
  const route = core.route(to.node.name)
  if (!route.isUp) {
    const kept = snapshot(message, encode)
    const detail = `an answer of ${kept.bytes.length} bytes to a node that is not connected`
    core.drops.add({ reason: 'noConnection', peer: route.name, to, detail })
  } else if (alias === undefined) {
    void route.post(Operation.SendSender, [self, to], message, encode, true)
  } else void route.post(Operation.AliasSend, [self, alias], message, encode, true)
}

/** The alias in `[alias|Ref]` or `[[alias|Ref]|_]`. */
function aliasOf(tag: unknown): Reference | undefined {
  if (!ImproperList.is(tag)) {
    // With a list as its tail, `[[alias|Ref] | []]` is a proper list.
    return Array.isArray(tag) ? aliasOf(tag[0]) : undefined
  }
  const [head] = tag.elements
  if (ImproperList.is(head)) return aliasOf(head)
  return atomName(head) === 'alias' && Reference.is(tag.tail) ? tag.tail : undefined
}
