import type { ErlangError } from '../../errors.js'
import { nowMs } from '../../native/clock.js'
import type { Peer } from './peer.js'
import { Backoff, type ReconnectChoice } from './reconnect.js'

/** The next attempt to connect to a peer, as listeners of `redial` hear it. */
export interface Redial {
  /** Attempts that have failed since the peer was last up for long enough. */
  readonly failures: number
  readonly delayMs: number
  /** Why the peer is not connected. */
  readonly error: ErlangError
}

/** What is known of one peer that somebody waits for. */
class Schedule {
  readonly backoff: Backoff
  timer: NodeJS.Timeout | undefined
  /** When it came up, and 0 while it is down. */
  upSince = 0
  lastDelayMs = 0

  constructor({ minMs, maxMs }: ReconnectChoice) {
    this.backoff = new Backoff(minMs, maxMs)
  }
}

/**
 * Dials again, with growing pauses, the peers that are to be kept and those that somebody waits for
 * with `whenDown: 'wait'`.
 */
export class Keeper {
  readonly #choice: ReconnectChoice
  readonly #dial: (peer: Peer) => void
  readonly #tell: (peer: string, redial: Redial) => void
  readonly #schedules = new Map<string, Schedule>()
  /** Kept peers that the user has disconnected: left alone until they are up again. */
  readonly #suspended = new Set<string>()
  #isClosed = false

  constructor(
    choice: ReconnectChoice,
    dial: (peer: Peer) => void,
    tell: (peer: string, redial: Redial) => void,
  ) {
    this.#choice = choice
    this.#dial = dial
    this.#tell = tell
  }

  /** Whether an attempt is due by itself, so that none need be made at once. */
  isScheduled(peer: Peer): boolean {
    return this.#schedules.get(peer.name)?.timer !== undefined
  }

  /** Whether the peer is dialled again by itself. */
  wants(peer: Peer): boolean {
    if (this.#isClosed) return false
    return peer.isAwaited || (this.#choice.keep.has(peer.name) && !this.#suspended.has(peer.name))
  }

  up(peer: Peer): void {
    this.#suspended.delete(peer.name)
    const schedule = this.#schedules.get(peer.name)
    if (schedule === undefined && !this.#choice.keep.has(peer.name)) return
    const current = schedule ?? this.#scheduleOf(peer)
    clearTimeout(current.timer)
    current.timer = undefined
    current.upSince = nowMs()
  }

  /** The peer is not connected (any more), for that reason. */
  down(peer: Peer, error: ErlangError): void {
    if (!this.wants(peer)) {
      this.#forget(peer.name)
      return
    }
    const schedule = this.#scheduleOf(peer)
    if (schedule.timer !== undefined) return
    this.#forgive(schedule)
    const delayMs = schedule.backoff.next()
    schedule.lastDelayMs = delayMs
    // The node keeps the process alive, or does not want to.
    schedule.timer = setTimeout(() => this.#redial(peer, schedule), delayMs).unref()
    this.#tell(peer.name, { failures: schedule.backoff.failures, delayMs, error })
  }

  /** The user has disconnected the peer: it is not to come back by itself. */
  suspend(peer: Peer): void {
    if (this.#choice.keep.has(peer.name)) this.#suspended.add(peer.name)
    if (!peer.isAwaited) this.#forget(peer.name)
  }

  close(): void {
    this.#isClosed = true
    for (const name of [...this.#schedules.keys()]) this.#forget(name)
  }

  #redial(peer: Peer, schedule: Schedule): void {
    schedule.timer = undefined
    if (this.wants(peer)) this.#dial(peer)
    else this.#forget(peer.name)
  }

  /** A connection starts the pauses anew only if it has held longer than the last of them. */
  #forgive(schedule: Schedule): void {
    const { upSince, lastDelayMs } = schedule
    if (upSince !== 0 && nowMs() - upSince > lastDelayMs) schedule.backoff.reset()
    schedule.upSince = 0
  }

  #scheduleOf(peer: Peer): Schedule {
    let schedule = this.#schedules.get(peer.name)
    if (schedule === undefined) {
      schedule = new Schedule(this.#choice)
      this.#schedules.set(peer.name, schedule)
    }
    return schedule
  }

  #forget(name: string): void {
    clearTimeout(this.#schedules.get(name)?.timer)
    this.#schedules.delete(name)
  }
}
