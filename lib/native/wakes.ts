/** Frames of this size together are worth a wake of their own. */
const wakeBytes = 64 * 1024

/**
 * Decides when frames are to be written, by the reactor or, when they are few, by this thread in its
 * place. A write costs more than to make a frame, so the frames of one turn of the event loop are
 * announced together at its end, or when much has gathered. The first one goes at once, for latency,
 * unless the turn began with events of the reactor: then more answers are likely to follow, and the
 * peer, too, gets them in one piece.
 */
export class Wakes {
  private isWithinTurn = false
  private isAnswering = false
  private waitingBytes = 0

  constructor(private readonly wake: () => void) {}

  /** Events of the reactor are being delivered. */
  eventsDelivered(): void {
    this.isAnswering = true
  }

  /** Whether a frame of `cost` bytes may leave the reactor asleep; it is woken later in this turn. */
  canWait(cost: number): boolean {
    if (!this.isWithinTurn) {
      this.isWithinTurn = true
      queueMicrotask(this.awaitRest)
      if (!this.isAnswering) return false
    }
    this.waitingBytes += cost
    if (this.waitingBytes < wakeBytes) return true
    this.waitingBytes = 0
    return false
  }

  /** What Node calls the next tick comes before the microtasks that wait, but after those that run. */
  private readonly awaitRest = (): void => process.nextTick(this.endTurn)

  /** Runs after the microtasks of the turn: all that awaited the same batch of answers has sent. */
  private readonly endTurn = (): void => {
    this.isWithinTurn = false
    this.isAnswering = false
    if (this.waitingBytes === 0) return
    this.waitingBytes = 0
    this.wake()
  }
}
