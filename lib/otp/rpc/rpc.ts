import { Operation } from '../../native/contract.js'
import type { EncodeOptions, ResolvedDecodeOptions } from '../../native/options.js'
import { atomName } from '../../node/atom-name.js'
import { Call, Failure } from '../../node/calls.js'
import type { NodeCore } from '../../node/core.js'
import { isSamePid } from '../../node/identity.js'
import { snapshot } from '../../node/peer/peer.js'
import type { InboundFrame, Route } from '../../node/route.js'
import { type Atom, atom } from '../../term/atom.js'
import { brief } from '../../term/format.js'
import { Pid } from '../../term/pid.js'
import { isTuple, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { genCall } from '../gen-call.js'
import { ownRexMessage, ownRexOutcome, rexRequest, user } from './rex-request.js'
import { type Callee, outcomeOfExit, outcomeOfValue, remoteFailure } from './rpc-outcome.js'

/** `module:function(args)`, checked. */
export interface RpcRequest {
  readonly module: Atom | boolean
  readonly function: Atom | boolean
  readonly args: readonly TermInput[]
  readonly decode: ResolvedDecodeOptions
  readonly encode: EncodeOptions | undefined
  /** Kill the remote process when the caller gives up. */
  readonly kill: boolean
  /** Whether the output goes to the group leader over `rex`, too; else to that node's console. */
  readonly isHeard?: boolean
}

/** Processes of ours at peers. */
export interface Runners {
  /** Who is to run a call at a peer; undefined when the call has to be spawned. */
  at(route: Route): Pid | undefined
}

const executeCall = tuple(atom('erpc'), atom('execute_call'), 4)
const monitorOption = [atom('monitor')]
export const rex = atom('rex')

/** `kill: true` cannot be honoured over `rex`, which does not tell which process runs the call. */
class KillImpossible extends Failure {
  constructor(peer: string) {
    super(
      'ERR_ERL_PROTOCOL',
      `kill: true is not possible at ${peer}, which has no spawn requests and is called over rex`,
    )
  }

  override toError(): unknown {
    return new TypeError(this.message)
  }
}

/** What the caller's own listener threw. */
class Thrown extends Failure {
  readonly #error: unknown

  constructor(error: unknown) {
    super('ERR_ERL_CLOSED', 'the listener of its output failed')
    this.#error = error
  }

  override toError(): unknown {
    return this.#error
  }
}

/**
 * One call of a function at a peer.
 *
 * Shape:  SPAWN_REQUEST of `erpc:execute_call/4` with `[Ref, M, F, Args]` and `monitor`; answers
 *         SPAWN_REPLY with the pid, then MONITOR_P_EXIT with the outcome as its reason. At peers that
 *         are called a lot: a request to a process of ours (own-rex.ts), which runs the same function
 *         and answers to an alias.
 *         To a peer without spawn requests: `{'$gen_call', {pid(), Ref}, {call, M, F, Args, user}}` to
 *         `rex`; answer `{Ref, Value}`. The tag is a plain reference, which is all that C nodes read.
 * Source: OTP 25, kernel/src/erpc.erl, call/5 and execute_call/4; kernel/src/rpc.erl.
 */
export class RpcCall extends Call implements Callee {
  readonly #request: RpcRequest
  readonly #groupLeader: Pid
  readonly #runners: Runners | undefined
  #args: TermInput
  /** The process of ours at the peer that the call was given to. */
  #rex: Pid | undefined
  /** The process that runs the function, once it is known. */
  #process: Pid | undefined
  #isWithdrawn = false

  /** Without `runners` it is spawned however many there have been. */
  constructor(
    core: NodeCore,
    peer: string,
    groupLeader: Pid,
    request: RpcRequest,
    runners?: Runners,
  ) {
    super(core.calls, peer)
    this.#request = request
    this.#groupLeader = groupLeader
    this.#args = request.args
    // A process that is to be killed must be known.
    this.#runners = request.kill ? undefined : runners
  }

  snapshot(): number {
    const kept = snapshot(this.#args, this.#request.encode)
    this.#args = kept
    return kept.bytes.length
  }

  protected send(route: Route): void {
    const ownRex = this.#runners?.at(route)
    if (ownRex !== undefined) this.#askOwnRex(route, ownRex)
    else if (route.features.spawns) this.#spawn(route)
    else if (this.#request.kill) this.#end(new KillImpossible(this.peer))
    else this.#askRex(route)
  }

  #askOwnRex(route: Route, ownRex: Pid): void {
    const { module, function: name, encode } = this.#request
    this.#rex = ownRex
    const message = ownRexMessage(this.reference, module, name, this.#args, this.#leader)
    // The alias says whom to answer: no sender need be written, nor read.
    void route.post(Operation.Send, [ownRex], message, encode)
  }

  #spawn(route: Route): void {
    const { module, function: name, encode } = this.#request
    const { caller } = this.calls
    const fields = [this.reference, caller, this.#groupLeader, executeCall, monitorOption]
    const args = [this.reference, module, name, this.#args]
    void route.post(Operation.SpawnRequest, fields, args, encode)
  }

  #askRex(route: Route): void {
    const { module, function: name, encode } = this.#request
    const { caller } = this.calls
    const request = rexRequest(module, name, this.#args, this.#leader)
    const message = tuple(genCall, tuple(caller, this.reference), request)
    void route.post(Operation.RegSend, [caller, rex], message, encode)
  }

  /** Of a function that a server runs. */
  get #leader(): Pid | Atom {
    return this.#request.isHeard === true ? this.#groupLeader : user
  }

  /** Whether a process of ours at the peer has the call. */
  isRunBy(ownRex: Pid): boolean {
    return this.#rex !== undefined && isSamePid(this.#rex, ownRex)
  }

  protected withdraw(route: Route): void {
    if (!route.features.spawns || this.#rex !== undefined) {
      this.calls.forget(this)
    } else if (this.#process === undefined) {
      // The process cannot be named before SPAWN_REPLY, which always comes.
      this.#isWithdrawn = true
    } else this.#abandon(route, this.#process)
  }

  /** The listener of its output has failed: the caller is told, as if it had given up. */
  thrown(error: unknown): void {
    this.fail(new Thrown(error))
  }

  override spawnReply(result: Term | undefined): void {
    if (!Pid.is(result)) {
      this.#end(remoteFailure(this, 'error', result ?? atom('undefined')))
      return
    }
    this.#process = result
    if (this.#isWithdrawn && this.route !== undefined) this.#abandon(this.route, result)
  }

  monitorExit(frame: InboundFrame): void {
    this.#end(outcomeOfExit(frame.payload(this.#request.decode), this))
  }

  answer(frame: InboundFrame): void {
    const answer = frame.payload(this.#request.decode)
    if (!isTuple(answer, 2)) {
      const message = `${this.peer} answered ${brief(answer)}`
      this.#end(new Failure('ERR_ERL_PROTOCOL', message))
      return
    }
    const value = answer.elements[1] as Term
    if (this.#rex === undefined) this.#end(outcomeOfValue(value, this))
    else this.#end(outcomeOfExit(ownRexOutcome(value), this))
  }

  #end(outcome: Term | Failure): void {
    this.settle(outcome)
    this.calls.forget(this)
  }

  /** Nothing more is wanted of the process: our monitor goes, and the process too if so wished. */
  #abandon(route: Route, process: Pid): void {
    const { caller } = this.calls
    route.signal(Operation.Demonitor, [caller, process, this.reference])
    if (this.#request.kill) void route.post(Operation.Exit2, [caller, process], atom('kill'))
    this.calls.forget(this)
  }

  get title(): string {
    const { module, function: name, args } = this.#request
    return `${atomName(module)}:${atomName(name)}/${args.length}`
  }
}
