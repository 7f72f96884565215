import { reactor } from '../../native/reactor.js'
import type { WhenBusy } from '../options.js'
import type { Pressed, Seekers } from '../process/seekers.js'
import { settled, unobserved } from '../route.js'
import { Answers } from './answers.js'

/** How much may wait at one channel, each way, and what happens beyond. */
export interface FlowLimits {
  readonly maxQueuedBytes: number
  readonly whenBusy: WhenBusy
  readonly seekers: Seekers
  /** More waits than may, and the channel is to go for it (`whenBusy: 'disconnect'`). */
  readonly overflowed: (what: string) => void
}

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
  readonly #limits: FlowLimits
  /** Above it, senders that await are held up, refused, or the end of the channel. */
  readonly #mark: number
  #frames = 0
  #handed = 0
  #written = 0
  #isAsked = false
  #held: Promise<void> | undefined
  #release: (() => void) | undefined
  #fail: ((error: Error) => void) | undefined
  readonly #flushes: Flush[] = []
  readonly #answers: Answers

  constructor(channel: number, limits: FlowLimits) {
    this.#channel = channel
    this.#limits = limits
    this.#mark = limits.maxQueuedBytes
    this.#answers = new Answers(limits.maxQueuedBytes)
  }

  /** Whether more answers wait than may: the peer asks, and does not read what it is answered. */
  get hasTooManyAnswers(): boolean {
    return this.#answers.areTooMany
  }

  /** How many frames have been handed over. */
  get frames(): number {
    return this.#frames
  }

  /** Whether more waits than may. Asking leads to a more recent answer the next time. */
  get isFull(): boolean {
    if (this.queued <= this.#mark) return false
    if (!this.#isAsked) this.#ask()
    return true
  }

  /** Bytes that may still wait to be written: an upper bound, exact after each `drained`. */
  get queued(): number {
    return this.#handed - this.#written
  }

  /** Counts a frame; the promise is the one of `send`. */
  add(cost: number, isAnswer = false): Promise<void> {
    this.#frames += 1
    this.#handed += cost
    if (isAnswer) this.#answers.add(cost, this.#handed)
    const queued = this.#handed - this.#written
    // Asked at half the mark, so that a steady stream hears in time that it need not stop.
    if (queued * 2 > this.#mark && !this.#isAsked) this.#ask()
    return queued > this.#mark && this.#limits.whenBusy === 'wait' ? this.#whenBelow() : settled
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
    this.#answers.written(written, this.#handed)
    this.#isAsked = false
    while (this.#flushes[0] !== undefined && this.#flushes[0].upTo <= written) {
      this.#flushes.shift()?.resolve()
    }
    if (this.queued <= this.#mark) {
      this.#release?.()
      this.#held = undefined
    } else if (this.#limits.whenBusy === 'disconnect') {
      this.#limits.overflowed(`${this.queued} bytes waited to be written`)
    } else if (this.#limits.whenBusy === 'wait') this.#ask()
  }

  /**
   * The channel is gone: those held up hear it, unless the `framesWritten`, where known, are all:
   * the reactor may have had nobody left to ask when it was asked to tell.
   */
  close(error: Error, framesWritten?: number): void {
    if (framesWritten === this.#frames) this.drained(this.#handed)
    this.#fail?.(error)
    this.#held = undefined
    for (const { reject } of this.#flushes.splice(0)) reject(error)
  }

  /**
   * Those who wait hear when there is room for long. To refuse, or to disconnect, it must be known
   * what waits now: whatever that is, the reactor answers at once.
   */
  #ask(): void {
    this.#isAsked = true
    const isWait = this.#limits.whenBusy === 'wait'
    reactor.drain(this.#channel, isWait ? this.#mark / 4 : Number.POSITIVE_INFINITY)
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

/** While somebody waits for an answer the reactor reads `maxQueuedBytes` or this more (`dist/channel.cc`). */
const leastUrgentBytes = 512 * 1024 * 1024

/**
 * What one channel has delivered and nobody has dealt with yet. The reactor stops reading at
 * `maxQueuedBytes` of it, and goes on at half of that; credit is given back in portions of an eighth.
 * So when it does not read, at least three eighths are seen here: the mark is below that.
 *
 * A loop that calls back to the peer whose messages it has not dealt with would wait for an answer
 * behind them: while somebody waits for an answer and the mark is near, the channel reads on.
 */
export class Inflow implements Pressed {
  readonly #channel: number
  readonly #limits: FlowLimits
  readonly #mark: number
  readonly #urgentMark: number
  readonly #portion: number
  #outstanding = 0
  #unreported = 0
  #pendingCalls = 0
  #isPressed = false
  #isUrgent = false

  constructor(channel: number, limits: FlowLimits) {
    const { maxQueuedBytes } = limits
    this.#channel = channel
    this.#limits = limits
    this.#mark = maxQueuedBytes / 4
    this.#urgentMark = maxQueuedBytes + Math.max(maxQueuedBytes, leastUrgentBytes)
    this.#portion = Math.min(maxQueuedBytes / 8, 1024 * 1024)
  }

  /** Bytes that have arrived and are not dealt with. */
  get outstanding(): number {
    return this.#outstanding
  }

  arrived(charge: number): void {
    this.#outstanding += charge
    if (this.#outstanding >= this.#mark) this.#press()
  }

  consumed(charge: number): void {
    this.#outstanding -= charge
    if (this.#isPressed && this.#outstanding < this.#mark) this.#setPressed(false)
    this.#unreported += charge
    if (this.#unreported < this.#portion) return
    reactor.credit(this.#channel, this.#unreported)
    this.#unreported = 0
  }

  callStarted(): void {
    this.#pendingCalls += 1
    this.reconsider()
  }

  callEnded(): void {
    this.#pendingCalls -= 1
    this.reconsider()
  }

  reconsider(): void {
    const isAwaited = this.#pendingCalls > 0 || this.#limits.seekers.isAny
    const urgent = isAwaited && this.#outstanding >= this.#mark
    if (urgent === this.#isUrgent) return
    // Once set it stays until nobody waits: it only matters when the mark is reached.
    if (!urgent && isAwaited) return
    this.#isUrgent = urgent
    reactor.setUrgent(this.#channel, urgent)
  }

  /** The channel is gone. */
  close(): void {
    this.#setPressed(false)
  }

  #press(): void {
    if (!this.#isPressed) this.#setPressed(true)
    this.reconsider()
    if (this.#outstanding > this.#urgentMark && this.#limits.whenBusy === 'disconnect') {
      this.#limits.overflowed(`${this.#outstanding} bytes came before the answer to a call`)
    }
  }

  #setPressed(isPressed: boolean): void {
    this.#isPressed = isPressed
    this.#limits.seekers.watch(this, isPressed)
  }
}
