import { setTimeout as delay } from 'node:timers/promises'
import type { Destination, ErlangNode, Process, Term, TermInput } from '../../index.js'
import type { AnswerCall, RexGate } from '../../otp/rpc/rex.js'
import type { ResolvedSafeOptions } from '../safe.js'
import { InboundCall, type InboundCallOwner } from './inbound-call.js'
import { Turns, type TurnWait } from './turns.js'

/** What has happened between this node and a Kamailio, counted. */
export interface KamailioStats {
  /** Calls from scripts. */
  calls: number
  /** Calls whose function took longer than `answerWithinMs`. */
  timedOut: number
  /** Functions that came to their end when their call was over already. */
  late: number
  /** Answers that Kamailio could not have read. */
  unreadable: number
  /** Calls that Kamailio gave up because a request of ours met them; they are not answered. */
  collisions: number
  /** Calls that Kamailio gave up for another reason: it made the next one. */
  abandoned: number
  /** Requests from scripts of a wrong shape. */
  malformed: number
  /** Handlers that threw. */
  failed: number
}

/** What a C node tells of. */
export interface CNodeListener {
  readonly stats: KamailioStats
  unreadable(peer: string, error: unknown): void
  timedOut(peer: string): void
  collided(peer: string): void
}

export interface CNodeOptions {
  readonly safe: ResolvedSafeOptions
  readonly answerWithinMs: number
}

/** After a collision, so that the script's second attempt is not met as well. */
const firstPauseMs = 20

/**
 * One C node of Kamailio. It does one thing at a time: while it waits for the answer to an `erl_rpc`
 * it takes the next message, whatever that is, as the answer; so nothing else is sent meanwhile.
 *
 * Two messages can cross on their way all the same: its call and a request of ours. It has then not
 * read our request, because it would have answered that first. It will read it in place of the
 * answer: the call fails in the script, and our request is lost. So the call is not answered, since
 * the answer would be taken for that of a later call, and the request is sent again.
 */
export class CNode implements InboundCallOwner {
  readonly name: string
  readonly safe: ResolvedSafeOptions
  readonly #node: ErlangNode
  readonly #listener: CNodeListener
  readonly #answerWithinMs: number
  readonly #turns: Turns
  #current: InboundCall | undefined
  /** Aborted when a call of Kamailio's meets the request that waits for its answer. */
  #outstanding: AbortController | undefined

  constructor(node: ErlangNode, name: string, options: CNodeOptions, listener: CNodeListener) {
    this.name = name
    this.safe = options.safe
    this.#node = node
    this.#listener = listener
    this.#answerWithinMs = options.answerWithinMs
    this.#turns = new Turns(name)
    node.setRexGate(name, this.#gate)
  }

  /** How many of our requests and messages wait for their turn. */
  get waiting(): number {
    return this.#turns.waiting
  }

  /** Asks its `rex`. Errors: as `ErlangNode.call`. */
  async request(request: TermInput, { timeoutMs, signal }: TurnWait): Promise<Term> {
    const dueAt = performance.now() + timeoutMs
    for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
      const wait = { timeoutMs: Math.max(0, dueAt - performance.now()), signal }
      await this.#turns.take(wait)
      const collision = new AbortController()
      this.#outstanding = collision
      const signals = signal === undefined ? [collision.signal] : [collision.signal, signal]
      try {
        return await this.#node.call({ name: 'rex', node: this.name }, request, {
          timeoutMs: Math.max(0, dueAt - performance.now()),
          signal: AbortSignal.any(signals),
          decode: { binaries: 'utf8' },
        })
      } catch (error) {
        if (!collision.signal.aborted) throw error
      } finally {
        this.#outstanding = undefined
        this.#turns.release()
      }
      await delay(pauseMs)
    }
  }

  /** Sends a message when no call of Kamailio's is pending. */
  async send(from: Process, to: Destination, message: TermInput, wait: TurnWait): Promise<void> {
    await this.#turns.take(wait)
    try {
      await from.send(to, message)
    } finally {
      this.#turns.release()
    }
  }

  /** The connection is gone, and with it who waited. */
  lost(): void {
    this.#current?.abandon()
    this.#current = undefined
    this.#turns.free()
  }

  close(): void {
    this.lost()
    this.#node.setRexGate(this.name, undefined)
  }

  ended(call: InboundCall): void {
    if (this.#current !== call) return
    this.#current = undefined
    this.#turns.free()
  }

  unreadable(error: unknown): void {
    this.#listener.stats.unreadable += 1
    this.#listener.unreadable(this.name, error)
  }

  late(): void {
    this.#listener.stats.late += 1
  }

  timedOut(): void {
    this.#listener.stats.timedOut += 1
    this.#listener.timedOut(this.name)
  }

  readonly #gate: RexGate = (answer: AnswerCall) => {
    const { stats } = this.#listener
    stats.calls += 1
    if (this.#current !== undefined) {
      stats.abandoned += 1
      this.#current.abandon()
    }
    const call = new InboundCall(this, answer, this.#answerWithinMs)
    if (this.#outstanding === undefined) {
      this.#current = call
      this.#turns.hold()
    } else {
      stats.collisions += 1
      call.abandon()
      this.#current = undefined
      this.#turns.free()
      this.#outstanding.abort()
      this.#listener.collided(this.name)
    }
    return (outcome) => call.finish(outcome)
  }
}
