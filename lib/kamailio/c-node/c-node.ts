import { ErlangError } from '../../errors.js'
import {
  atom,
  type Destination,
  type ErlangNode,
  equals,
  isTuple,
  type Process,
  type Term,
  type TermInput,
  tuple,
} from '../../index.js'
import type { AnswerCall, RexGate } from '../../otp/rpc/rex.js'
import type { ResolvedSafeOptions } from '../safe.js'
import { Exchange, type ExchangeOwner, type ExchangeWait } from './exchange.js'
import { InboundCall, type InboundCallOwner } from './inbound-call.js'
import { Turns } from './turns.js'

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
  /** Answers of Kamailio to nothing that was asked. */
  strayAnswers: number
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

const genCall = atom('$gen_call')
const ok = atom('ok')

/** For the names of their processes. */
let count = 0

/**
 * One C node of Kamailio. It does one thing at a time: while it waits for the answer to an `erl_rpc`
 * it takes the next message, whatever that is, as the answer; so nothing else is sent meanwhile.
 *
 * Two messages can cross on their way all the same: its call and a request of ours. It has then not
 * read our request, because it would have answered that first. It will read it in place of the
 * answer: the call fails in the script, and our request is lost. So the call is not answered, since
 * the answer would be taken for that of a later call, and the request is sent again.
 */
export class CNode implements InboundCallOwner, ExchangeOwner {
  readonly name: string
  readonly safe: ResolvedSafeOptions
  readonly turns = new Turns()
  readonly #node: ErlangNode
  readonly #listener: CNodeListener
  readonly #answerWithinMs: number
  /** Sends our requests and gets the answers, each within the event that brings it. */
  readonly #asker: Process
  #current: InboundCall | undefined
  #outstanding: Exchange | undefined
  #gone = new AbortController()

  constructor(node: ErlangNode, name: string, options: CNodeOptions, listener: CNodeListener) {
    this.name = name
    this.safe = options.safe
    this.#node = node
    this.#listener = listener
    this.#answerWithinMs = options.answerWithinMs
    count += 1
    const answered = (answer: Term) => this.#answered(answer)
    this.#asker = node.register(`kamailio_${count}`, answered, { decode: { binaries: 'utf8' } })
    node.setRexGate(name, this.#gate)
  }

  /** How many of our requests and messages wait for their turn. */
  get waiting(): number {
    return this.turns.waiting
  }

  /**
   * Asks its `rex`, one request after the other.
   *
   * Shape:  `{'$gen_call', {pid(), Ref}, Request}`; answer `{Ref, Answer}`.
   * Errors: ERR_ERL_TIMEOUT, ERR_ERL_NOCONNECTION, those of connecting, `signal.reason`.
   */
  request(request: TermInput, wait: ExchangeWait): Promise<Term> {
    return new Exchange(this, (exchange) => this.#post(exchange, request), wait).outcome
  }

  /**
   * Sends a message when no call of Kamailio's is pending. Errors: as `Process.send`, and those of
   * waiting for that.
   */
  async send(
    from: Process,
    to: Destination,
    message: TermInput,
    wait: ExchangeWait,
  ): Promise<void> {
    const post = async (exchange: Exchange) => {
      await from.send(to, message)
      exchange.answered(ok)
    }
    await new Exchange(this, post, wait).outcome
  }

  async #post(exchange: Exchange, request: TermInput): Promise<void> {
    this.#outstanding = exchange
    const reference = this.#asker.alias({ once: true })
    exchange.reference = reference
    const message = tuple(genCall, tuple(this.#asker.pid, reference), request)
    await this.#asker.send({ name: 'rex', node: this.name }, message)
  }

  done(exchange: Exchange): void {
    if (this.#outstanding === exchange) this.#outstanding = undefined
    if (exchange.reference !== undefined) this.#asker.unalias(exchange.reference)
  }

  /** Aborted with the error when the connection is gone, for those who wait for messages. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** The connection is gone, and with it who waited for an answer. */
  lost(reason: string): void {
    const text = `the connection to ${this.name} is gone: ${reason}`
    this.#lose(new ErlangError('ERR_ERL_NOCONNECTION', text))
  }

  close(): void {
    this.#node.setRexGate(this.name, undefined)
    const error = new ErlangError('ERR_ERL_CLOSED', 'this Kamailio has been closed')
    this.turns.close(error)
    this.#lose(error)
    this.#asker.exit()
  }

  #lose(error: ErlangError): void {
    this.#current?.abandon()
    this.#current = undefined
    const gone = this.#gone
    this.#gone = new AbortController()
    gone.abort(error)
    this.#outstanding?.failed(error)
    this.turns.free()
  }

  ended(call: InboundCall): void {
    if (this.#current !== call) return
    this.#current = undefined
    this.turns.free()
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
    this.#current = undefined
    if (this.#outstanding === undefined) {
      this.#current = call
      this.turns.hold()
    } else {
      stats.collisions += 1
      call.abandon()
      this.#collided(this.#outstanding)
    }
    return (outcome) => call.finish(outcome)
  }

  #collided(exchange: Exchange): void {
    this.#outstanding = undefined
    if (exchange.reference !== undefined) this.#asker.unalias(exchange.reference)
    exchange.reference = undefined
    exchange.collided()
    // Whatever came before this call has been given up with it.
    this.turns.free()
    this.#listener.collided(this.name)
  }

  #answered(answer: Term): void {
    const { reference } = this.#outstanding ?? {}
    const isMeant = isTuple(answer, 2) && reference !== undefined && equals(answer[0], reference)
    if (isMeant) this.#outstanding?.answered(answer[1])
    else this.#listener.stats.strayAnswers += 1
  }
}
