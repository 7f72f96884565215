import type { EventEmitter } from 'node:events'

/** Where everything is slow, as with sanitizers, `BEAMLINK_PATIENCE` makes deadlines so much longer. */
const patience = Number(process.env.BEAMLINK_PATIENCE ?? 1)
const defaultDeadlineMs = 10_000

/** Settles as `promise` does, or rejects after `timeoutMs` with a text that says what was awaited. */
export function withDeadline<T>(
  promise: Promise<T>,
  what: string,
  timeoutMs = defaultDeadlineMs,
): Promise<T> {
  const late = new Error(`waited ${timeoutMs} ms for ${what}`)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late), timeoutMs * patience)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The arguments of the first `event` for which `holds` is true. */
export function until<Arguments extends unknown[]>(
  emitter: Pick<EventEmitter, 'on' | 'off'>,
  event: string,
  holds: (...values: Arguments) => boolean = () => true,
  timeoutMs = defaultDeadlineMs,
): Promise<Arguments> {
  const { promise, resolve } = deferred<Arguments>()
  const listener = (...values: unknown[]) => {
    if (holds(...(values as Arguments))) {
      resolve(values as Arguments)
    }
  }
  emitter.on(event, listener)
  return withDeadline(promise, `the event ${event}`, timeoutMs).finally(() =>
    emitter.off(event, listener),
  )
}

export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** Values that arrive by themselves, taken in order by those who wait for them. */
export class Arrivals<T> {
  readonly #values: T[] = []
  readonly #waiting: Deferred<T>[] = []

  /** Bound, so that it can be handed over as a callback. */
  readonly push = (value: T): void => {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) {
      this.#values.push(value)
    } else {
      waiting.resolve(value)
    }
  }

  next(what = 'an arrival', timeoutMs = defaultDeadlineMs): Promise<T> {
    if (this.#values.length > 0) {
      return Promise.resolve(this.#values.shift() as T)
    }
    const waiting = deferred<T>()
    this.#waiting.push(waiting)
    return withDeadline(waiting.promise, what, timeoutMs)
  }

  /** How many have arrived and were not taken. */
  get waiting(): number {
    return this.#values.length
  }
}
