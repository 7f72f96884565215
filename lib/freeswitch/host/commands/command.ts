import { atom } from '../../../term/atom.js'
import type { Pid } from '../../../term/pid.js'
import type { Term, TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import type { HostCore } from '../host-core.js'
import type { Listener } from '../listener.js'

/** One message of a peer: who sent it, and the elements after its tag. */
export interface Request {
  readonly host: HostCore
  readonly listener: Listener
  readonly from: Pid
  readonly args: readonly Term[]
  /** Whether it came by `gen_server:call`: then it is always answered. */
  readonly isCall: boolean
}

/** What is sent back to whoever asked; undefined is no answer. */
export type Reply = TermInput | undefined

/** Carries out one kind of message. The peer's next message waits for a promise. */
export type Command = (request: Request) => Reply | Promise<Reply>

/** Commands by the atom that they are, or that their tuple begins with. */
export type CommandTable = Readonly<Record<string, Command>>

export const ok = atom('ok')

/** `{error, Reason}` with an atom. */
export function refusal(reason: string): TermInput {
  return tuple(atom('error'), atom(reason))
}

export const badarg = refusal('badarg')
