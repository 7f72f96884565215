import { ErlangError } from '../../errors.js'
import { atomName } from '../../node/atom-name.js'
import type { NodeCore } from '../../node/core.js'
import { Process } from '../../node/process/process.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { isAtom, isTagged, type Term, type TermInput } from '../../term/term.js'
import { jsError } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import type { ServerProcess } from '../server/server-process.js'
import { exitReason, type Outcome, outcomeOfThrown } from './evaluation.js'
import type { SpawnedProcess } from './spawned-process.js'

const ok = atom('ok')
const normal = atom('normal')

/**
 * The answer that `beamlink:start_link/4` waits for. The function that it starts either is the process
 * that is wanted, and says so by `initAck`; or it starts one, and returns it.
 *
 * Shape:  `{ack, Starter, {ok, Pid} | {error, Reason} | ignore}` to the parent. A Pid that is not the
 *         starter's has been linked to the parent before.
 * Source: OTP 25, stdlib/src/proc_lib.erl, init_ack/2 and sync_start_link/2.
 */
export class StartAck {
  readonly #core: NodeCore
  readonly #starter: SpawnedProcess
  #isSent = false

  constructor(core: NodeCore, starter: SpawnedProcess) {
    this.#core = core
    this.#starter = starter
    starter.acknowledge = (result = tuple(ok, starter.pid)) => this.#send(result)
  }

  /** The function has come to its end. Gives the reason with which its process is to end. */
  async finished(outcome: Outcome): Promise<TermInput> {
    const reason = endedWith(outcome) ?? exitReason(outcome)
    if (this.#isSent) return reason
    const isDone = outcome.kind === 'return'
    const result = isDone ? await this.#resultOf(outcome.value) : failed(reason)
    try {
      this.#send(result)
    } catch (error) {
      // Whoever waits must hear something, also when the reason has no Erlang form.
      this.#send(failed(jsError(error)))
    }
    return reason
  }

  /** What a start function may return, as in Erlang; or the process itself. */
  async #resultOf(value: unknown): Promise<TermInput> {
    const term = value as Term
    const started = isTagged(term, 'ok', 2) && Pid.is(term[1]) ? term[1] : value
    const process = Pid.is(started) ? this.#core.processes.find(started) : started
    if (process instanceof Process) return await this.#adopt(process)
    if (Pid.is(started) || isTagged(term, 'error', 2) || atomName(term) === 'ignore') return term
    // It has done its work, and its process is over before anybody could have it.
    if (atomName(term) === 'ok') return failed(normal)
    return failed(tuple(atom('bad_return_value'), term))
  }

  async #adopt(process: Process): Promise<TermInput> {
    try {
      if (isServer(process)) await this.#whenStarted(process)
      this.#link(process)
      return tuple(ok, process.pid)
    } catch (error) {
      return failed(process.isAlive ? thrownReason(error) : await process.whenEnded)
    }
  }

  /**
   * A gen_server is linked with its parent from its beginning, so whoever gives up ends its `init` too.
   * One that traps exits does that itself when its `init` is done, unless it is killed.
   */
  async #whenStarted(server: ServerProcess): Promise<void> {
    let isPending = true
    void this.#starter.whenEnded.then((reason) => {
      if (isPending && (!server.trapExit || isAtom(reason as Term, 'killed'))) server.end(reason)
    })
    try {
      await server.whenStarted
    } finally {
      isPending = false
    }
  }

  #link(process: Process): void {
    const parent = this.#starter.origin.from
    // Killed meanwhile: who had it started has given up, and nobody knows what it has started.
    if (!this.#starter.isAlive) process.exit(atom('killed'))
    else if (isServer(process)) process.linkToParent(parent)
    else process.link(parent)
  }

  /** Errors: TypeError, now, for a result that has no Erlang form. */
  #send(result: TermInput): void {
    if (this.#isSent || !this.#starter.isAlive) return
    const { from } = this.#starter.origin
    const message = tuple(atom('ack'), this.#starter.pid, result)
    void this.#core.send(this.#starter.pid, { to: from, node: from.node.name }, message)
    this.#isSent = true
  }
}

/** No `instanceof`: its class is loaded by those who serve. */
function isServer(process: Process): process is ServerProcess {
  return 'linkToParent' in process
}

function failed(reason: TermInput): TermInput {
  return tuple(atom('error'), reason)
}

/** The reason that a server gave to `stop` in a synchronous `init`, which is what `serve` throws then. */
function endedWith(outcome: Outcome): TermInput | undefined {
  const thrown = 'thrown' in outcome ? outcome.thrown : undefined
  if (!ErlangError.is(thrown) || thrown.code !== 'ERR_ERL_CLOSED') return undefined
  return thrown.reason as TermInput | undefined
}

function thrownReason(error: unknown): TermInput {
  return exitReason(outcomeOfThrown(error, []))
}
