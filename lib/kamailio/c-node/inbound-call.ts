import { atom, format, type TermInput, tuple } from '../../index.js'
import type { Outcome } from '../../otp/rpc/evaluation.js'
import type { AnswerCall } from '../../otp/rpc/rex.js'
import { type ResolvedSafeOptions, safeTerm } from '../safe.js'

const badrpc = atom('badrpc')

/** What becomes of one call from a script. */
export interface InboundCallOwner {
  readonly safe: ResolvedSafeOptions
  /** It has been answered, or never will be. */
  ended(call: InboundCall): void
  /** The value of the function had no form that Kamailio can read. */
  unreadable(error: unknown): void
  /** The function came to its end when the call was over. */
  late(): void
  /** The limit was reached before the function came to its end. */
  timedOut(): void
}

/**
 * One `erl_rpc` of a script. It is answered once, within its time, with a term that Kamailio can
 * read: the value of the function, or `{badrpc, Text}`.
 */
export class InboundCall {
  readonly #owner: InboundCallOwner
  readonly #answer: AnswerCall
  readonly #timer: NodeJS.Timeout
  #isOver = false

  constructor(owner: InboundCallOwner, answer: AnswerCall, limitMs: number) {
    this.#owner = owner
    this.#answer = answer
    this.#timer = setTimeout(() => {
      owner.timedOut()
      this.#end(tuple(badrpc, bytesOf('timeout')))
    }, limitMs)
    this.#timer.unref()
  }

  /** The function has come to its end. */
  finish(outcome: Outcome): void {
    if (this.#isOver) this.#owner.late()
    else this.#end(this.#valueOf(outcome))
  }

  /** Kamailio does not wait for it any more; an answer would be taken for that of the next call. */
  abandon(): void {
    if (!this.#isOver) this.#close()
  }

  #end(value: TermInput): void {
    this.#close()
    this.#answer(value)
    this.#owner.ended(this)
  }

  #close(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #valueOf(outcome: Outcome): TermInput {
    if (outcome.kind !== 'return') return tuple(badrpc, bytesOf(reasonText(outcome)))
    try {
      return safeTerm(outcome.value, this.#owner.safe, 'answer')
    } catch (error) {
      this.#owner.unreadable(error)
      return tuple(badrpc, bytesOf(String(error)))
    }
  }
}

/** Of a text in an answer: a script prints into 4 KiB. */
const longestText = 1_000

/** An atom in a tuple is of no use to a script, which compares texts. */
function bytesOf(text: string): readonly number[] {
  return Array.from(Buffer.from(text.slice(0, longestText)))
}

function reasonText(outcome: Exclude<Outcome, { kind: 'return' }>): string {
  if (outcome.kind === 'badarg') return 'badarg'
  if (outcome.thrown instanceof Error) return String(outcome.thrown)
  const stack = outcome.kind === 'error' ? outcome.stack : []
  const where = format(outcome.reason) === 'undef' ? ` ${format(stack)}` : ''
  return `${outcome.kind}: ${format(outcome.reason)}${where}`
}
