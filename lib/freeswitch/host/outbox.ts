import type { Destination } from '../../node/destination.js'
import { settled } from '../../node/route.js'
import type { TermInput } from '../../term/term.js'

/** What an outbox asks of its listener. */
export interface OutboxOwner {
  /** The promise is `settled` while the peer keeps up. */
  send(to: Destination, message: TermInput): Promise<void>
  /** There is room again after so many had to be dropped. */
  lost(count: number, what: 'events' | 'log lines'): void
}

export interface OutboxLimits {
  /** How many events may wait, and how many log lines. */
  readonly queueLimit: number
  /** How many events, and log lines, are sent before it is the others' turn. */
  readonly maxEventBulk: number
  readonly maxLogBulk: number
}

interface Item {
  readonly owner: object
  readonly to: Destination
  readonly message: TermInput
}

/** So many are sent before other events of the loop have their turn. */
const longestRow = 1_000

/** A queue with a limit. What finds no room is counted, and the count told once there is room. */
class Lane {
  lost = 0
  readonly #limit: number
  #items: Item[] = []
  #first = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#items.length - this.#first
  }

  /** Returns how many were lost before this one; undefined when this one is lost too. */
  add(item: Item): number | undefined {
    if (this.size >= this.#limit) {
      this.lost += 1
      return undefined
    }
    this.#items.push(item)
    const { lost } = this
    this.lost = 0
    return lost
  }

  /** One that must not be lost, whatever waits. */
  addVital(item: Item): void {
    this.#items.push(item)
  }

  take(): Item | undefined {
    const item = this.#items[this.#first]
    if (item === undefined) return undefined
    this.#first += 1
    if (this.#first === this.#items.length) this.clear()
    else if (this.#first > longestRow && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  purge(owner: object): void {
    this.#items = this.#items.slice(this.#first).filter((item) => item.owner !== owner)
    this.#first = 0
  }

  clear(): void {
    this.#items = []
    this.#first = 0
  }
}

/**
 * What waits to be sent to the handlers at one peer: log lines and events, which take turns as the
 * bulk sizes say. A peer that does not keep up holds up its own outbox and no other.
 */
export class Outbox {
  readonly #owner: OutboxOwner
  readonly #limits: OutboxLimits
  readonly #events: Lane
  readonly #logs: Lane
  /** Waiting items that are sent without waiting for the event loop. */
  readonly #longRow: number
  #isScheduled = false
  #isHeld = false
  #isClosed = false

  constructor(owner: OutboxOwner, limits: OutboxLimits) {
    this.#owner = owner
    this.#limits = limits
    this.#events = new Lane(limits.queueLimit)
    this.#logs = new Lane(limits.queueLimit)
    this.#longRow = Math.min(longestRow, Math.ceil(limits.queueLimit / 2))
  }

  get events(): { readonly size: number; readonly lost: number } {
    return this.#events
  }

  get logs(): { readonly size: number; readonly lost: number } {
    return this.#logs
  }

  /** Whether an event would find room: to make its term is not worth while otherwise. */
  get hasRoomForEvents(): boolean {
    return this.#events.size < this.#limits.queueLimit
  }

  /** An event, for a handler that can take back what waits for it (`purge`). */
  event(owner: object, to: Destination, message: TermInput): void {
    this.#add(this.#events, { owner, to, message }, 'events')
  }

  /** What is sent once in the life of a call, and must not be lost. */
  vital(owner: object, to: Destination, message: TermInput): void {
    if (this.#isClosed) return
    this.#events.addVital({ owner, to, message })
    this.#schedule()
  }

  /** One that found no room, as `hasRoomForEvents` told. */
  eventLost(): void {
    this.#events.lost += 1
  }

  log(owner: object, to: Destination, message: TermInput): void {
    this.#add(this.#logs, { owner, to, message }, 'log lines')
  }

  /** Takes back what waits for one handler. */
  purge(owner: object): void {
    this.#events.purge(owner)
    this.#logs.purge(owner)
  }

  /** Sends all that waits, now, as long as the peer keeps up. */
  flushAll(): void {
    while (!this.#isHeld && this.#logs.size + this.#events.size > 0) this.#flush()
  }

  /** The connection is gone, and what waits with it. */
  close(): void {
    this.#isClosed = true
    this.#events.clear()
    this.#logs.clear()
  }

  #add(lane: Lane, item: Item, what: 'events' | 'log lines'): void {
    if (this.#isClosed) return
    const lost = lane.add(item)
    // Who fires many at once must not fill the queue of a peer that keeps up.
    if (lane.size >= this.#longRow && !this.#isHeld) this.#flush()
    else this.#schedule()
    if (lost !== undefined && lost > 0) this.#owner.lost(lost, what)
  }

  /** Later, so that the answer to the message that led to an event goes out before it. */
  #schedule(): void {
    if (this.#isScheduled || this.#isHeld) return
    this.#isScheduled = true
    setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    this.#isScheduled = false
    const { maxLogBulk, maxEventBulk } = this.#limits
    let sent = 0
    while (sent < longestRow && this.#logs.size + this.#events.size > 0) {
      const held = this.#send(this.#logs, maxLogBulk) ?? this.#send(this.#events, maxEventBulk)
      if (held !== undefined) {
        this.#isHeld = true
        // Rejected when the connection is gone: then nothing waits any more.
        held.then(this.#goOn, this.#goOn)
        return
      }
      sent += maxLogBulk + maxEventBulk
    }
    if (this.#logs.size + this.#events.size > 0) this.#schedule()
  }

  readonly #goOn = (): void => {
    this.#isHeld = false
    this.#schedule()
  }

  /** Undefined when all went out; else the promise that the peer takes more. */
  #send(lane: Lane, bulk: number): Promise<void> | undefined {
    for (let count = 0; count < bulk; count += 1) {
      const item = lane.take()
      if (item === undefined) return undefined
      const sent = this.#owner.send(item.to, item.message)
      if (sent !== settled) return sent
    }
    return undefined
  }
}
