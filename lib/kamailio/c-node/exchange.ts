import { ErlangError } from '../../errors.js'
import type { Reference, Term } from '../../index.js'
import type { Turn, Turns } from './turns.js'

/** How long somebody waits, and what makes it stop. */
export interface ExchangeWait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** What an exchange asks of its C node. */
export interface ExchangeOwner {
  readonly name: string
  readonly turns: Turns
  /** Nothing more is to come for it. */
  done(exchange: Exchange): void
}

/** Sends what an exchange is about. Rejects when it cannot. */
export type Post = (exchange: Exchange) => Promise<void>

/** After a collision, so that the script's second attempt is not met as well. */
const firstPauseMs = 20
const longestPauseMs = 1_000

/**
 * A request or a message to Kamailio, from its turn until its answer. One that its caller gave up keeps its turn:
 * as long as Kamailio has not answered, the request may still meet a call of a script.
 */
export class Exchange implements Turn {
  /** Tells its answer. Another one each time that it is sent. */
  reference: Reference | undefined
  readonly outcome: Promise<Term>
  readonly #owner: ExchangeOwner
  readonly #post: Post
  readonly #wait: ExchangeWait
  readonly #timer: NodeJS.Timeout | undefined
  #resolve: (answer: Term) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  #pauseMs = firstPauseMs
  #hasTurn = false
  /** The caller has been told; there may be more to come from Kamailio. */
  #isOver = false

  constructor(owner: ExchangeOwner, post: Post, wait: ExchangeWait) {
    this.#owner = owner
    this.#post = post
    this.#wait = wait
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { timeoutMs, signal } = wait
    if (Number.isFinite(timeoutMs)) this.#timer = setTimeout(this.#late, timeoutMs)
    signal?.addEventListener('abort', this.#aborted)
    if (signal?.aborted === true) this.#aborted()
    else owner.turns.take(this)
  }

  answered(answer: Term): void {
    this.#settle(() => this.#resolve(answer))
    this.#over()
  }

  failed(error: unknown): void {
    this.#settle(() => this.#reject(error))
    this.#over()
  }

  /** Its request is lost: it is sent again, if anybody still wants it. */
  collided(): void {
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    setTimeout(() => {
      // The turn was kept, so that nobody else meets the script either.
      if (this.#isOver) this.#over()
      else {
        this.#owner.turns.take(this, true)
        this.#hasTurn = false
        this.#owner.turns.release()
      }
    }, pauseMs)
  }

  begin(): void {
    this.#hasTurn = true
    this.#post(this).catch((error) => this.failed(error))
  }

  readonly #late = (): void => {
    const { timeoutMs } = this.#wait
    const text = `no answer from ${this.#owner.name} within ${timeoutMs} ms`
    this.#giveUp(new ErlangError('ERR_ERL_TIMEOUT', text))
  }

  readonly #aborted = (): void => this.#giveUp(this.#wait.signal?.reason)

  #giveUp(error: unknown): void {
    this.#settle(() => this.#reject(error))
    if (!this.#hasTurn) this.#owner.turns.leave(this)
  }

  #settle(tell: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#wait.signal?.removeEventListener('abort', this.#aborted)
    tell()
  }

  #over(): void {
    this.#owner.done(this)
    if (!this.#hasTurn) return
    this.#hasTurn = false
    this.#owner.turns.release()
  }
}
