import { decode, encode } from '../../native/codec.js'
import type { EncodeOptions } from '../../native/options.js'
import { isThenable } from '../../node/process/handler-process.js'
import type { Seekers } from '../../node/process/seekers.js'
import { type Atom, atom } from '../../term/atom.js'
import type { ExternalFun } from '../../term/fun.js'
import type { Pid } from '../../term/pid.js'
import type { Term, TermInput } from '../../term/term.js'
import { jsError } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import { evaluate, type Outcome, resolveApplication } from '../rpc/evaluation.js'
import type { ExposedTable } from '../rpc/exposed.js'
import type { ServerCallbacks } from './callbacks.js'
import { SysDebug, type SysEvent } from './sys-debug.js'
import type { SysDialects } from './sys-dialect.js'
import { handleSysRequest, type SysResult, type SysTarget } from './sys-request.js'
import { statusTerm } from './sys-status.js'

/** What of a server its system messages concern. */
export interface SysSubject {
  readonly pid: Pid
  readonly name: Pid | Atom | boolean
  readonly module: Atom | boolean
  /** The process that it ends with; itself when there is none. */
  readonly parent: () => Pid
  readonly callbacks: ServerCallbacks
  readonly exposed: ExposedTable
  readonly dialects: SysDialects
  readonly seekers: Seekers
  readonly encode: EncodeOptions | undefined
  /** Where the events go that `sys:trace/2` shows. */
  readonly print: (text: string) => void
}

/** A server as `sys` sees it. */
export class ServerSys implements SysTarget {
  readonly debug: SysDebug
  readonly #subject: SysSubject
  #isSuspended = false

  constructor(subject: SysSubject) {
    this.#subject = subject
    this.debug = new SysDebug(subject.name, subject.print)
  }

  get isSuspended(): boolean {
    return this.#isSuspended
  }

  /** While it is, the request to resume may lie behind more than may wait: channels read on. */
  set isSuspended(suspended: boolean) {
    if (suspended === this.#isSuspended) return
    this.#isSuspended = suspended
    if (suspended) this.#subject.seekers.started()
    else this.#subject.seekers.ended()
  }

  /** The answer to a request of a process, which came from `peer`. The promise never rejects. */
  answer(from: Pid, request: Term, peer: string): SysResult | Promise<SysResult> {
    const result = handleSysRequest(this, request, peer)
    return isThenable(result)
      ? result.then((settled) => this.#inDialectOf(from, settled))
      : this.#inDialectOf(from, result)
  }

  get module(): Atom | boolean {
    return this.#subject.module
  }

  get takesState(): boolean {
    return this.#subject.callbacks.replaceState !== undefined
  }

  replaceState(state: Term): unknown {
    return this.#subject.callbacks.replaceState?.(state)
  }

  /** JavaScript keeps its state where it likes: without a callback there is none to show. */
  state(): TermInput {
    return this.#subject.callbacks.state?.() ?? atom('undefined')
  }

  /** Tells those who watch the server, if anybody does. */
  watch(event: (state: TermInput, shown: (term: TermInput) => TermInput) => SysEvent): void {
    if (!this.debug.isOn) return
    const state = this.#shown(() => this.state())
    this.debug.handle(event(state, (term) => this.#shown(() => term)))
  }

  status(): TermInput {
    const { debug, isSuspended } = this
    const parent = this.#subject.parent()
    return statusTerm({ ...this.#subject, parent, isSuspended, debug, state: this.state() })
  }

  apply(fun: ExternalFun, args: readonly Term[], peer: string): Outcome | Promise<Outcome> {
    const application = { module: fun.module, function: fun.function, args: [...args] }
    const found = resolveApplication(this.#subject.exposed, peer, application)
    return 'kind' in found ? found : evaluate(found)
  }

  /** A term as it is now. What goes wrong in showing it is shown in its place. */
  #shown(term: () => TermInput): TermInput {
    try {
      return decode(encode(term(), this.#subject.encode), { floats: 'wrap' })
    } catch (error) {
      return jsError(error)
    }
  }

  #inDialectOf(from: Pid, result: SysResult): SysResult | Promise<SysResult> {
    if (result.isState !== true) return result
    const wraps = this.#subject.dialects.wrapsStates(from)
    return isThenable(wraps) ? wraps.then((does) => wrapped(result, does)) : wrapped(result, wraps)
  }
}

function wrapped({ reply }: SysResult, isWrapped: boolean): SysResult {
  return { reply: isWrapped ? tuple(atom('ok'), reply) : reply }
}
