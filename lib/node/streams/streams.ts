import type { ErlangError } from '../../errors.js'
import type { HeaderBytes } from '../../native/contract.js'
import type { CallerCertificate } from '../access/certificate.js'

/** Where a stream is to lead. */
export interface StreamTarget {
  /** The full name of the node. */
  readonly peer: string
  /** Numeric where the peer has been looked up, else as `connect` was given it. */
  readonly host: string | undefined
  readonly port: number | undefined
}

/** A stream between a peer and this node. */
export interface PeerStream {
  /** For people: the other end. */
  readonly address: string
  /** What the peer has shown, and has been found to be trusted. */
  readonly certificate?: CallerCertificate | undefined
  /** Joins it to the reactor, whose `end` is the stream's from now on. */
  join(end: number): void
  /** Ends it at once; gives the reason why it has failed, if it has. */
  end(): Promise<ErlangError | undefined>
}

/** Makes streams to peers in place of the reactor's own TCP connections. */
export interface Streams {
  readonly headerBytes: HeaderBytes
  /** Whether it finds peers by their names itself, without epmd. */
  readonly findsPeers: boolean
  /** What else may be the reason when a peer closes a stream as soon as it hears our name. */
  readonly maybe: string
  /** Errors: `ErlangError` that says why not; `signal.reason`. */
  open(target: StreamTarget, signal: AbortSignal): Promise<PeerStream>
  /** Accepts streams there; gives the port. Errors: ERR_ERL_REFUSED. */
  listen(address: string, port: number): Promise<number>
  /** Ends every stream. Safe twice. */
  close(): Promise<void>
}

/** What streams tell the node that has them. */
export interface StreamsListener {
  /** A peer has made a stream to us. */
  called(stream: PeerStream): void
  /** Peers were turned away before they were heard: one, or so many, of whom only that is known. */
  refused(address: string, why: string, count: number): void
  /** What carries the streams has failed, and all of them with it. */
  failed(why: string): void
}
