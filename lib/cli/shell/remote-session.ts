import {
  atom,
  type ErlangNode,
  isAtom,
  isTagged,
  isTuple,
  type MailboxProcess,
  type OutputListener,
  type Pid,
  type RpcOptions,
  type Term,
  type TermInput,
  tuple,
} from '../../index.js'
import { bindingsOf, parseProgram } from '../remote-program.js'
import { sessionSource } from './session-source.js'

/** What is told of a session, beside the answers. */
export interface SessionListeners {
  readonly onOutput: OutputListener
  /** The process that evaluates was ended from outside while it had nothing to do. */
  readonly onEnded: (reason: Term) => void
}

/** How long an orderly end may take before the session is killed. */
const stopMs = 2_000

interface Waiting {
  readonly resolve: (answer: Term) => void
  readonly reject: (error: unknown) => void
}

/**
 * The processes of one shell at a peer, for as long as the connection lasts: see `sessionSource`. The
 * session is the process of one call that does not return before it is stopped, so all that is printed
 * in it comes here.
 */
export class RemoteSession {
  /** What the session knows us by. Values come with their floats wrapped: 1.0 is not 1. */
  readonly #parent: MailboxProcess
  readonly #call: Promise<unknown>
  readonly #killing = new AbortController()
  readonly #waiting = new Map<number, Waiting>()
  #session: Pid | undefined
  #ended: { readonly error: unknown } | undefined
  #questions = 0

  private constructor(
    node: ErlangNode,
    peer: string,
    expressions: Term,
    { onOutput, onEnded }: SessionListeners,
  ) {
    this.#parent = node.spawn({ decode: { floats: 'wrap' } })
    // Nobody but the session knows this process.
    const bindings = bindingsOf({ Parent: this.#parent.pid })
    this.#call = node.rpc(peer, 'erl_eval', 'exprs', [expressions, bindings], {
      timeoutMs: Number.POSITIVE_INFINITY,
      signal: this.#killing.signal,
      kill: true,
      onOutput,
    })
    this.#call.then(
      () => this.#over(new Error(`the shell at ${peer} was stopped`)),
      (error) => this.#over(error),
    )
    void this.#listen(onEnded)
  }

  /** Errors: those of calls. */
  static async start(
    node: ErlangNode,
    peer: string,
    wait: RpcOptions,
    listeners: SessionListeners,
  ): Promise<RemoteSession> {
    const program = await parseProgram(node, peer, sessionSource, wait)
    const session = new RemoteSession(node, peer, program, listeners)
    await session.#answer(0)
    return session
  }

  get isOver(): boolean {
    return this.#ended !== undefined
  }

  /**
   * Evaluates abstract forms and gives what came of it, as `sessionSource` has its answers. An aborted
   * signal kills what evaluates; the variables stay.
   *
   * Errors: `signal.reason`; ERR_ERL_NOCONNECTION and the like when the session is over.
   */
  evaluate(forms: Term, signal: AbortSignal): Promise<Term> {
    const number = this.#ask('eval', forms)
    return this.#answer(number, signal, () => this.#tell('interrupt', number))
  }

  /** Names and values, as `[{Name, Value}]`. */
  async bindings(signal: AbortSignal): Promise<Term> {
    const answer = await this.#answer(this.#ask('bindings'), signal)
    return isTagged(answer, 'bindings', 2) ? answer[1] : []
  }

  async forget(name: string | undefined, signal: AbortSignal): Promise<void> {
    const what = name === undefined ? [] : [atom(name)]
    await this.#answer(this.#ask('forget', ...what), signal)
  }

  /** Ends it at the peer, with what it evaluates. Never rejects. */
  async stop(): Promise<void> {
    if (!this.isOver) this.#tell('stop')
    const timer = setTimeout(() => this.#killing.abort(), stopMs)
    await this.#call.catch(() => undefined)
    clearTimeout(timer)
    this.#parent.exit()
  }

  #ask(what: string, ...more: readonly TermInput[]): number {
    this.#questions += 1
    this.#tell(what, this.#questions, ...more)
    return this.#questions
  }

  #tell(what: string, ...more: readonly TermInput[]): void {
    if (this.#session === undefined || this.isOver) return
    // Whether it arrives, the call tells.
    const message = tuple(this.#parent.pid, atom(what), ...more)
    this.#parent.send(this.#session, message).catch(() => undefined)
  }

  async #answer(number: number, signal?: AbortSignal, abandon?: () => void): Promise<Term> {
    if (this.#ended !== undefined) throw this.#ended.error
    signal?.throwIfAborted()
    const aborted = (): void => {
      abandon?.()
      this.#waiting.get(number)?.reject(signal?.reason)
    }
    signal?.addEventListener('abort', aborted, { once: true })
    try {
      return await new Promise<Term>((resolve, reject) => {
        this.#waiting.set(number, { resolve, reject })
      })
    } finally {
      signal?.removeEventListener('abort', aborted)
      this.#waiting.delete(number)
    }
  }

  async #listen(onEnded: (reason: Term) => void): Promise<void> {
    for await (const message of this.#parent) {
      if (!isTuple(message)) continue
      const [what, first, second] = message as unknown as Term[]
      if (isAtom(what, 'started')) {
        this.#session = first as Pid
        this.#waiting.get(0)?.resolve(first as Term)
      } else if (isAtom(what, 'answer')) {
        // What was interrupted has nobody that waits for it.
        this.#waiting.get(first as number)?.resolve(second as Term)
      } else if (isAtom(what, 'ended')) onEnded(first as Term)
    }
  }

  #over(error: unknown): void {
    this.#ended = { error }
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
