import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * The only file that opens a file descriptor of the reactor: our end of the socketpair of a transport.
 * The bytes of a stream (of TLS, or one that the user has made) are brought to the reactor through it,
 * and back. Only one of the threads of a process may open a descriptor; its number means the same in
 * all of them.
 */

/** For the stream when the reactor has closed its end: how long its own end may take. */
const lingerMs = 2_000

function opened(end: number): Socket {
  return new Socket({ fd: end, readable: true, writable: true, allowHalfOpen: true })
}

/** Closes an end that will not be joined to anything. */
export function closeEnd(end: number): void {
  opened(end)
    .on('error', () => undefined)
    .destroy()
}

/**
 * A stream and the reactor, joined: what one writes the other reads, as fast as it reads; when one ends
 * so does the other, when it has been given all that came before.
 */
export class Joint {
  readonly #end: Socket
  readonly #stream: Duplex
  readonly #ended: (failure: Error | undefined) => void
  #failure: Error | undefined
  #limit: NodeJS.Timeout | undefined
  #open = 2

  /**
   * `end` belongs to the joint from now on, and so does `stream`, which nobody else may read or write.
   * `ended` is called once, when both are closed: with the error of the stream if it had one.
   */
  constructor(end: number, stream: Duplex, ended: (failure: Error | undefined) => void) {
    this.#end = opened(end)
    this.#stream = stream
    this.#ended = ended
    this.#end.once('end', this.#linger).once('close', this.#endClosed)
    // The reactor has closed it, which its own events tell of.
    this.#end.on('error', () => this.destroy())
    stream.on('error', this.#streamFailed)
    if (stream.closed || stream.destroyed || !stream.readable || !stream.writable) {
      this.#failure = stream.errored ?? new Error('the stream has ended')
      this.destroy()
      if (stream.closed) this.#streamClosed()
      else stream.once('close', this.#streamClosed)
      return
    }
    stream.once('close', this.#streamClosed)
    this.#end.pipe(stream)
    stream.pipe(this.#end)
  }

  /** What the stream has met, if it has failed. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Ends both at once. */
  destroy(): void {
    this.#end.destroy()
    this.#stream.destroy()
  }

  readonly #streamFailed = (error: Error): void => {
    this.#failure ??= error
    this.#end.destroy()
  }

  readonly #streamClosed = (): void => {
    // All that it has brought is on its way; what the reactor still says is for nobody.
    if (this.#stream.readableEnded) this.#end.resume()
    else this.#end.destroy()
    this.#closed()
  }

  /** The reactor says no more. A stream that does not end of itself must not stay for ever. */
  readonly #linger = (): void => {
    this.#limit = setTimeout(() => this.destroy(), lingerMs).unref()
  }

  readonly #endClosed = (): void => {
    if (!this.#end.readableEnded) this.#stream.destroy()
    else if (!this.#stream.writableEnded) this.#stream.end()
    this.#closed()
  }

  #closed(): void {
    this.#open -= 1
    if (this.#open > 0) return
    clearTimeout(this.#limit)
    this.#ended(this.#failure)
  }
}
