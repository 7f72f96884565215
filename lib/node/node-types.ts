import type { Traffic } from '../native/channel-counts.js'
import type { DecodeOptions, DecodePreset, EncodeOptions } from '../native/options.js'
import type { Atom } from '../term/atom.js'
import type { WaitOptions } from './calls.js'
import type { DropReason } from './drops.js'
import type { PeerChoice } from './peer-pattern.js'

/** How a message is written. */
export interface SendOptions {
  /** How the message is encoded, in place of the node's choice. */
  readonly encode?: EncodeOptions
}

/** For which peers a process is there. */
export interface AcceptFromOptions {
  /**
   * The peers for which this process is there, as node names with `*` for any text, or as a function;
   * for every peer when absent. For the others there is none: their messages and exit signals are
   * dropped, their links and monitors get `noproc`. An alias of the process is for whoever has it.
   */
  readonly acceptFrom?: PeerChoice
}

/** How the messages of a process are read. */
export interface RegisterOptions extends AcceptFromOptions {
  /** How the messages of this process are decoded, in place of the node's choice. */
  readonly decode?: DecodeOptions | DecodePreset
}

/** Options of `spawn`. */
export interface SpawnOptions extends RegisterOptions {
  /** The name to register the process under. */
  readonly name?: string | Atom
}

/** Messages are not read, but received as `RawTerm`: to be forwarded unchanged. */
export interface SpawnRawOptions extends RegisterRawOptions {
  /** The name to register the process under. */
  readonly name?: string | Atom
}

/** Messages are not read, but handed over as `RawTerm`: to be forwarded unchanged. */
export interface RegisterRawOptions extends AcceptFromOptions {
  /** In place of the options for those that are read. */
  readonly decode: 'raw'
}

/** `host` and `port` name where the peer listens; without them its epmd is asked. */
export interface ConnectOptions extends WaitOptions {
  /** The host to dial, by name or address: that of the peer's name if absent. */
  readonly host?: string
  /** The port on which the peer listens; its epmd is asked if absent. */
  readonly port?: number
}

/** Of a stream that a peer has made to us. */
export interface AcceptOptions {
  /** For people: where it comes from; in `peerAddress` and in what is told of refusals. */
  readonly address?: string
  /** Bytes of length before each packet of the handshake: 2 (default) as over TCP, 4 as over TLS. */
  readonly packet?: 2 | 4
}

/** Where a connected peer is. */
export interface PeerOrigin {
  /** Its numeric address. One that has called a socket for both families may read `::ffff:10.0.0.1`. */
  readonly host: string
  /** Whether it has called us; else we have called it. */
  readonly isIncoming: boolean
}

/** What is known of one peer: its counts go on where they were when it connects again. */
export interface PeerStats extends Traffic {
  readonly isUp: boolean
  /** How often it has been connected: once more than it has reconnected. */
  readonly connections: number
  /** Since when it is connected, in milliseconds since 1970. */
  readonly upSinceMs: number | undefined
  /** How long the last connection took: to connect, if we dialled, and to shake hands. */
  readonly handshakeMs: number | undefined
  /** Bytes handed over and not known to be written, as they were estimated: an upper bound. */
  readonly out: number
  /** Bytes of those that wait for the socket. */
  readonly unwritten: number
  /** Bytes that came and that nobody has dealt with, as they were charged. */
  readonly in: number
  /** What came from it, or was meant for it, and was dropped. */
  readonly drops: Partial<Readonly<Record<DropReason, number>>>
}

/** What a node counts. */
export interface NodeStats {
  readonly drops: Readonly<Record<DropReason, number>>
  /** Calls that wait for their answers, the node's own among them. */
  readonly pendingCalls: number
  readonly processes: number
  /** Peers that are connected or wanted. */
  readonly peers: Readonly<Record<string, PeerStats>>
  /** Of all connections since the node was started, also to peers that are no longer wanted. */
  readonly total: Traffic & { readonly connections: number }
}
