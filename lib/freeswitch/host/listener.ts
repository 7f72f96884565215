import type { HostCore } from './host-core.js'

/** How many messages of one peer may wait while a command runs. */
const maxWaiting = 10_000

/** A message of a peer, to be dealt with when those before it are. */
type Work = () => undefined | Promise<unknown>

/**
 * What the host keeps of one connected peer. Its messages are dealt with one at a time, in order, as
 * FreeSWITCH's listener threads do; those of other peers go on meanwhile.
 */
export class Listener {
  readonly peer: string
  readonly #host: HostCore
  readonly #waiting: Work[] = []
  #isBusy = false
  #isClosed = false

  constructor(host: HostCore, peer: string) {
    this.#host = host
    this.peer = peer
  }

  /** Does this when what came before is done. False when too much waits. */
  take(work: Work): boolean {
    if (this.#isBusy) {
      if (this.#waiting.length >= maxWaiting) return false
      this.#waiting.push(work)
    } else {
      this.#do(work)
    }
    return true
  }

  /** Ends the connection once what was sent is written. */
  close(): void {
    setImmediate(() => void this.#host.node.disconnect(this.peer))
  }

  /** The connection is gone. */
  closed(): void {
    this.#isClosed = true
    this.#waiting.length = 0
  }

  #do(work: Work): void {
    const done = work()
    if (done === undefined) return
    this.#isBusy = true
    void done.finally(() => {
      this.#isBusy = false
      this.#next()
    })
  }

  #next(): void {
    while (!this.#isBusy && !this.#isClosed) {
      const work = this.#waiting.shift()
      if (work === undefined) return
      this.#do(work)
    }
  }
}
