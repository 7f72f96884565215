import { ErlangError } from '../../index.js'
import type { Output } from '../output/output.js'
import { type Evaluator, type Form, isComplete } from './evaluator.js'

/** What came of a line; `more`: the expression goes on on the next. */
export type Outcome = 'done' | 'more' | 'failed' | 'lost' | 'left'

const help = `Expressions end with a full stop and are evaluated at the peer, in one process: see self() and flush().
  b().          the variables        f().  forgets them all    f(X).  forgets X
  q().          leaves; the peer goes on. Also exit(). and Ctrl-D
  regs(). m(M). and the other commands of Erlang's shell are called at the peer
Tab completes modules and functions. Ctrl-C ends what is being evaluated.
A line that begins with a space is not kept in the history.`

/** The loop of a shell without its reading: a line goes in, its value is printed. */
export class Shell {
  readonly #evaluator: Evaluator
  readonly #output: Output
  #begun = ''
  #hasLostProcess = false

  constructor(evaluator: Evaluator, output: Output) {
    this.#evaluator = evaluator
    this.#output = output
  }

  /** Whether the lines so far are without a full stop. */
  get isInLine(): boolean {
    return this.#begun !== ''
  }

  /** Whether its process was ended between two lines. */
  get hasLostProcess(): boolean {
    return this.#hasLostProcess
  }

  processEnded(): void {
    this.#hasLostProcess = true
  }

  forgetLine(): void {
    this.#begun = ''
  }

  async enter(line: string, signal: AbortSignal): Promise<Outcome> {
    try {
      return this.isInLine
        ? await this.#evaluate(line, signal)
        : ((await this.#command(line.trim(), signal)) ?? (await this.#evaluate(line, signal)))
    } catch (error) {
      this.forgetLine()
      this.#output.failure(error)
      return isLost(error) ? 'lost' : 'failed'
    }
  }

  /** What the shell does itself; undefined for an expression. */
  async #command(line: string, signal: AbortSignal): Promise<Outcome | undefined> {
    if (/^(q|exit)\(\)\.?$/.test(line)) return 'left'
    if (/^(help|h)\(\)\.?$/.test(line)) {
      this.#output.line(help)
      return 'done'
    }
    if (/^b\(\)\.?$/.test(line)) {
      for (const [name, value] of await this.#evaluator.bindings(signal)) {
        this.#output.line(`${name} = ${this.#output.termText(value)}`)
      }
      return 'done'
    }
    const [forget, name] = /^f\(\s*(?:([A-Z_][\w@]*)\s*)?\)\.?$/.exec(line) ?? []
    if (forget === undefined) return undefined
    await this.#evaluator.forget(name, signal)
    return 'done'
  }

  async #evaluate(line: string, signal: AbortSignal): Promise<Outcome> {
    const source = this.#begun + line
    const forms = source.trim() === '' ? [] : await this.#evaluator.scan(source, signal)
    if (forms.length === 0) {
      this.#begun = ''
      return 'done'
    }
    if (!isComplete(forms.at(-1) as Form)) {
      this.#begun = `${source}\n`
      return 'more'
    }
    this.#begun = ''
    for (const form of forms) this.#output.term(await this.#evaluator.evaluate(form, signal))
    return 'done'
  }
}

function isLost(error: unknown): boolean {
  return (
    ErlangError.is(error) &&
    (error.code === 'ERR_ERL_NOCONNECTION' || error.code === 'ERR_ERL_CLOSED')
  )
}
