import { outside } from '../base/outside.js'
import { nowMs } from '../native/clock.js'

/** Something with a deadline. The links belong to `Deadlines`. */
export interface Timed {
  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  queue: DeadlineQueue | undefined
  expire(): void
}

/** Those with one and the same timeout: in order of their deadlines by themselves. */
class DeadlineQueue {
  first: Timed | undefined
  last: Timed | undefined

  append(entry: Timed): void {
    entry.queue = this
    entry.previous = this.last
    entry.next = undefined
    if (this.last === undefined) this.first = entry
    else this.last.next = entry
    this.last = entry
  }

  remove(entry: Timed): void {
    if (entry.previous === undefined) this.first = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.last = entry.previous
    else entry.next.previous = entry.previous
    entry.previous = undefined
    entry.next = undefined
    entry.queue = undefined
  }
}

export type { DeadlineQueue }

/** What `setTimeout` takes; it turns more into 1 ms. */
const longestTimerMs = 2 ** 31 - 1

/**
 * The deadlines of all calls under one timer: a timer of its own for each call costs ten times as
 * much as starting and stopping an entry here. The timer does not keep the process alive; the node
 * that waits does.
 */
export class Deadlines {
  readonly #queues = new Map<number, DeadlineQueue>()
  #timer: NodeJS.Timeout | undefined
  #armedFor = Number.POSITIVE_INFINITY

  start(entry: Timed, timeoutMs: number): void {
    if (timeoutMs === Number.POSITIVE_INFINITY) return
    let queue = this.#queues.get(timeoutMs)
    if (queue === undefined) {
      queue = new DeadlineQueue()
      this.#queues.set(timeoutMs, queue)
    }
    const now = nowMs()
    entry.dueAt = now + timeoutMs
    queue.append(entry)
    if (entry.dueAt < this.#armedFor) this.#arm(entry.dueAt, now)
  }

  stop(entry: Timed): void {
    entry.queue?.remove(entry)
  }

  #arm(dueAt: number, now: number): void {
    clearTimeout(this.#timer)
    this.#armedFor = dueAt
    // Rounded up: a timer that fires a little early would find nothing due.
    const pauseMs = Math.min(Math.ceil(dueAt - now), longestTimerMs)
    this.#timer = outside(() => setTimeout(this.#fire, pauseMs).unref())
  }

  readonly #fire = (): void => {
    const now = nowMs()
    let nearest = Number.POSITIVE_INFINITY
    this.#armedFor = nearest
    for (const [timeoutMs, queue] of this.#queues) {
      while (queue.first !== undefined && queue.first.dueAt <= now) {
        const entry = queue.first
        queue.remove(entry)
        entry.expire()
      }
      if (queue.first === undefined) this.#queues.delete(timeoutMs)
      else nearest = Math.min(nearest, queue.first.dueAt)
    }
    // `expire` may have started others, and with them the timer.
    if (nearest < this.#armedFor) this.#arm(nearest, now)
  }
}
