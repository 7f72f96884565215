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

/** Where expressions are evaluated, and how long that may take. */
export interface EvaluatorOptions {
  readonly timeoutMs: number
  readonly onOutput: OutputListener
}

/** Tokens up to and with a full stop. */
export type Form = readonly Term[]

/**
 * Evaluates expressions at a peer with its own scanner, parser and evaluator, so that they mean there
 * what they mean in its shell. Each runs in a process of its own; the variables are kept here.
 *
 * Source: OTP 25, stdlib/src/erl_eval.erl.
 */
export class Evaluator {
  readonly #node: ErlangNode
  readonly #peer: string
  readonly #options: EvaluatorOptions
  #bindings: Term | undefined
  #localFunctions: TermInput | undefined

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
   * Errors: SyntaxFault for what cannot be parsed; ERR_ERL_REMOTE with what the expression raised.
   */
  async evaluate(form: Form, signal: AbortSignal): Promise<Term> {
    const complete = isComplete(form) ? form : [...form, tuple(atom('dot'), 1)]
    const parsed = await this.#rpc('erl_parse', 'parse_exprs', [complete], signal)
    if (!isTagged(parsed, 'ok', 2)) throw await this.#syntaxError(parsed, signal)
    const bindings = await this.#knownBindings(signal)
    const handler = await this.#shellFunctions(signal)
    const args = [parsed[1], bindings, ...(handler === undefined ? [] : [handler])]
    const result = await this.#rpc('erl_eval', 'exprs', args, signal).catch(asRaised)
    if (!isTagged(result, 'value', 3)) {
      throw new ErlangError('ERR_ERL_PROTOCOL', `${this.#peer} has another erl_eval than OTP's`)
    }
    this.#bindings = result[2]
    return result[1]
  }

  /** The variables and their values, sorted by their names. */
  async bindings(signal: AbortSignal): Promise<(readonly [string, Term])[]> {
    const list = await this.#rpc(
      'erl_eval',
      'bindings',
      [await this.#knownBindings(signal)],
      signal,
    )
    const pairs = isList(list) ? list.filter((each) => isTuple(each) && each.length === 2) : []
    return pairs.map((pair) => {
      const [name, value] = isTuple(pair) ? [...pair] : []
      return [isAtom(name) ? name.name : '', value as Term] as const
    })
  }

  /** Forgets one variable, or all. */
  async forget(name: string | undefined, signal: AbortSignal): Promise<void> {
    if (name === undefined) {
      this.#bindings = undefined
      return
    }
    const args = [atom(name), await this.#knownBindings(signal)]
    this.#bindings = await this.#rpc('erl_eval', 'del_binding', args, signal)
  }

  async #knownBindings(signal: AbortSignal): Promise<Term> {
    this.#bindings ??= await this.#rpc('erl_eval', 'new_bindings', [], signal)
    return this.#bindings
  }

  /**
   * The functions that have no module in a shell, such as `regs()` and `l(Module)`: a fun of the peer's
   * own evaluator that looks them up in `shell_default`. `q()` is not among them: it would stop the node.
   */
  async #shellFunctions(signal: AbortSignal): Promise<TermInput | undefined> {
    if (this.#localFunctions === undefined) {
      const [form = []] = await this.scan(shellFunctions, signal)
      const parsed = await this.#rpc('erl_parse', 'parse_exprs', [form], signal)
      if (!isTagged(parsed, 'ok', 2)) return undefined
      const none = await this.#rpc('erl_eval', 'new_bindings', [], signal)
      const made = await this.#rpc('erl_eval', 'exprs', [parsed[1], none], signal)
      if (!isTagged(made, 'value', 3)) return undefined
      this.#localFunctions = tuple(atom('value'), made[1])
    }
    return this.#localFunctions
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
    const options = { ...this.#options, signal, kill: true, decode: { floats: 'wrap' } as const }
    return this.#node.rpc(this.#peer, module, name, args, options)
  }
}

/** What the expression raised, without the evaluator around it. */
function asRaised(error: unknown): never {
  if (!ErlangError.is(error) || error.remoteClass === undefined) throw error
  const { remoteClass, reason, remoteStack } = error
  const message = `exception ${remoteClass}: ${format(reason as Term)}`
  throw new ErlangError('ERR_ERL_REMOTE', message, {
    reason,
    remoteStack,
    remoteClass,
    cause: error,
  })
}

const shellFunctions = `
  fun (q, []) -> erlang:error(undef, []);
      (Name, Arguments) -> apply(shell_default, Name, Arguments) end.`

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
