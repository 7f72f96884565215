import { ErlangError } from '../../errors.js'
import type { Abortable } from '../../node/abort-listeners.js'
import { aborts } from './aborts.js'

/** Something that a reader has missed, in its place among the items. */
export interface Gap {
  /** The connection was lost, and is back; or more was waiting than `queueLimit`. */
  readonly why: 'disconnected' | 'overflow'
  /** How many items are missing, where that is known. */
  readonly lost: number | undefined
}

export interface StreamOptions {
  readonly queueLimit: number
  readonly signal?: AbortSignal | undefined
  /**
   * Called when the reader comes to a gap: between the item before it and the one after. What it
   * throws ends the stream, and is thrown into the reader.
   */
  readonly onGap?: ((gap: Gap) => void) | undefined
}

/** A gap in the queue, counted while the reader has not come to it. */
class QueuedGap {
  readonly why: Gap['why']
  lost: number | undefined

  constructor(why: Gap['why'], lost: number | undefined) {
    this.why = why
    this.lost = lost
  }
}

interface Reader<Item> {
  resolve(result: IteratorResult<Item, undefined>): void
  reject(error: unknown): void
}

const done: IteratorResult<never, undefined> = { done: true, value: undefined }
/** Below this length the array is not worth tidying. */
const leastTidied = 1_024

/**
 * What FreeSWITCH sends, to be read with `for await`.
 *
 * At most `queueLimit` items wait for the reader; the newest ones above that are lost, counted in
 * `lost` and told to `onGap`. Leaving the loop, or `close()`, ends it.
 */
export class Stream<Item extends object>
  implements AsyncIterableIterator<Item, undefined>, AsyncDisposable
{
  /** Resolves when FreeSWITCH has been told what is wanted; rejects if it could not be. */
  readonly ready: Promise<void>
  readonly #options: StreamOptions
  readonly #readers: Reader<Item>[] = []
  #queue: (Item | QueuedGap)[] = []
  #first = 0
  #lost = 0
  #gaps = 0
  #end: { readonly error?: unknown } | undefined
  #closed: (() => void) | undefined
  #settleReady: { resolve(): void; reject(error: unknown): void } | undefined

  /** @internal `closed` is called once, when nothing more is wanted. */
  constructor(options: StreamOptions, closed: () => void) {
    this.#options = options
    this.#closed = closed
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    this.ready.catch(() => undefined) // the reader hears of it, too
    const { signal } = options
    if (signal?.aborted === true) this.fail(signal.reason)
    else if (signal !== undefined) aborts.add(signal, this.#aborted)
  }

  /** Items that were lost because the reader was too slow, as far as it has read. */
  get lost(): number {
    return this.#lost
  }

  /** Gaps of either kind that the reader has passed. */
  get gaps(): number {
    return this.#gaps
  }

  /** Items that wait. */
  get queueLength(): number {
    return this.#queue.length - this.#first
  }

  /** True when nothing more will be added. What waits can still be read. */
  get isClosed(): boolean {
    return this.#end !== undefined
  }

  /**
   * The next item, when there is one; `done` at the end. Rejects once with the error that ended
   * it.
   */
  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#take()
    if (item !== undefined) return Promise.resolve({ done: false, value: item })
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => {
        this.#readers.push({ resolve, reject })
      })
    }
    if (!('error' in this.#end)) return Promise.resolve(done)
    const { error } = this.#end
    this.#end = {}
    return Promise.reject(error)
  }

  /** Ends it; what waits is dropped. Safe twice. */
  close(): void {
    this.#queue = []
    this.#first = 0
    this.end()
  }

  /** Closes it: what `for await` does when it is left early. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    this.close()
    return done
  }

  /** As `close`, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /**
   * The stream itself: `for await` takes one item after the other and closes it when it is left.
   */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** @internal */
  push(item: Item): void {
    if (this.#end !== undefined) return
    const reader = this.#readers.shift()
    if (reader !== undefined) reader.resolve({ done: false, value: item })
    else if (this.queueLength < this.#options.queueLimit) this.#queue.push(item)
    else this.#overflow()
  }

  /** @internal */
  gap(why: Gap['why']): void {
    if (this.#end !== undefined) return
    if (this.#readers.length > 0) this.#pass(new QueuedGap(why, undefined))
    else this.#queue.push(new QueuedGap(why, undefined))
  }

  /** @internal */
  opened(): void {
    this.#settleReady?.resolve()
  }

  /** @internal Ends it when all that waits has been read. */
  end(): void {
    this.#finish({})
  }

  /** @internal As `end`, and then throws into the reader. */
  fail(error: unknown): void {
    this.#finish({ error })
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return
    this.#end = end
    const { signal } = this.#options
    if (signal !== undefined) aborts.remove(signal, this.#aborted)
    this.#settleReady?.reject(end.error ?? closedEarly())
    const readers = this.#readers.splice(0)
    const first = readers.shift()
    if (first !== undefined && 'error' in end) {
      this.#end = {}
      first.reject(end.error)
    } else first?.resolve(done)
    for (const { resolve } of readers) resolve(done)
    const closed = this.#closed
    this.#closed = undefined
    // Not before the constructor is done.
    if (closed !== undefined) queueMicrotask(closed)
  }

  readonly #aborted: Abortable = {
    abort: () => {
      this.#queue = []
      this.#first = 0
      this.fail(this.#options.signal?.reason)
    },
  }

  #overflow(): void {
    const last = this.#queue.at(-1)
    if (last instanceof QueuedGap && last.why === 'overflow') last.lost = (last.lost ?? 0) + 1
    else this.#queue.push(new QueuedGap('overflow', 1))
  }

  #take(): Item | undefined {
    while (this.#first < this.#queue.length) {
      const item = this.#queue[this.#first]
      this.#first += 1
      this.#tidy()
      if (!(item instanceof QueuedGap)) return item
      this.#pass(item)
    }
    return undefined
  }

  #pass({ why, lost }: QueuedGap): void {
    this.#gaps += 1
    this.#lost += lost ?? 0
    try {
      this.#options.onGap?.({ why, lost })
    } catch (error) {
      this.fail(error)
    }
  }

  #tidy(): void {
    if (this.#first < leastTidied || this.#first * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#first)
    this.#first = 0
  }
}

function closedEarly(): ErlangError {
  return new ErlangError('ERR_ERL_CLOSED', 'closed before FreeSWITCH was told')
}
