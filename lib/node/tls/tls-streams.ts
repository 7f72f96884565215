import { ErlangError } from '../../errors.js'
import { Backoff } from '../peer/reconnect.js'
import type { PeerStream, Streams, StreamsListener, StreamTarget } from '../streams/streams.js'
import type { Assignment } from './messages.js'
import { type ThreadListener, TlsThread } from './thread.js'

const firstPauseMs = 100
const longestPauseMs = 10_000

/**
 * Streams of TLS, carried by a thread of their own: a blocked event loop stalls neither ticks nor what
 * is on its way. Should the thread fail, the next use has a new one, and the port is listened on again.
 */
export class TlsStreams implements Streams {
  readonly headerBytes = 4
  readonly findsPeers = false
  readonly maybe = '; or it does not trust our certificate'
  readonly #assignment: Assignment
  readonly #title: string
  readonly #listener: StreamsListener
  readonly #backoff = new Backoff(firstPauseMs, longestPauseMs)
  #thread: TlsThread | undefined
  #place: { readonly address: string; readonly port: number } | undefined
  #pause: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(assignment: Assignment, nodeName: string, listener: StreamsListener) {
    this.#assignment = assignment
    this.#title = `tls of ${nodeName}`
    this.#listener = listener
  }

  async open(target: StreamTarget, signal: AbortSignal): Promise<PeerStream> {
    return await this.#running().open(target, signal)
  }

  async listen(address: string, port: number): Promise<number> {
    const bound = await this.#running().listen(address, port)
    this.#place = { address, port: bound }
    return bound
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#pause)
    await this.#thread?.terminate()
    this.#thread = undefined
  }

  #running(): TlsThread {
    if (this.#isClosed) throw new ErlangError('ERR_ERL_CLOSED', 'the node has been stopped')
    this.#thread ??= new TlsThread(this.#assignment, this.#title, this.#threadListener)
    return this.#thread
  }

  readonly #threadListener: ThreadListener = {
    called: (stream) => this.#listener.called(stream),
    refused: (address, why, count) => this.#listener.refused(address, why, count),
    failed: (why) => {
      this.#thread = undefined
      this.#listener.failed(why)
      if (this.#place !== undefined) this.#listenAgain()
    },
  }

  #listenAgain(): void {
    if (this.#isClosed) return
    clearTimeout(this.#pause)
    // The node keeps the process alive, or does not want to.
    this.#pause = setTimeout(() => {
      const { address, port } = this.#place ?? { address: '', port: 0 }
      this.listen(address, port).catch((error: ErlangError) => {
        if (error.code === 'ERR_ERL_REFUSED') this.#listener.failed(error.message)
        this.#listenAgain()
      })
    }, this.#backoff.next()).unref()
  }
}
