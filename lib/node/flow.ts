import { reactor } from '../native/reactor.js'
import { settled, unobserved } from './route.js'

/** Somebody who waits until the first `upTo` bytes are written. */
interface Flush {
  readonly upTo: number
  resolve(): void
  reject(error: Error): void
}

/**
 * What has been handed to one channel and is not written yet. Counted in the reactor's `cost`;
 * the reactor tells what is written only when asked (`drain`), so that it need not tell for each
 * frame.
 */
export class Outflow {
  readonly #channel: number
  /** Above it, senders that await are held up. */
  readonly #mark: number
  #handed = 0
  #written = 0
  #isAsked = false
  #held: Promise<void> | undefined
  #release: (() => void) | undefined
  #fail: ((error: Error) => void) | undefined
  readonly #flushes: Flush[] = []

  constructor(channel: number, maxQueuedBytes: number) {
    this.#channel = channel
    this.#mark = maxQueuedBytes
  }

  /** Bytes that may still wait to be written: an upper bound, exact after each `drained`. */
  get queued(): number {
    return this.#handed - this.#written
  }

  /** Counts a frame; the promise is the one of `send`. */
  add(cost: number): Promise<void> {
    this.#handed += cost
    const queued = this.#handed - this.#written
    // Asked at half the mark, so that a steady stream hears in time that it need not stop.
    if (queued * 2 > this.#mark && !this.#isAsked) this.#ask()
    return queued > this.#mark ? this.#whenBelow() : settled
  }

  /** Resolves when all that has been handed over so far is written. */
  whenWritten(): Promise<void> {
    if (this.queued === 0) return settled
    reactor.drain(this.#channel, 0)
    const upTo = this.#handed
    return unobserved(
      new Promise((resolve, reject) => {
        this.#flushes.push({ upTo, resolve, reject })
      }),
    )
  }

  drained(written: number): void {
    this.#written = written
    this.#isAsked = false
    while (this.#flushes[0] !== undefined && this.#flushes[0].upTo <= written) {
      this.#flushes.shift()?.resolve()
    }
    if (this.queued > this.#mark) this.#ask()
    else {
      this.#release?.()
      this.#held = undefined
    }
  }

  /** The channel is gone: those held up hear it. */
  close(error: Error): void {
    this.#fail?.(error)
    this.#held = undefined
    for (const { reject } of this.#flushes.splice(0)) reject(error)
  }

  #ask(): void {
    this.#isAsked = true
    reactor.drain(this.#channel, this.#mark / 4)
  }

  /** One promise for all who are held up at a time. */
  #whenBelow(): Promise<void> {
    this.#held ??= unobserved(
      new Promise<void>((resolve, reject) => {
        this.#release = resolve
        this.#fail = reject
      }),
    )
    return this.#held
  }
}

/**
 * What one channel has delivered and nobody has dealt with yet. The reactor stops reading at
 * `maxQueuedBytes` of it, so credit may be given back in portions; a portion is far below the mark.
 */
export class Inflow {
  readonly #channel: number
  readonly #mark: number
  readonly #portion: number
  #outstanding = 0
  #unreported = 0
  #pendingCalls = 0
  #isUrgent = false

  constructor(channel: number, maxQueuedBytes: number) {
    this.#channel = channel
    this.#mark = maxQueuedBytes / 2
    this.#portion = Math.min(maxQueuedBytes / 8, 1024 * 1024)
  }

  /** Bytes that have arrived and are not dealt with. */
  get outstanding(): number {
    return this.#outstanding
  }

  arrived(charge: number): void {
    this.#outstanding += charge
    if (this.#pendingCalls > 0) this.#reconsider()
  }

  consumed(charge: number): void {
    this.#outstanding -= charge
    this.#unreported += charge
    if (this.#unreported < this.#portion) return
    reactor.credit(this.#channel, this.#unreported)
    this.#unreported = 0
  }

  callStarted(): void {
    this.#pendingCalls += 1
    this.#reconsider()
  }

  callEnded(): void {
    this.#pendingCalls -= 1
    this.#reconsider()
  }

  /**
   * A loop that calls back to the peer whose messages it has not dealt with would wait for an
   * answer behind them: while a call is pending and the mark is near, the channel reads on.
   */
  #reconsider(): void {
    const urgent = this.#pendingCalls > 0 && this.#outstanding >= this.#mark
    if (urgent === this.#isUrgent) return
    // Once set it stays until the calls are over: it only matters when the mark is reached.
    if (!urgent && this.#pendingCalls > 0) return
    this.#isUrgent = urgent
    reactor.setUrgent(this.#channel, urgent)
  }
}
