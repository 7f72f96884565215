/**
 * A `net.Socket` whose other end is an array: events come when the input says so, and nothing waits
 * for a kernel. As with a real one, 'close' comes after the call that closed it has returned, and
 * nothing is read or written behind it.
 */
import { EventEmitter } from 'node:events'

export class LooseSocket extends EventEmitter {
  /** What was written to it. */
  written = Buffer.alloc(0)
  /** Whether our side has said that nothing more comes. */
  ended = false
  destroyed = false
  #closed = false
  #whenIdle

  // What is used of a socket.
  unref() {
    return this
  }
  resume() {
    return this
  }
  setTimeout(ms, listener) {
    this.#whenIdle = ms === 0 ? undefined : (listener ?? this.#whenIdle)
    return this
  }
  write(bytes) {
    if (this.ended) throw new Error('written after the end')
    if (!this.destroyed) this.written = Buffer.concat([this.written, bytes])
    return true
  }
  end(bytes) {
    if (bytes !== undefined) this.write(bytes)
    this.ended = true
    return this
  }
  destroy() {
    this.destroyed = true
    return this
  }

  // What the other end does.
  receive(bytes) {
    if (!this.destroyed) this.emit('data', Buffer.from(bytes))
    this.settle()
  }
  hangUp() {
    if (!this.destroyed) this.emit('end')
    this.destroy()
    this.settle()
  }
  breakOff() {
    if (!this.destroyed)
      this.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    this.destroy()
    this.settle()
  }
  /** Nothing has happened on it for as long as it was to wait. */
  idle() {
    if (!this.destroyed) this.#whenIdle?.()
    this.settle()
  }
  /** The events that are due now. */
  settle() {
    if (!this.destroyed || this.#closed) return
    this.#closed = true
    this.emit('close', false)
  }
}
