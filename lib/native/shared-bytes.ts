/** Byte arrays of one frame that native code reads until it says otherwise. */
interface Pin {
  readonly ticket: number
  readonly arrays: readonly Uint8Array[]
}

/** Keeps the byte arrays alive that were handed to the reactor instead of copied. */
export class SharedBytes {
  private lastTicket = 0
  /** By channel, tickets rising. */
  private readonly pins = new Map<number, Pin[]>()

  /** Pins arrays; returns the ticket that releases them. */
  pin(channel: number, arrays: readonly Uint8Array[]): number {
    this.lastTicket++
    const pin = { ticket: this.lastTicket, arrays }
    const pins = this.pins.get(channel)
    if (pins === undefined) this.pins.set(channel, [pin])
    else pins.push(pin)
    return this.lastTicket
  }

  /** Tickets up to this one are no longer needed. */
  release(channel: number, ticket: number): void {
    const pins = this.pins.get(channel)
    if (pins === undefined) return
    const kept = pins.findIndex((pin) => pin.ticket > ticket)
    if (kept === -1) this.pins.delete(channel)
    else pins.splice(0, kept)
  }

  /** The channel is gone, and with it all that it would have written. */
  releaseAll(channel: number): void {
    this.pins.delete(channel)
  }
}
