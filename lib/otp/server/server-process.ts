import { checkTimeout } from '../../base/validate.js'
import { ErlangError, invalidArgument } from '../../errors.js'
import type { EncodeOptions, ResolvedDecodeOptions } from '../../native/options.js'
import type { NodeCore } from '../../node/core.js'
import { isSamePid } from '../../node/identity.js'
import { watchesServing } from '../../node/observe/serve.js'
import { isThenable } from '../../node/process/handler-process.js'
import { countLost, Letter } from '../../node/process/letter.js'
import { checkReason, Process } from '../../node/process/process.js'
import type { InboundFrame, Route } from '../../node/route.js'
import { type Atom, atom } from '../../term/atom.js'
import { brief } from '../../term/format.js'
import { Pid } from '../../term/pid.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { exitReasonOf, isOrderly, jsError, readThrown } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import { type GenFrom, genReply } from '../gen-reply.js'
import type { ExposedTable } from '../rpc/exposed.js'
import { noReply, type ServerCallbacks } from './callbacks.js'
import { readServerMessage, readSystemRequest, type SystemRequest } from './message.js'
import { ServerOutput } from './output.js'
import { ServerQueue } from './queue.js'
import { ServerStart } from './start.js'
import { ServerSys } from './sys.js'
import type { SysDialects } from './sys-dialect.js'
import { callbackFailed, type SysResult } from './sys-request.js'
import { ServerTimeout } from './timeout.js'
import { runTraced } from './traced-work.js'
import { isUnhandled, runWork, type ServerWork, stackOf, workOf } from './work.js'

/** What a server needs of the node around it. */
export interface ServerHost {
  readonly core: NodeCore
  readonly exposed: ExposedTable
  readonly dialects: SysDialects
  /** Told what a callback has thrown that ends a server, before it ends. */
  readonly failed: (error: unknown, server: Process, message: Term | undefined) => void
}

/** `ServeOptions`, checked. */
export interface ResolvedServeOptions {
  readonly name: Atom | boolean | undefined
  readonly module: Atom | boolean
  readonly parent: Pid | undefined
  readonly groupLeader: Pid | undefined
  readonly decode: ResolvedDecodeOptions
  readonly encode: EncodeOptions | undefined
}

/**
 * A gen_server: it deals with calls, casts, other messages and the requests of `sys`, one at a time
 * and in order.
 *
 * Source: OTP 25, stdlib/src/gen_server.erl, decode_msg/9, handle_msg/6, terminate/10.
 */
export class ServerProcess extends Process {
  readonly #host: ServerHost
  readonly #callbacks: ServerCallbacks
  readonly #options: ResolvedServeOptions
  readonly #queue = new ServerQueue()
  /** Made for the first request of `sys`, which most servers never get. */
  #sys: ServerSys | undefined
  #output: ServerOutput | undefined
  readonly #timeout: ServerTimeout
  readonly #start = new ServerStart()
  /** A callback runs, or its promise is pending; also before `start`. */
  #isBusy = true
  /** What the promise that is pending is for. */
  #unsettled: Letter<Term> | undefined
  /** The caller of `start` hears what `init` throws. */
  #isStarting = false
  #stopReason: { readonly reason: TermInput } | undefined
  #parent: Pid | undefined

  /** @internal */
  constructor(
    pid: Pid,
    host: ServerHost,
    callbacks: ServerCallbacks,
    options: ResolvedServeOptions,
  ) {
    super(pid, host.core.processes)
    this.#host = host
    this.#callbacks = callbacks
    this.#options = options
    this.#parent = options.parent
    this.#timeout = new ServerTimeout(host.core.mailboxes.deadlines, () => this.#elapsed())
  }

  /**
   * Resolves when `init` is done: with a synchronous one it is when `serve` returns.
   *
   * Errors: what `init` throws; ERR_ERL_CLOSED when the server ends meanwhile.
   */
  get whenStarted(): Promise<void> {
    return this.#start.promise
  }

  /**
   * Answers a call whose callback returned `noReply`, now or at any later time.
   *
   * Errors: TypeError for an answer that has no Erlang form, and a `from` that is none.
   */
  reply(from: GenFrom, reply: TermInput): void {
    if (!Pid.is(from?.pid)) throw invalidArgument('from', 'what call was given', from)
    this.#answer(from, reply)
  }

  /**
   * Ends the server after the callback that runs, `terminate` included: what gen_server's
   * `{stop, Reason, …}` and `gen_server:stop` do. `whenEnded` tells when that is done. In `init` it
   * ends the start, without `terminate`. Safe twice.
   *
   * Errors: TypeError, now, for a reason that has no Erlang form.
   */
  stop(reason: TermInput = atom('normal')): void {
    checkReason(reason)
    if (!this.isAlive || this.#stopReason !== undefined) return
    this.#stopReason = { reason }
    if (!this.#isBusy) this.#terminate(reason)
  }

  /**
   * Called in a callback: `handleTimeout` is to run when no message comes for that long. Any message
   * takes that back, as in gen_server.
   *
   * Units: milliseconds; `Infinity` takes it back.
   */
  timeoutAfter(timeoutMs: number): void {
    this.#timeout.request(checkTimeout('timeoutMs', timeoutMs))
  }

  /**
   * Ends the server as `stop` does: `exit/1` in a callback of a gen_server runs its `terminate` too.
   */
  override exit(reason: TermInput = atom('normal')): void {
    this.stop(reason)
  }

  /** @internal Links it with its parent: that of its options comes first. */
  linkToParent(parent: Pid): void {
    this.#parent ??= parent
    this.link(parent)
  }

  /** @internal Runs `init`, then what has come meanwhile. Errors: what a synchronous `init` throws. */
  start(): void {
    this.#isStarting = true
    this.#perform({ kind: 'init' }, undefined)
    this.#isStarting = false
    this.#start.check()
    this.#run()
  }

  /** @internal */
  deliver(frame: InboundFrame, _from: Pid | undefined, route: Route): void {
    const message = readServerMessage(frame, this.#options.decode)
    if (this.#output?.isAnswer(message)) route.consumed(frame)
    else this.#enqueue(new Letter(message, route, frame))
  }

  /** @internal `terminate` runs also when the node stops. */
  override shutDown(reason: TermInput): void {
    this.stop(reason)
  }

  protected notified(message: Term): void {
    this.#enqueue(new Letter(message))
  }

  protected override discard(isMeant: (message: Term) => boolean): void {
    this.#queue.discard(isMeant)
  }

  protected ended(reason: TermInput): void {
    this.#timeout.cancel()
    // The promise may never settle.
    this.#unsettled?.consume()
    if (this.#sys !== undefined) this.#sys.isSuspended = false
    countLost(this.#queue.clear(), this.pid, this.#host.core.drops)
    if (this.#start.isOver) return
    const message = `the server ended before it had started: ${brief(reason)}`
    this.#start.fail(new ErlangError('ERR_ERL_CLOSED', message, { reason }))
  }

  #enqueue(letter: Letter<Term>): void {
    this.#queue.add(letter)
    this.#run()
  }

  #run(): void {
    while (!this.#isBusy && this.isAlive) {
      this.#timeout.pause()
      const letter = this.#next()
      if (letter === undefined) {
        if (this.#sys?.isSuspended !== true) this.#timeout.start()
        return
      }
      this.#handle(letter)
    }
  }

  #next(): Letter<Term> | undefined {
    if (this.#sys?.isSuspended !== true) return this.#queue.take()
    return this.#queue.takeOnly(
      (message) =>
        readSystemRequest(message) !== undefined || this.#parentsReason(message) !== undefined,
    )
  }

  #handle(letter: Letter<Term>): void {
    const { message } = letter
    const system = readSystemRequest(message)
    const parentsReason = this.#parentsReason(message)
    if (system !== undefined) this.#handleSystem(system, letter)
    else if (parentsReason !== undefined) {
      letter.consume()
      this.#terminate(parentsReason)
    } else {
      this.#timeout.cancel()
      this.#sys?.watch(() => ({ kind: 'in', message }))
      const work = workOf(message)
      if (isUnhandled(this.#callbacks, work)) this.#leave(work, letter)
      else this.#perform(work, letter)
    }
  }

  /** As a gen_server without the function: `handle_info` may be missing, the others are `undef`. */
  #leave(work: ServerWork, letter: Letter<Term>): void {
    const peer = letter.route?.name ?? this.node
    this.#host.core.drops.add({ reason: 'unhandled', peer, to: this.pid })
    letter.consume()
    if (work.kind === 'info') this.#watchState()
    else this.#terminate(tuple(atom('undef'), stackOf(this.#options.module, work)))
  }

  /** The reason in `{'EXIT', Parent, Reason}`: a server that traps exits ends with its parent. */
  #parentsReason(message: Term): Term | undefined {
    const parent = this.#parent
    if (parent === undefined || !isTagged(message, 'EXIT', 3)) return undefined
    const [, from, reason] = message
    return Pid.is(from) && isSamePid(from, parent) ? reason : undefined
  }

  /** Runs one callback. Never throws: what the callback throws ends the server. */
  #perform(work: ServerWork, letter: Letter<Term> | undefined): void {
    this.#isBusy = true
    try {
      const value = watchesServing()
        ? runTraced(this.#callbacks, work, this, letter?.route?.name)
        : runWork(this.#callbacks, work, this)
      if (isThenable(value)) {
        void this.#settle(value, work, letter)
        return
      }
      if (this.isAlive) this.#completed(work, value)
    } catch (error) {
      this.#crashed(error, work, letter)
    }
    if (letter !== undefined) letter.consume()
  }

  async #settle(
    promise: PromiseLike<unknown>,
    work: ServerWork,
    letter: Letter<Term> | undefined,
  ): Promise<void> {
    this.#unsettled = letter
    try {
      const value = await promise
      if (this.isAlive) this.#completed(work, value)
    } catch (error) {
      this.#crashed(error, work, letter)
    }
    this.#unsettled = undefined
    if (letter !== undefined) letter.consume()
    this.#run()
  }

  /** Errors: TypeError for an answer that has no Erlang form: the callback's mistake. */
  #completed(work: ServerWork, value: unknown): void {
    switch (work.kind) {
      case 'init':
        if (this.#stopReason !== undefined) {
          this.end(this.#stopReason.reason)
          return
        }
        this.#start.succeed()
        break
      case 'terminate':
        this.end(work.reason)
        return
      case 'call':
        if (value === noReply) this.#watchState()
        else this.#answer(work.from, value === undefined ? atom('ok') : (value as TermInput))
        break
      default:
        this.#watchState()
    }
    if (this.#stopReason !== undefined) this.#terminate(this.#stopReason.reason)
    else this.#isBusy = false
  }

  #crashed(error: unknown, work: ServerWork, letter: Letter<Term> | undefined): void {
    // One that has been killed meanwhile has nothing to say any more.
    if (!this.isAlive) return
    const reason = exitReasonOf(readThrown(error), stackOf(this.#options.module, work))
    const isHeard = work.kind === 'init' && (this.#start.fail(error) || this.#isStarting)
    if (!isHeard && !isOrderly(reason)) this.#host.failed(error, this, letter?.message)
    if (work.kind === 'init' || work.kind === 'terminate') this.end(reason)
    else this.#terminate(reason)
  }

  #terminate(reason: TermInput): void {
    this.#timeout.cancel()
    this.#perform({ kind: 'terminate', reason }, undefined)
  }

  #makeSys(): ServerSys {
    const { core, exposed, dialects } = this.#host
    const { name, module, groupLeader, encode } = this.#options
    const output = new ServerOutput(this, core, groupLeader)
    this.#output = output
    return new ServerSys({
      pid: this.pid,
      name: name ?? this.pid,
      module,
      parent: () => this.#parent ?? this.pid,
      callbacks: this.#callbacks,
      exposed,
      dialects,
      seekers: core.mailboxes.seekers,
      encode,
      print: (text) => output.print(text),
    })
  }

  #elapsed(): void {
    this.#sys?.watch(() => ({ kind: 'in', message: atom('timeout') }))
    this.#perform({ kind: 'timeout' }, undefined)
    this.#run()
  }

  #handleSystem({ from, request }: SystemRequest, letter: Letter<Term>): void {
    this.#isBusy = true
    this.#sys ??= this.#makeSys()
    const result = this.#sys.answer(from.pid, request, letter.route?.name ?? this.node)
    if (isThenable(result)) void this.#settleSystem(from, result, letter)
    else this.#answerSystem(from, result, letter)
  }

  async #settleSystem(
    from: GenFrom,
    promise: PromiseLike<SysResult>,
    letter: Letter<Term>,
  ): Promise<void> {
    this.#unsettled = letter
    const result = await promise
    this.#unsettled = undefined
    this.#answerSystem(from, result, letter)
    this.#run()
  }

  #answerSystem(from: GenFrom, { reply, terminate }: SysResult, letter: Letter<Term>): void {
    letter.consume()
    if (!this.isAlive) return
    try {
      genReply(this.#host.core, this.pid, from, reply, this.#options.encode)
    } catch (error) {
      const failed = callbackFailed('system_get_state', 'error', jsError(error))
      genReply(this.#host.core, this.pid, from, failed, undefined)
    }
    if (this.#sys?.isSuspended !== true) this.#queue.release()
    if (terminate !== undefined) this.#terminate(terminate)
    else if (this.#stopReason !== undefined) this.#terminate(this.#stopReason.reason)
    else this.#isBusy = false
  }

  #answer(from: GenFrom, reply: TermInput): void {
    genReply(this.#host.core, this.pid, from, reply, this.#options.encode)
    this.#sys?.watch((state, shown) => {
      return { kind: 'out', reply: shown(reply), from, state }
    })
  }

  #watchState(): void {
    this.#sys?.watch((state) => ({ kind: 'noreply', state }))
  }
}
