import { ErlangError } from '../errors.js'
import { atom } from './atom.js'
import { isAtom, isTagged, type Term, type TermInput } from './term.js'
import { tuple } from './tuple.js'

/** What JavaScript threw, in Erlang's words. */
export interface Thrown {
  readonly kind: 'error' | 'exit' | 'throw'
  readonly reason: TermInput
}

/**
 * The `reason` of an `ErlangError`, in the class that its `remoteClass` names; else an error
 * `{js_error, Name, Message}`.
 */
export function readThrown(error: unknown): Thrown {
  if (ErlangError.is(error) && error.reason !== undefined) {
    return { kind: error.remoteClass ?? 'error', reason: error.reason as TermInput }
  }
  return { kind: 'error', reason: jsError(error) }
}

/**
 * What JavaScript threw, as a term: binaries, which Erlang and Elixir print as text. Anything can be
 * thrown, and the caller waits for an answer whatever it is.
 */
export function jsError(error: unknown): TermInput {
  const tag = atom('js_error')
  try {
    if (error instanceof Error) return tuple(tag, textOf(error.name), textOf(error.message))
    return tuple(tag, typeof error, textOf(error))
  } catch {
    return tuple(tag, typeof error, 'a value that cannot be shown as text')
  }
}

/** Throws for objects that have no text, such as those without a prototype. */
function textOf(value: unknown): string {
  // Of ES2024, which Node 20 has: a lone surrogate has no UTF-8 form.
  return (String(value) as unknown as { toWellFormed(): string }).toWellFormed()
}

/** The reason with which a process ends that does not catch it. */
export function exitReasonOf({ kind, reason }: Thrown, stack: TermInput = []): TermInput {
  if (kind === 'exit') return reason
  return tuple(kind === 'throw' ? tuple(atom('nocatch'), reason) : reason, stack)
}

/** `normal`, `shutdown` and `{shutdown, _}`: ends that are nobody's mistake, as OTP sees it. */
export function isOrderly(reason: TermInput): boolean {
  const term = reason as Term
  return isAtom(term, 'normal') || isAtom(term, 'shutdown') || isTagged(term, 'shutdown', 2)
}
