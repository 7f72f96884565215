import {
  atom,
  charlist,
  ErlangError,
  type ErlangNode,
  format,
  isAtom,
  isList,
  isTagged,
  isTuple,
  type OutputListener,
  type Term,
  type TermInput,
  text,
  tuple,
} from '../../index.js'
import { SyntaxFault } from '../usage-error.js'
import { RemoteSession } from './remote-session.js'

/** Where expressions are evaluated, and how long that may take. */
export interface EvaluatorOptions {
  readonly timeoutMs: number
  readonly onOutput: OutputListener
  /** The process that evaluates was ended from outside, and another goes on with its variables. */
  readonly onEnded?: (error: ErlangError) => void
}

/** Tokens up to and with a full stop. */
export type Form = readonly Term[]

/**
 * Evaluates expressions at a peer with its own scanner, parser and evaluator, so that they mean there
 * what they mean in its shell: one after another in one process, which has a mailbox, a dictionary and
 * links. To be closed.
 *
 * Source: OTP 25, stdlib/src/erl_eval.erl.
 */
export class Evaluator {
  readonly #node: ErlangNode
  readonly #peer: string
  readonly #options: EvaluatorOptions
  #session: RemoteSession | undefined

  constructor(node: ErlangNode, peer: string, options: EvaluatorOptions) {
    this.#node = node
    this.#peer = peer
    this.#options = options
  }

  /**
   * Takes a text apart. The last form is without a full stop where the text ends before one.
   *
   * Errors: SyntaxFault for what is no Erlang.
   */
  async scan(source: string, signal: AbortSignal): Promise<Form[]> {
    const result = await this.#rpc('erl_scan', 'string', [charlist(source)], signal)
    if (!isTagged(result, 'ok', 3)) throw await this.#syntaxError(result, signal)
    const [, tokens] = result
    return isList(tokens) ? formsOf(tokens) : []
  }

  /**
   * Evaluates one form; what it binds is known to the next.
   *
   * Errors: SyntaxFault for what cannot be parsed; ERR_ERL_REMOTE with what the expression raised, or
   *         with why its process was ended; ERR_ERL_TIMEOUT.
   */
  async evaluate(form: Form, signal: AbortSignal): Promise<Term> {
    const forms = await this.#parse(form, signal)
    const session = await this.#begin(signal)
    const answer = await this.#inTime(signal, (either) => session.evaluate(forms, either))
    if (isTagged(answer, 'value', 2)) return answer[1]
    throw raised(answer)
  }

  /** The variables and their values, sorted by their names. */
  async bindings(signal: AbortSignal): Promise<(readonly [string, Term])[]> {
    const list = await (await this.#begin(signal)).bindings(signal)
    const pairs = isList(list) ? list.filter((each) => isTuple(each) && each.length === 2) : []
    return pairs.map((pair) => {
      const [name, value] = isTuple(pair) ? [...pair] : []
      return [isAtom(name) ? name.name : '', value as Term] as const
    })
  }

  /** Forgets one variable, or all. */
  async forget(name: string | undefined, signal: AbortSignal): Promise<void> {
    await (await this.#begin(signal)).forget(name, signal)
  }

  /** Ends the process at the peer. */
  async close(): Promise<void> {
    await this.#session?.stop()
  }

  /** One session lasts; should somebody kill it, the next begins without variables. */
  async #begin(signal: AbortSignal): Promise<RemoteSession> {
    if (this.#session === undefined || this.#session.isOver) {
      const { timeoutMs, onOutput, onEnded } = this.#options
      const listeners = {
        onOutput,
        onEnded: (reason: Term) => onEnded?.(raised(tuple(atom('ended'), reason))),
      }
      const wait = { timeoutMs, signal }
      this.#session = await RemoteSession.start(this.#node, this.#peer, wait, listeners)
    }
    return this.#session
  }

  async #parse(form: Form, signal: AbortSignal): Promise<Term> {
    const complete = isComplete(form) ? form : [...form, tuple(atom('dot'), 1)]
    const parsed = await this.#rpc('erl_parse', 'parse_exprs', [complete], signal)
    if (!isTagged(parsed, 'ok', 2)) throw await this.#syntaxError(parsed, signal)
    return parsed[1]
  }

  async #syntaxError(result: Term, signal: AbortSignal): Promise<SyntaxFault> {
    const fault = isTuple(result) ? result[1] : undefined
    if (fault === undefined || !isTuple(fault) || fault.length !== 3) {
      return new SyntaxFault('the peer cannot read this expression')
    }
    const [, module, description] = fault
    const name = isAtom(module) ? module.name : 'erl_parse'
    const said = await this.#rpc(name, 'format_error', [description as Term], signal)
    return new SyntaxFault(`not an expression of Erlang: ${text(said as never)}`)
  }

  #rpc(
    module: string,
    name: string,
    args: readonly TermInput[],
    signal: AbortSignal,
  ): Promise<Term> {
    const { timeoutMs, onOutput } = this.#options
    const decode = { floats: 'wrap' } as const
    const options = { timeoutMs, onOutput, signal, kill: true, decode }
    return this.#node.rpc(this.#peer, module, name, args, options)
  }

  async #inTime<Result>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { timeoutMs } = this.#options
    if (timeoutMs > longestTimerMs) return work(signal)
    const late = AbortSignal.timeout(timeoutMs)
    try {
      return await work(AbortSignal.any([signal, late]))
    } catch (error) {
      if (error !== late.reason) throw error
      const message = `the expression at ${this.#peer} took more than ${timeoutMs} ms`
      throw new ErlangError('ERR_ERL_TIMEOUT', message)
    }
  }
}

const longestTimerMs = 2 ** 31 - 1

/** What the expression raised, or why its process ended, without the evaluator around it. */
function raised(answer: Term): ErlangError {
  const [kind, first, second, third] = isTuple(answer) ? ([...answer] as Term[]) : []
  const remoteClass = isAtom(kind, 'raised') && isAtom(first) ? first.name : 'exit'
  const reason = (isAtom(kind, 'raised') ? second : first) as Term
  return new ErlangError('ERR_ERL_REMOTE', `exception ${remoteClass}: ${format(reason)}`, {
    reason,
    remoteClass: remoteClass as 'error' | 'exit' | 'throw',
    ...(third === undefined ? {} : { remoteStack: third }),
  })
}

export function isComplete(form: Form): boolean {
  const last = form.at(-1)
  return last !== undefined && isTagged(last, 'dot', 2)
}

function formsOf(tokens: readonly Term[]): Form[] {
  const forms: Term[][] = []
  let form: Term[] = []
  for (const token of tokens) {
    form.push(token)
    if (!isTagged(token, 'dot', 2)) continue
    forms.push(form)
    form = []
  }
  return form.length === 0 ? forms : [...forms, form]
}
