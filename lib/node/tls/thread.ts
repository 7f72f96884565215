import type { Worker } from 'node:worker_threads'
import { builtEntry } from '../../base/package-root.js'
import { ErlangError } from '../../errors.js'
import type { CallerCertificate } from '../access/certificate.js'
import type { PeerStream, StreamsListener, StreamTarget } from '../streams/streams.js'
import { closeEnd } from '../transport.js'
import type { Assignment, Down, Fault, Up } from './messages.js'

const entry = builtEntry('node/tls/worker')

/** What the node knows of a stream that the thread has. */
class ThreadStream implements PeerStream {
  readonly address: string
  readonly certificate: CallerCertificate | undefined
  readonly #thread: TlsThread
  readonly #id: number
  readonly #ended: Promise<ErlangError | undefined>
  #settle: (failure: ErlangError | undefined) => void = () => undefined

  constructor(thread: TlsThread, id: number, address: string, certificate?: CallerCertificate) {
    this.#thread = thread
    this.#id = id
    this.address = address
    this.certificate = certificate
    this.#ended = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  join(end: number): void {
    this.#thread.join(this.#id, end)
  }

  end(): Promise<ErlangError | undefined> {
    this.#thread.post({ kind: 'end', stream: this.#id })
    return this.#ended
  }

  /** The thread has it no more. */
  ended(failure: ErlangError | undefined): void {
    this.#settle(failure)
  }
}

/** Somebody waits for a stream to be opened. */
interface Opening {
  readonly stream: ThreadStream
  readonly resolve: (stream: PeerStream) => void
  readonly reject: (reason: unknown) => void
}

export interface ThreadListener extends StreamsListener {
  /** The thread has ended by itself; all of its streams have, too. */
  failed(why: string): void
}

/** One life of the thread that carries the streams of TLS. It does not keep the process alive. */
export class TlsThread {
  readonly #worker: Worker
  readonly #listener: ThreadListener
  readonly #streams = new Map<number, ThreadStream>()
  readonly #openings = new Map<number, Opening>()
  /** By stream, descriptors that it has been given and has not told of yet. */
  readonly #given = new Map<number, number>()
  readonly #gone: Promise<void>
  #listening: { resolve(port: number): void; reject(error: ErlangError): void } | undefined
  #lastOpened = 0
  #error: unknown
  /** Once it has ended, or is to end. */
  #isOver = false
  #isGone = false

  /** Errors: ERR_ERL_NOCONNECTION when the system gives no thread. */
  constructor(assignment: Assignment, title: string, listener: ThreadListener) {
    this.#listener = listener
    this.#worker = started(assignment, title)
    this.#worker.on('message', (message: Up) => this.#received(message))
    this.#worker.on('error', (error) => {
      this.#error = error
    })
    this.#gone = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        resolve()
        this.#exited(code)
      })
    })
    // Behind the listeners: the one for messages would make it count again.
    this.#worker.unref()
  }

  open({ peer, host = '', port = 0 }: StreamTarget, signal: AbortSignal): Promise<PeerStream> {
    this.#lastOpened += 1
    const id = this.#lastOpened
    const stream = new ThreadStream(this, id, host)
    this.#streams.set(id, stream)
    return new Promise((resolve, reject) => {
      this.#openings.set(id, { stream, resolve, reject })
      const abort = (): void => {
        if (!this.#openings.delete(id)) return
        this.post({ kind: 'end', stream: id })
        reject(signal.reason)
      }
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
      this.post({ kind: 'open', stream: id, peer, address: host, port })
    })
  }

  /** Errors: ERR_ERL_REFUSED. */
  listen(address: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listening = { resolve, reject }
      this.post({ kind: 'listen', address, port })
    })
  }

  /**
   * Gives the thread a descriptor for a stream. It closes that of a stream that has ended meanwhile, so
   * nobody else may; what it had no time to look at is closed when it has ended itself.
   */
  join(stream: number, end: number): void {
    if (this.#isGone) {
      closeEnd(end)
      return
    }
    this.#given.set(stream, end)
    this.post({ kind: 'join', stream, end })
  }

  post(message: Down): void {
    if (!this.#isOver) this.#worker.postMessage(message)
  }

  /** Ends it, on purpose. Resolves when it is gone. */
  async terminate(): Promise<void> {
    this.#isOver = true
    await this.#worker.terminate()
    await this.#gone
  }

  #received(message: Up): void {
    switch (message.kind) {
      case 'listening':
        this.#listening?.resolve(message.port)
        break
      case 'listenFailed':
        this.#listening?.reject(new ErlangError('ERR_ERL_REFUSED', message.message))
        break
      case 'opened':
        this.#opened(message.stream)
        break
      case 'called':
        this.#called(message)
        break
      case 'joined':
        this.#given.delete(message.stream)
        break
      case 'ended':
        this.#ended(message.stream, message.fault)
        break
      case 'refused':
        this.#listener.refused(message.address, message.why, message.count)
        break
    }
  }

  #opened(id: number): void {
    const opening = this.#openings.get(id)
    this.#openings.delete(id)
    opening?.resolve(opening.stream)
  }

  #called({ stream: id, address, certificate }: Up & { kind: 'called' }): void {
    const stream = new ThreadStream(this, id, address, certificate)
    this.#streams.set(id, stream)
    this.#listener.called(stream)
  }

  #ended(id: number, fault: Fault | undefined): void {
    const failure = fault && new ErlangError(fault.code, fault.message)
    this.#streams.get(id)?.ended(failure)
    this.#streams.delete(id)
    const opening = this.#openings.get(id)
    this.#openings.delete(id)
    opening?.reject(failure ?? new ErlangError('ERR_ERL_NOCONNECTION', 'the connection was closed'))
  }

  #exited(code: number): void {
    const isExpected = this.#isOver
    this.#isOver = true
    this.#isGone = true
    for (const end of this.#given.values()) closeEnd(end)
    this.#given.clear()
    const why = this.#error instanceof Error ? this.#error.message : `exit code ${code}`
    const message = `the thread that carries TLS has ended: ${why}`
    const failure = new ErlangError('ERR_ERL_NOCONNECTION', message, { cause: this.#error })
    for (const { reject } of this.#openings.values()) reject(failure)
    for (const stream of this.#streams.values()) stream.ended(failure)
    this.#openings.clear()
    this.#streams.clear()
    this.#listening?.reject(failure)
    if (!isExpected) this.#listener.failed(message)
  }
}

function started(assignment: Assignment, title: string): Worker {
  try {
    // Loaded when it is needed: an idle node without TLS is smaller for it.
    const { Worker: Thread } = process.getBuiltinModule('node:worker_threads')
    return new Thread(entry, { workerData: assignment, name: title, execArgv: [], stdin: false })
  } catch (cause) {
    const why = (cause as Error).message
    throw new ErlangError('ERR_ERL_NOCONNECTION', `no thread for TLS could be made: ${why}`, {
      cause,
    })
  }
}
