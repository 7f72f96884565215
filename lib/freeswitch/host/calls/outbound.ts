import { ErlangError } from '../../../errors.js'
import type { Pid } from '../../../term/pid.js'
import type { HostCore } from '../host-core.js'
import type { CallHandler } from './attachment.js'
import type { CallHandlers } from './call-handlers.js'
import type { NoPid, PidRequest } from './pid-requests.js'
import { type AttachTarget, parseTarget } from './target.js'

/**
 * What came of handing a call to a handler. `attached`: it stays parked until it is released or ends.
 * `alreadyAttached`: it has a handler, who is told nothing. `timeout`: nobody answered; FreeSWITCH
 * hangs up with DESTINATION_OUT_OF_ORDER. `noconnection`, `badTarget`: the dialplan goes on.
 * `ended`: the call did meanwhile.
 */
export type AttachOutcome =
  | { readonly kind: 'attached'; readonly handler: CallHandler }
  | { readonly kind: 'alreadyAttached' }
  | { readonly kind: 'timeout'; readonly hangupCause: 'DESTINATION_OUT_OF_ORDER' }
  | { readonly kind: 'noconnection'; readonly error: unknown }
  | { readonly kind: 'badTarget' }
  | { readonly kind: 'ended' }

const timedOut: AttachOutcome = { kind: 'timeout', hangupCause: 'DESTINATION_OUT_OF_ORDER' }

/** The dialplan application `erlang`, for one call. */
export class Outbound {
  readonly #host: HostCore
  readonly #uuid: string
  readonly #handlers: CallHandlers
  #isEnded = false
  /** Which attempt is under way: what a withdrawn one still finds does not count. */
  #attempt: object | undefined
  #request: PidRequest | undefined

  constructor(host: HostCore, uuid: string, handlers: CallHandlers) {
    this.#host = host
    this.#uuid = uuid
    this.#handlers = handlers
  }

  async attach(text: string): Promise<AttachOutcome> {
    if (this.#isEnded) return { kind: 'ended' }
    if (this.#handlers.size > 0 || this.#attempt !== undefined) return { kind: 'alreadyAttached' }
    const target = parseTarget(text)
    if (target === undefined) return { kind: 'badTarget' }
    const attempt = {}
    this.#attempt = attempt
    this.#handlers.keepEvents()
    const found = await this.#find(target)
    if (this.#attempt !== attempt) return this.#isEnded ? { kind: 'ended' } : this.#overtaken()
    this.#attempt = undefined
    this.#request = undefined
    if (found.kind === 'attached') return this.#attached(found)
    this.#handlers.forgetEvents()
    return found
  }

  /** The node of the host may have been stopped meanwhile. */
  #attached(outcome: Extract<AttachOutcome, { kind: 'attached' }>): AttachOutcome {
    if (!this.#host.isOpen) return { kind: 'ended' }
    this.#handlers.add(outcome.handler)
    return outcome
  }

  /** Somebody else took the call, or it has ended. */
  withdraw(): void {
    this.#attempt = undefined
    this.#request?.withdraw()
    this.#request = undefined
  }

  ended(): void {
    this.#isEnded = true
    this.withdraw()
  }

  #overtaken(): AttachOutcome {
    const [attachment] = this.#handlers.all
    return attachment === undefined
      ? { kind: 'alreadyAttached' }
      : { kind: 'attached', handler: attachment.handler }
  }

  async #find(target: AttachTarget): Promise<AttachOutcome> {
    const attempt = this.#attempt
    try {
      await this.#connect(target.node)
      if (target.kind === 'name') {
        return { kind: 'attached', handler: { name: target.name, node: target.node } }
      }
      if (this.#attempt !== attempt) return timedOut
      const answer = await this.#ask(target)
      if (answer === 'nodeLost') {
        throw new ErlangError('ERR_ERL_NOCONNECTION', lost(target.node))
      }
      if (typeof answer === 'string') return timedOut
      // Whoever is asked may name a process elsewhere, to spread the load: then that node counts.
      await this.#connect(answer.node.name)
      return { kind: 'attached', handler: answer }
    } catch (error) {
      return { kind: 'noconnection', error }
    }
  }

  #ask(target: Exclude<AttachTarget, { kind: 'name' }>): Promise<Pid | NoPid> {
    const { calls, options } = this.#host
    this.#request = calls.pidRequests.ask(target, this.#uuid, options.attachTimeoutMs)
    return this.#request.answer
  }

  async #connect(peer: string): Promise<void> {
    const { node, listeners } = this.#host
    if (peer !== node.name && !listeners.has(peer)) await node.connect(peer)
  }
}

function lost(node: string): string {
  return `the connection to ${node} was lost`
}
