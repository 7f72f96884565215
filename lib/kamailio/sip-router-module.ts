import { checkFunction, checkNames, checkObject, checkText } from '../base/validate.js'
import {
  Atom,
  atom,
  type ErlangNode,
  type GenFrom,
  isPid,
  isTuple,
  type Pid,
  type ServerProcess,
  type Term,
  type TermInput,
  tuple,
} from '../index.js'
import { parseNodeName } from '../node/node-name.js'
import type { Outcome } from '../otp/rpc/evaluation.js'
import { rexValue } from '../otp/rpc/evaluation.js'
import { jsError } from '../term/thrown.js'
import { checkNode } from './check-node.js'
import { scriptTerm } from './script-term.js'

/** What scripts send to one registered process. A value is printed by the script as a term. */
export interface ScriptHandlers {
  /** `erlang_call`, and `erlang_call_route`, which wants what `routeTo` gives. */
  call?(request: Term, from: GenFrom): unknown
  /** `erlang_cast`. */
  cast?(request: Term): unknown
  /** `erlang_info`; the pid stands for the SIP worker, its number is that of the Unix process. */
  info?(message: Term, worker: Pid): unknown
  /** What is none of these: it is counted, and dropped without this. */
  malformed?(message: Term): unknown
  /** Told what the others throw. */
  failed?(error: unknown): unknown
}

/** How much came from the scripts of a `SipRouterModule`, and what came of it. */
export interface SipRouterStats {
  calls: number
  casts: number
  infos: number
  /** Messages that are none of these. */
  malformed: number
  /** Handlers that threw: a call is answered with `{error, Text}` then. */
  failed: number
}

const handlerNames: readonly (keyof ScriptHandlers)[] = [
  'call',
  'cast',
  'info',
  'malformed',
  'failed',
]

/** What `erlang_call_route` wants: the script goes on in `route[name]`, with the value printed. */
export function routeTo(route: string, value: TermInput): TermInput {
  return tuple(atom(checkText('route', route)), scriptTerm(value))
}

/**
 * The `erlang` module of sip-router and Kamailio 4.1, seen from the node that it connects to.
 *
 * ```ts
 * const scripts = new SipRouterModule(node, 'test@shop')
 * scripts.serve('echo_server', { call: (request) => request })
 * node.expose('billing', { rate: (user) => 42 })                     // erlang_rex
 * ```
 *
 * Text in answers becomes strings, which such scripts print as text, and not as `#Bin<…>`.
 */
export class SipRouterModule implements Disposable {
  readonly #node: ErlangNode
  readonly #peer: string
  readonly #servers: ServerProcess[] = []
  readonly #stats: SipRouterStats = { calls: 0, casts: 0, infos: 0, malformed: 0, failed: 0 }

  /** `peer`: the node of the connection, `name@shorthost`. Errors: RangeError for no node name. */
  constructor(node: ErlangNode, peer: string) {
    this.#node = checkNode(node)
    this.#peer = parseNodeName('peer', peer).full
    // Its workers share one connection and are answered in any order.
    node.setRexGate(this.#peer, (answer) => (outcome) => answer(this.#rexAnswer(outcome)))
  }

  /** Counts since the start. */
  get stats(): Readonly<SipRouterStats> {
    return { ...this.#stats }
  }

  /**
   * Answers the functions of scripts that name `proc`. What a handler throws goes to `failed`, and does
   * not end the server: the SIP worker would wait 5 s to notice.
   *
   * Errors: TypeError for bad handlers, RangeError for a name that is taken.
   */
  serve(proc: string | Atom, handlers: ScriptHandlers): ServerProcess {
    checkNames('serve', checkObject('handlers', handlers), handlerNames)
    for (const name of handlerNames) {
      if (handlers[name] !== undefined) checkFunction(`handlers.${name}`, handlers[name])
    }
    const name = checkText('proc', Atom.is(proc) ? proc.name : proc)
    const server = this.#node.serve(name, {
      call: (request, from) => this.#called(handlers, request, from),
      cast: (request) => {
        this.#stats.casts += 1
        return this.#guarded(handlers, () => handlers.cast?.(request))
      },
      info: (message) => this.#told(handlers, message),
    })
    this.#servers.push(server)
    return server
  }

  /** Ends its servers. Safe twice. */
  close(): void {
    this.#node.setRexGate(this.#peer, undefined)
    for (const server of this.#servers.splice(0)) server.exit()
  }

  /** As `close`, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close()
  }

  async #called(handlers: ScriptHandlers, request: Term, from: GenFrom): Promise<TermInput> {
    this.#stats.calls += 1
    try {
      if (handlers.call === undefined) return tuple(atom('error'), scriptTerm('no calls here'))
      const value = (await handlers.call(request, from)) as TermInput | undefined
      return value === undefined ? atom('ok') : scriptTerm(value)
    } catch (error) {
      this.#stats.failed += 1
      handlers.failed?.(error)
      return tuple(atom('error'), scriptTerm(String(error)))
    }
  }

  /** `{Pid, Term}`. */
  #told(handlers: ScriptHandlers, message: Term): Promise<unknown> {
    if (isTuple(message, 2) && isPid(message[0])) {
      const [worker, told] = [message[0], message[1]]
      this.#stats.infos += 1
      return this.#guarded(handlers, () => handlers.info?.(told, worker))
    }
    this.#stats.malformed += 1
    return this.#guarded(handlers, () => handlers.malformed?.(message))
  }

  /** Nobody waits for it: counted, and the server lives on. */
  async #guarded(handlers: ScriptHandlers, run: () => unknown): Promise<void> {
    try {
      await run()
    } catch (error) {
      this.#stats.failed += 1
      handlers.failed?.(error)
    }
  }

  /** The script waits for an answer also when the value has no Erlang form. */
  #rexAnswer(outcome: Outcome): TermInput {
    try {
      return scriptTerm(rexValue(outcome))
    } catch (error) {
      return scriptTerm(rexValue({ kind: 'error', reason: jsError(error), stack: [] }))
    }
  }
}
