/** Frames of this size together are worth a wake of their own. */
const wakeBytes = 64 * 1024

/**
 * Decides when the reactor is woken for frames. To wake a thread costs more than to make a frame, so
 * the first frame of a turn of the event loop wakes at once, for latency, and those that follow in
 * the same turn are announced together at its end, or when much has gathered.
 */
export class Wakes {
  private isWithinTurn = false
  private waitingBytes = 0

  constructor(private readonly wake: () => void) {}

  /** Whether a frame of `cost` bytes may leave the reactor asleep; it is woken later in this turn. */
  canWait(cost: number): boolean {
    if (!this.isWithinTurn) {
      this.isWithinTurn = true
      process.nextTick(this.endTurn)
      return false
    }
    this.waitingBytes += cost
    if (this.waitingBytes < wakeBytes) return true
    this.waitingBytes = 0
    return false
  }

  /** Runs after the microtasks of the turn: all that awaited the same batch of answers has sent. */
  private readonly endTurn = (): void => {
    this.isWithinTurn = false
    if (this.waitingBytes === 0) return
    this.waitingBytes = 0
    this.wake()
  }
}
