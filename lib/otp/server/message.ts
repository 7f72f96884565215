import { ResolvedDecodeOptions } from '../../native/options.js'
import { atomName } from '../../node/atom-name.js'
import { BytesFrame } from '../../node/frames.js'
import type { InboundFrame } from '../../node/route.js'
import { Atom } from '../../term/atom.js'
import { ImproperList } from '../../term/list.js'
import { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import { isTagged, isTuple, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { GenFrom } from '../gen-reply.js'

/** Every term is again the same when it is encoded. */
const exactly = new ResolvedDecodeOptions({ floats: 'wrap' })

/**
 * Reads a message as its server wants it, save for what goes back to where it came from: the tag of
 * a call, and the requests of `sys`, whose reason to terminate the caller compares.
 */
export function readServerMessage(frame: InboundFrame, decode: ResolvedDecodeOptions): Term {
  const message = frame.payload(decode)
  if (isTagged(message, 'system', 3)) return BytesFrame.of(frame).payload(exactly)
  if (!isTagged(message, '$gen_call', 3)) return message
  const [label, from, request] = message
  if (isTuple(from, 2) && isPlainTag(from[1])) return message
  const exact = BytesFrame.of(frame).payload(exactly)
  return isTuple(exact, 3) ? (tuple(label, exact[1], request) as Term) : message
}

/** A tag that is the same however it is read: of `call`, of `multi_call`, of old nodes. */
function isPlainTag(tag: Term): boolean {
  if (ImproperList.is(tag)) return atomName(tag.elements[0]) === 'alias' && Reference.is(tag.tail)
  if (isTuple(tag, 2)) return Reference.is(tag[0]) && Atom.is(tag[1])
  return Reference.is(tag)
}

export interface SystemRequest {
  readonly from: GenFrom
  readonly request: Term
}

/** `{system, {From, Tag}, Request}`; undefined for anything else. */
export function readSystemRequest(message: Term): SystemRequest | undefined {
  if (!isTagged(message, 'system', 3)) return undefined
  const [, from, request] = message
  if (!isTuple(from, 2) || !Pid.is(from[0])) return undefined
  return { from: { pid: from[0], tag: from[1] }, request }
}
