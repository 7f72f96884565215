import { atomName } from '../../node/atom-name.js'
import type { Process } from '../../node/process/process.js'
import { atom } from '../../term/atom.js'
import { ImproperList } from '../../term/list.js'
import { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import { isTagged, isTuple, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { Reply } from './commands/command.js'

const ok = atom('ok')

/** A command that came by `gen_server:call`. */
export class GenCall {
  readonly from: Pid
  readonly request: Term
  readonly #tag: Term

  constructor(from: Pid, tag: Term, request: Term) {
    this.from = from
    this.request = request
    this.#tag = tag
  }

  /** Whoever calls waits, so there is an answer even where a message gets none. */
  answer(process: Process, reply: Reply): Promise<void> {
    return process.send(aliasOf(this.#tag) ?? this.from, tuple(this.#tag, reply ?? ok))
  }
}

/**
 * `{'$gen_call', {From, Tag}, Request}`; undefined for anything else, and where From lives elsewhere
 * than the sender: nobody acts in the name of a process of another node.
 */
export function readGenCall(message: Term, peer: string): GenCall | undefined {
  if (!isTagged(message, '$gen_call', 3)) return undefined
  const [, from, request] = message
  if (!isTuple(from, 2) || !Pid.is(from[0]) || from[0].node.name !== peer) return undefined
  return new GenCall(from[0], from[1] as Term, request as Term)
}

/** The alias in `[alias|Ref]` or `[[alias|Ref]|_]`, where late answers are dropped. */
function aliasOf(tag: unknown): Reference | undefined {
  if (Array.isArray(tag)) return aliasOf(tag[0])
  if (!ImproperList.is(tag)) return undefined
  const [head] = tag.elements
  if (ImproperList.is(head)) return aliasOf(head)
  return atomName(head) === 'alias' && Reference.is(tag.tail) ? tag.tail : undefined
}
