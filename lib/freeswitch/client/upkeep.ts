import { setTimeout as pause } from 'node:timers/promises'
import { ErlangError } from '../../errors.js'
import { Backoff } from '../../node/peer/reconnect.js'
import type { SwitchConnection } from './connection.js'
import type { RequestWait } from './options.js'

/** Something that the switch is to know, and that is to be told again when it has forgotten. */
export interface Kept {
  /** Whether there is anything to be told. */
  readonly isWanted: boolean
  /** Tells the switch what it does not know yet. */
  sync(): Promise<void>
}

/** What becomes of the attempts to tell a switch again what it is to know. */
export interface UpkeepListener {
  restored(): void
  restoreFailed(error: unknown): void
}

/** Keeps what the switch knows of this client as it should be, over losses of the connection. */
export class Upkeep {
  readonly #connection: SwitchConnection
  readonly #listener: UpkeepListener
  readonly #kept = new Set<Kept>()
  #isRestoring = false
  /** Aborted when nothing is wanted any more. */
  #unwanted = new AbortController()
  /** The wait for the switch that all share who wait for ever. */
  #reaching: Promise<void> | undefined

  constructor(connection: SwitchConnection, listener: UpkeepListener) {
    this.#connection = connection
    this.#listener = listener
    connection.listen({ lost: () => this.restore() })
  }

  /**
   * Tells the switch for the first time; from then on it is kept.
   *
   * Errors: what that fails with. With `whenDown: 'wait'` a lost connection is no such error.
   */
  async add(kept: Kept): Promise<void> {
    this.#kept.add(kept)
    const wait = this.wait()
    for (;;) {
      try {
        await (wait.whenDown === 'wait' ? this.#reach() : this.#connection.reach(wait))
        await kept.sync()
        return
      } catch (error) {
        const isToWait = wait.whenDown === 'wait' && isLoss(error) && !this.#connection.isClosed
        if (!isToWait) throw error
      }
    }
  }

  remove(kept: Kept): void {
    this.#kept.delete(kept)
    this.changed()
  }

  /** Less is wanted than before: when that is nothing at all, nobody is dialled for it. */
  changed(): void {
    if (this.#isWanted) return
    this.#unwanted.abort()
    this.#unwanted = new AbortController()
    this.#reaching = undefined
  }

  /** How long the requests of kept things wait. */
  wait(): RequestWait {
    const { timeoutMs, whenDown } = this.#connection.options
    return { timeoutMs, whenDown, signal: undefined }
  }

  /** The switch has forgotten: connects again, and tells it anew, until that is done. */
  restore(): void {
    if (this.#isRestoring || !this.#isWanted) return
    this.#isRestoring = true
    void this.#restore().finally(() => {
      this.#isRestoring = false
    })
  }

  get #isWanted(): boolean {
    return !this.#connection.isClosed && Array.from(this.#kept).some(({ isWanted }) => isWanted)
  }

  /** Waits for the switch as long as anything is wanted. Errors: as `SwitchConnection.reach`. */
  #reach(): Promise<void> {
    if (this.#reaching !== undefined) return this.#reaching
    const { signal } = this.#unwanted
    const timeoutMs = Number.POSITIVE_INFINITY
    const reaching = this.#connection.reach({ timeoutMs, signal, whenDown: 'wait' }).finally(() => {
      if (this.#reaching === reaching) this.#reaching = undefined
    })
    this.#reaching = reaching
    return reaching
  }

  async #restore(): Promise<void> {
    const { retry } = this.#connection.options
    const backoff = new Backoff(retry.minMs, retry.maxMs)
    const signal = AbortSignal.any([this.#connection.closing, this.#unwanted.signal])
    while (this.#isWanted) {
      const failure = await this.#tryToRestore()
      if (failure === undefined) return this.#listener.restored()
      if (signal.aborted) return
      this.#listener.restoreFailed(failure.error)
      await pause(backoff.next(), undefined, { ref: false, signal }).catch(() => undefined)
    }
  }

  /** What is wrong, if anything. One thing that fails keeps no other back. */
  async #tryToRestore(): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.#reach()
    } catch (error) {
      return { error }
    }
    const wanted = Array.from(this.#kept).filter(({ isWanted }) => isWanted)
    const outcomes = await Promise.allSettled(wanted.map((kept) => kept.sync()))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    return failed && { error: failed.reason }
  }
}

function isLoss(error: unknown): boolean {
  return ErlangError.is(error) && error.code === 'ERR_ERL_NOCONNECTION'
}
