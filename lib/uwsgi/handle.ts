import { ErlangError } from '../errors.js'
import type { Term } from '../term/term.js'

/** A timer of Node's that is to run longer fires at once: 24 days, and for ever, are the same here. */
const longestMs = 2 ** 31 - 1

/** A message that nobody has received yet. */
interface Kept {
  readonly message: Term
  readonly bytes: number
}

/** Somebody who waits for a message. */
interface Receiver {
  resolve(message: Term): void
  reject(error: unknown): void
}

/**
 * What `erlangConnect` gives: a connection to one Erlang node, and the messages that have come over
 * it for nobody in particular.
 */
export class ErlangHandle {
  /** The full name of the node. */
  readonly node: string
  #isOpen = true
  readonly #kept: Kept[] = []
  #keptBytes = 0
  readonly #receivers = new Set<Receiver>()

  /** @internal Use `UwsgiErlang.erlangConnect`. */
  constructor(node: string) {
    this.node = node
  }

  /** False after `erlangClose`. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether somebody waits for a message here. */
  get isReceiving(): boolean {
    return this.#receivers.size > 0
  }

  /** @internal About how much memory the messages take that wait here. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  /** @internal A message for whoever receives next; `bytes`: about how much memory it takes. */
  deliver(message: Term, bytes: number): void {
    const [receiver] = this.#receivers
    if (receiver === undefined) {
      this.#kept.push({ message, bytes })
      this.#keptBytes += bytes
    } else {
      this.#receivers.delete(receiver)
      receiver.resolve(message)
    }
  }

  /** @internal The next message. Errors: ERR_ERL_TIMEOUT, ERR_ERL_CLOSED, ERR_ERL_NOCONNECTION. */
  receive(timeoutMs: number): Promise<Term> {
    const kept = this.#kept.shift()
    if (kept !== undefined) {
      this.#keptBytes -= kept.bytes
      return Promise.resolve(kept.message)
    }
    if (!this.#isOpen) return Promise.reject(closed(this.node))
    return new Promise((resolve, reject) => {
      const receiver = { resolve, reject }
      this.#receivers.add(receiver)
      if (timeoutMs > longestMs) return
      const late = new ErlangError(
        'ERR_ERL_TIMEOUT',
        `no message from ${this.node} within ${timeoutMs} ms`,
      )
      const timer = setTimeout(() => {
        this.#receivers.delete(receiver)
        reject(late)
      }, timeoutMs)
      receiver.resolve = (value) => {
        clearTimeout(timer)
        resolve(value)
      }
      receiver.reject = (error) => {
        clearTimeout(timer)
        reject(error)
      }
    })
  }

  /** @internal Nothing more comes. */
  close(error: ErlangError = closed(this.node)): void {
    this.#isOpen = false
    for (const receiver of this.#receivers) receiver.reject(error)
    this.#receivers.clear()
  }
}

function closed(node: string): ErlangError {
  return new ErlangError('ERR_ERL_CLOSED', `the connection to ${node} has been closed`)
}
