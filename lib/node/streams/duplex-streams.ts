import { Duplex } from 'node:stream'
import { ErlangError, invalidArgument } from '../../errors.js'
import type { HeaderBytes } from '../../native/contract.js'
import { Joint } from '../transport.js'
import type { PeerStream, Streams, StreamTarget } from './streams.js'

/** Where a `transport` is asked to lead. */
export interface TransportTarget {
  /** As `connect` was given them. */
  readonly host?: string
  readonly port?: number
  /** Aborted when the stream is no longer wanted: after `connectTimeoutMs`, or at the node's end. */
  readonly signal: AbortSignal
}

/** Streams of the user's own making, in place of TCP connections. */
export interface TransportOptions {
  /**
   * Makes a stream to a node. It is read, written and ended by the node, on the thread of the node, so
   * a blocked event loop stalls its ticks.
   */
  readonly dial: (peer: string, target: TransportTarget) => Duplex | Promise<Duplex>
  /**
   * Bytes of length before each packet of the handshake: 2 (default) as over TCP, 4 as over TLS. Both
   * ends must have the same.
   */
  readonly packet?: HeaderBytes
}

/** A stream of the user's. */
export class DuplexStream implements PeerStream {
  readonly address: string
  readonly #duplex: Duplex
  #failure: Error | undefined
  #joint: Joint | undefined

  constructor(duplex: Duplex, address: string) {
    this.address = address
    this.#duplex = duplex
    duplex.on('error', (error: Error) => {
      this.#failure ??= error
    })
  }

  join(end: number): void {
    this.#joint = new Joint(end, this.#duplex, () => undefined)
  }

  async end(): Promise<ErlangError | undefined> {
    this.#duplex.destroy()
    const failure = this.#failure ?? this.#joint?.failure
    return failure ? broken(failure) : undefined
  }
}

/** The streams of the option `transport`. */
export class DuplexStreams implements Streams {
  readonly headerBytes: HeaderBytes
  readonly findsPeers = true
  readonly maybe = ''
  readonly #dial: TransportOptions['dial']

  constructor({ dial, packet = 2 }: TransportOptions) {
    this.headerBytes = packet
    this.#dial = dial
  }

  async open({ peer, host, port }: StreamTarget, signal: AbortSignal): Promise<PeerStream> {
    const where = {
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
    }
    const dialled = this.#dialled(peer, { ...where, signal })
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    // What comes too late is wanted no more.
    signal.addEventListener('abort', () => dialled.then(destroy, () => undefined), { once: true })
    const duplex = await Promise.race([dialled, aborted])
    return new DuplexStream(duplex, host ?? peer)
  }

  async #dialled(peer: string, target: TransportTarget): Promise<Duplex> {
    let made: unknown
    try {
      made = await this.#dial(peer, target)
    } catch (error) {
      throw broken(error)
    }
    return checkDuplex('what transport.dial gives', made)
  }

  listen(): Promise<number> {
    return Promise.reject(new ErlangError('ERR_ERL_REFUSED', 'a transport does not listen'))
  }

  async close(): Promise<void> {}
}

/** Errors: TypeError for what is no duplex stream. */
export function checkDuplex(name: string, value: unknown): Duplex {
  if (value instanceof Duplex) return value
  throw invalidArgument(name, 'a stream.Duplex', value)
}

function destroy(duplex: Duplex): void {
  duplex.on('error', () => undefined).destroy()
}

function broken(error: unknown): ErlangError {
  if (ErlangError.is(error)) return error
  const why = error instanceof Error ? error.message : String(error)
  return new ErlangError('ERR_ERL_NOCONNECTION', `the transport failed: ${why}`, { cause: error })
}
