import { Operation } from '../native/contract.js'
import type { EncodeOptions, ResolvedDecodeOptions } from '../native/options.js'
import { atomName } from '../node/atom-name.js'
import { Call, Failure } from '../node/calls.js'
import type { NodeCore } from '../node/core.js'
import type { Features } from '../node/features.js'
import { snapshot } from '../node/peer/peer.js'
import type { InboundFrame, Route } from '../node/route.js'
import { type Atom, atom } from '../term/atom.js'
import { brief, format } from '../term/format.js'
import { improper } from '../term/list.js'
import { Pid } from '../term/pid.js'
import type { Reference } from '../term/reference.js'
import { isTuple, type Term, type TermInput } from '../term/term.js'
import { tuple } from '../term/tuple.js'

/** A request to a process of OTP's, checked. */
export interface GenRequest {
  /** What the message begins with: `'$gen_call'`, or the caller itself for a gen_event. */
  readonly label: TermInput
  readonly to: Pid | Atom | boolean
  readonly request: TermInput
  readonly decode: ResolvedDecodeOptions
  readonly encode: EncodeOptions | undefined
}

/** What a request to a server of OTP's begins with. */
export const genCall = atom('$gen_call')

const alias = [atom('alias')]

/**
 * Whom a server of OTP's is to answer, and how the answer is to be tagged: `{pid(), [alias|Ref]}`
 * where the peer answers to aliases, so that it need not be searched for its call, else
 * `{pid(), Ref}`.
 */
export function genFrom(caller: Pid, reference: Reference, features: Features): TermInput {
  const isAlias = features.monitors && features.aliases
  return tuple(caller, isAlias ? improper(alias, reference) : reference)
}

/**
 * One call of `gen`: to a gen_server, a gen_statem, a gen_event.
 *
 * Shape:  MONITOR_P, then `{Label, {pid(), Tag}, Request}`; answer `{Tag, Reply}`. Tag is
 *         `[alias|Ref]` where the peer answers to aliases, else `Ref`; Ref is the monitor's. C nodes
 *         get no monitor: they close the connection on it.
 * Errors: ERR_ERL_NOPROC, ERR_ERL_NODEDOWN, ERR_ERL_REMOTE (`reason` is the server's exit reason).
 * Source: OTP 25, stdlib/src/gen.erl, do_call.
 */
export class GenCall extends Call {
  readonly #request: GenRequest
  #payload: TermInput
  #isMonitored = false

  constructor(core: NodeCore, peer: string, request: GenRequest) {
    super(core.calls, peer)
    this.#request = request
    this.#payload = request.request
  }

  snapshot(): number {
    const kept = snapshot(this.#payload, this.#request.encode)
    this.#payload = kept
    return kept.bytes.length
  }

  protected send(route: Route): void {
    const { label, to, encode } = this.#request
    const { caller } = this.calls
    const { monitors } = route.features
    const message = tuple(label, genFrom(caller, this.reference, route.features), this.#payload)
    const operation = Pid.is(to) ? Operation.SendSender : Operation.RegSend
    if (monitors) route.signal(Operation.Monitor, [caller, to, this.reference])
    this.#isMonitored = monitors
    try {
      void route.post(operation, [caller, to], message, encode)
    } catch (error) {
      this.#demonitor(route)
      throw error
    }
  }

  protected withdraw(route: Route): void {
    this.#demonitor(route)
    this.calls.forget(this)
  }

  answer(frame: InboundFrame): void {
    const answer = frame.payload(this.#request.decode)
    if (this.route !== undefined) this.#demonitor(this.route)
    if (isTuple(answer, 2)) this.#end(answer[1])
    else this.#end(new Failure('ERR_ERL_PROTOCOL', `${this.peer} answered ${brief(answer)}`))
  }

  monitorExit(frame: InboundFrame): void {
    this.#end(this.#failureOf(frame.payload()))
  }

  #end(outcome: Term | Failure): void {
    this.settle(outcome)
    this.calls.forget(this)
  }

  #demonitor(route: Route): void {
    if (!this.#isMonitored) return
    route.signal(Operation.Demonitor, [this.calls.caller, this.#request.to, this.reference])
  }

  #failureOf(reason: Term): Failure {
    const server = `${format(this.#request.to)} at ${this.peer}`
    switch (atomName(reason)) {
      case 'noproc':
        return new Failure('ERR_ERL_NOPROC', `there is no process ${server}`, { reason })
      case 'noconnection':
        return new Failure('ERR_ERL_NODEDOWN', `the node of ${server} went down`, { reason })
      default:
        return new Failure('ERR_ERL_REMOTE', `${server} ended with ${brief(reason)}`, {
          reason,
          remoteClass: 'exit',
        })
    }
  }
}
