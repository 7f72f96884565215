/**
 * The addon, declared in TypeScript. C++ is checked against this file by `test/unit` and by every
 * test above it; nothing else in `lib` knows what the addon looks like.
 *
 * One addon instance belongs to one Node environment (the main thread or one worker). It owns one
 * reactor thread, which owns all sockets; any number of nodes share it.
 */

/** What `ErlangNode.start` hands down for one node. Times in milliseconds, sizes in bytes. */
export interface NativeNodeOptions {
  /** Full node name, `alive@host`. */
  readonly name: string
  readonly cookie: string
  /** One creation for the life of the node, at least 4. */
  readonly creation: number
  readonly hidden: boolean
  /** Silence after which a peer is given up (`net_ticktime`); a tick is due at a quarter of it. */
  readonly tickTimeMs: number
  readonly handshakeTimeoutMs: number
  readonly maxFrameBytes: number
  readonly maxDepth: number
  /** Inbound: bytes delivered and not credited back at which reading pauses. Infinity never pauses. */
  readonly maxQueuedBytes: number
  /** Different atoms that a channel may bring before it is closed. */
  readonly maxAtoms: number
  /** Frames that a channel may bring in a second before reading pauses. Infinity never pauses. */
  readonly maxFramesPerSecond: number
  /** As `askBeforeAccept`. */
  readonly askBeforeAccept: boolean
}

export interface NativeDial {
  /** Numeric IPv4 or IPv6 address. */
  readonly address: string
  readonly port: number
  /** The name the peer must give itself; the handshake fails with PROTOCOL when it gives another. */
  readonly peer: string
  /** For connecting and the whole handshake together. */
  readonly timeoutMs: number
}

/** A dial over a connection that is there already, and that JavaScript carries. */
export interface NativeDialThrough {
  readonly peer: string
  /** For the handshake. */
  readonly timeoutMs: number
  /** For people: where the connection leads. */
  readonly address: string
  readonly headerBytes: HeaderBytes
}

/** How the packets of a handshake are framed: by 2 bytes over TCP, by 4 over TLS. */
export type HeaderBytes = 2 | 4

/** The buffers in which tapes and events cross. JavaScript makes them; native code keeps them alive. */
export interface NativeBuffers {
  /** JavaScript writes, native reads: ops of the encode tape. */
  readonly encodeOps?: ArrayBuffer
  /** JavaScript writes, native reads: text region of the encode tape. */
  readonly encodeText?: ArrayBuffer
  /** Native writes, JavaScript reads: decode tape of `decode`. */
  readonly decodeOps?: ArrayBuffer
  /** Native writes: bytes of `encode`. */
  readonly output?: ArrayBuffer
  /** Native writes, JavaScript reads: records of `take`. */
  readonly events?: ArrayBuffer
  /** JavaScript writes, native reads: ops of the encode tapes of frames. */
  readonly frameOps?: ArrayBuffer
  /** JavaScript writes, native reads: text region of those tapes. */
  readonly frameText?: ArrayBuffer
  /** JavaScript writes, native reads: the frames, as doubles (`FrameColumn`). */
  readonly frameTable?: ArrayBuffer
}

/** What the table of frames says of each. */
export const FrameColumn = {
  /** Id of the channel. */
  Channel: 0,
  /** The word of `frameOps` at which its tape begins, an even one. */
  Start: 1,
  /** What `drained` counts. */
  Cost: 2,
  Columns: 3,
} as const

/** The parts of a record that did not fit the event buffer. */
export interface NativeLargeRecord {
  readonly ops: ArrayBuffer
  readonly body: ArrayBuffer
}

/** What a channel counts, in the order in which it is told (`native/dist/meter.h`). */
export const MeterColumn = {
  /** Whole frames that have been written, ticks not among them. */
  FramesOut: 0,
  FramesIn: 1,
  /** Bytes of frames and ticks with their lengths, not those of the handshake. */
  BytesOut: 2,
  BytesIn: 3,
  TicksOut: 4,
  TicksIn: 5,
  /** Bytes that wait for the socket now. */
  Unwritten: 6,
  Columns: 7,
} as const

/**
 * Reasons that native code gives by name; `lib/errors.ts` turns them into `ERR_ERL_…` codes.
 */
export type NativeReason =
  | 'TIMEOUT'
  | 'NOCONNECTION'
  | 'RESOURCES'
  | 'AUTH'
  | 'NAME_IN_USE'
  | 'NAME_LENGTH'
  | 'REFUSED'
  | 'DECODE'
  | 'ENCODE'
  | 'PROTOCOL'
  | 'CLOSED'
  /** A channel only: the peer went past a limit of ours. */
  | 'LIMIT'
  /** A dial only: another channel to the same peer came up, and its `channelUp` came before this. */
  | 'SUPERSEDED'

export interface NativeAddon {
  /** Hands over buffers, once or again with larger ones. Only the given ones change. */
  attach(buffers: NativeBuffers): void

  /** Names atom `id` (0…65535, each once, in any order) in the book of the encode tape. */
  defineAtom(id: number, name: string): void
  /** Likewise key `id`, which is well-formed text: a binary that the tape mentions by number. */
  defineKey(id: number, text: string): void
  /**
   * The name of an atom that a decode tape mentions: `source` 0 is `decode`, 1 the event records.
   * `generation` counts how often that source's ids have begun anew when the tape is met.
   */
  atomName(source: 0 | 1, id: number, generation: number): string
  /** Has the ids of the atoms of `decode` begin anew, at once: no tape may be left to be read. */
  renewAtoms(): void
  /** The same for the event records; answered by `AtomsRenewed`, until when the old ones come. */
  renewEventAtoms(): void

  /**
   * Decodes the term that `bytes` begin with (version byte 131 first) into `decodeOps`.
   * Returns the words written, minus the words needed when `decodeOps` is too small, or 0 for bytes
   * of a `SharedArrayBuffer`, which it leaves alone: another thread may change them.
   * Throws an `Error` with `code` 'DECODE' and `offset`.
   */
  decode(bytes: Uint8Array): number
  /**
   * Encodes the tape (131 first) into `output` from byte `at`.
   * Returns the offset after the term, or minus the bytes needed when it does not fit.
   */
  encode(words: number, at: number, shared?: readonly Uint8Array[]): number
  /**
   * Whether bytes, without version byte, are one whole term, as the encode tape wants raw ones: on a
   * channel it is too late to refuse others. A local term is one only where nothing is around it.
   */
  isTerm(bytes: Uint8Array, localIsGood: boolean): boolean

  /**
   * Starts the reactor thread if it is not running. `onEvents` is called when records wait; it is
   * not called again until `take` has returned 0.
   *
   * Errors: RESOURCES when the system gives no thread or no descriptor; it may be tried again.
   */
  start(onEvents: () => void): void
  /** Copies whole records into `events`; returns the bytes filled, 0 when none wait. */
  take(): number
  /** The parts of the record just taken whose `flags` carry `RecordFlag.Large`. */
  takeLarge(): NativeLargeRecord
  /**
   * Copies the body of such a record, in place of `takeLarge`, into an array of just its size. For
   * bodies of moderate size: to make an ArrayBuffer of native memory costs as much as 100 KiB copied.
   */
  takeBody(to: Uint8Array): void
  /** Whether the reactor keeps the process alive. */
  setRef(alive: boolean): void

  /** Ids of nodes and channels come from one counter of the environment and are never reused. */
  openNode(options: NativeNodeOptions): number
  /**
   * Whether each incoming connection, once it has given a name and before it is answered, waits for
   * `answer` after an `asked`.
   */
  askBeforeAccept(node: number, ask: boolean): void
  /**
   * Lets a connection go on, or closes it without a word and without `refused`. Nothing happens for a
   * question that has been given up: that has been told by `refused`.
   */
  answer(node: number, question: number, allowed: boolean): void
  /** The cookie for one peer, in place of the node's own. */
  setCookie(node: number, peer: string, cookie: string): void
  /** Answered by `listening` or `listenFailed`. Port 0 takes a free one. */
  listen(node: number, address: string, port: number): void
  /**
   * Returns the channel's id; answered by `channelUp` or `dialFailed`. While the peer's own call to
   * us takes precedence (distribution.md section 2) the dial waits for that: when it comes up the
   * dial fails as SUPERSEDED, when it fails the dial goes on. One dial to a peer at a time.
   */
  dial(node: number, dial: NativeDial): number
  /**
   * As `dial`, over one end of a socketpair. `end` is the other one, a file descriptor that is the
   * caller's: what it reads is to be brought to the peer and the reverse, and it is to be closed.
   * Throws an `Error` with `code` 'RESOURCES' when no socketpair is to be had.
   */
  dialThrough(node: number, dial: NativeDialThrough): { channel: number; end: number }
  /**
   * A connection from `address`, as if the listener had accepted it; returns the `end` likewise. An
   * `asked` about it says `caller`.
   */
  acceptThrough(node: number, address: string, headerBytes: HeaderBytes, caller: number): number
  /**
   * Sends the first `count` frames of the table, in order. Each tape holds the operation number as
   * `kInt`, its fields (`native/dist/control.h`) and, where the operation has one, the payload;
   * positions on it count from the beginning of `frameOps` and `frameText`, of which `words` and
   * `textBytes` are used.
   * A frame with byte arrays beside its tape comes alone: `shared` must stay unchanged until
   * `released` names `ticket` (tickets of a channel rise; 0 when nothing is shared).
   * A channel that is gone takes the frame and drops it; `channelDown` tells.
   */
  send(
    count: number,
    words: number,
    textBytes: number,
    ticket: number,
    shared: readonly Uint8Array[] | undefined,
  ): void
  /** Gives back `bytes` of a channel's delivered records (`charge`). */
  credit(channel: number, bytes: number): void
  /** Lets a channel read on past `maxQueuedBytes` to twice that, while a call to it is pending. */
  setUrgent(channel: number, urgent: boolean): void
  /** Asks for one `drained` as soon as at most `below` of the queued cost is unwritten. */
  drain(channel: number, below: number): void
  /**
   * Writes what a channel has counted so far into the bytes of a `Float64Array` (`MeterColumn`).
   * False, and nothing written, when it is not up. Waits for nobody.
   */
  measure(channel: number, to: Uint8Array): boolean
  /** Answered by `channelDown`, after what was queued before has been written or 1 s has passed. */
  close(channel: number): void
  /** Closes the listener and all channels of a node at once; each channel gets its `channelDown`. */
  closeNode(node: number): void
}

/**
 * A record in the event buffer: eight words, then the ops (padded to 8 bytes), then the body
 * (padded likewise). `native/dist/event.h` writes it.
 */
export const RecordWord = {
  /** Length of the whole record in the event buffer, in bytes. */
  Bytes: 0,
  /** `EventKind`. */
  Kind: 1,
  /** Id of the channel, or of the node for `Listening`, `ListenFailed`, `Refused` and `Asked`. */
  Channel: 2,
  /** Bytes to give back with `credit`; 0 for what is not counted. */
  Charge: 3,
  /** Operation number of a `Frame` or `BadPayload`, traced forms mapped to their plain ones. */
  Operation: 4,
  OpsWords: 5,
  BodyBytes: 6,
  /** `RecordFlag` bits; above them see `RecordFlag.PayloadAtShift`. */
  Flags: 7,
  HeaderWords: 8,
} as const

export const RecordFlag = {
  /** After the fields' `kStop` a second tape follows: the payload. */
  Payload: 1,
  /**
   * The body is not in the event buffer: `takeLarge()` gives it. Nor are the ops, if the record is
   * its header alone.
   */
  Large: 2,
  /** Above the flags' bits: where in the body the payload's term begins (behind its version byte). */
  PayloadAtShift: 8,
} as const

/** What climbs from the reactor. Behind each kind: the values on its tape, in order. */
export const EventKind = {
  /**
   * The fields of the operation (`native/dist/control.h`). A well-formed control tuple of an
   * operation not listed in `Operation` comes with its number and no fields: to be counted.
   */
  Frame: 1,
  /** As `Frame`, without payload; the last value is a binary that says what was wrong with it. */
  BadPayload: 2,
  /**
   * node id, peer's name (atom), negotiated flags (integer), peer's creation (integer), 1 if the peer
   * dialled, the peer's numeric address (binary), microseconds that it took to connect, if we
   * dialled, and to shake hands (integer).
   */
  ChannelUp: 3,
  /** `NativeReason` (binary), message (binary), what it has counted (`MeterColumn`, numbers). */
  ChannelDown: 4,
  /** `NativeReason` (binary), message (binary). */
  DialFailed: 5,
  /** Cost written so far on this channel (integer or float). */
  Drained: 6,
  /** The highest ticket whose shared bytes are no longer needed (integer). */
  Released: 7,
  /** Port (integer). */
  Listening: 8,
  /** `NativeReason` (binary), message (binary). */
  ListenFailed: 9,
  /**
   * An incoming connection that did not come up: `NativeReason`, message, remote address, peer's name
   * or empty (binaries), 1 (integer). More than 1: so many that are only counted, without address.
   */
  Refused: 10,
  /** (nothing) From here on the ids of atoms on the records' tapes are those of a new generation. */
  AtomsRenewed: 11,
  /**
   * Number of the question (integer), the name the caller gives itself, its numeric address (binaries),
   * its number in `acceptThrough` or 0 (integer).
   */
  Asked: 12,
} as const

/**
 * Operations of the distribution protocol as TypeScript sees them: one form each. Native code maps
 * what arrives to it (traced forms, exits with the reason inside the control tuple) and what leaves
 * to what the peer's flags allow (24 → 3, 26 → 8, 28 → 21, 22 → 2, 35 → 4). Fields in the order of
 * the tape; "payload" is the second tape.
 */
export const Operation = {
  /** from, to */
  Link: 1,
  /** to; payload: message. Of nobody; or to a peer without SEND_SENDER. */
  Send: 2,
  /** from, to (a peer without UNLINK_ID) */
  Unlink: 4,
  /** from, name; payload: message */
  RegSend: 6,
  /** from, to */
  GroupLeader: 7,
  /** from, to (pid or name), reference */
  Monitor: 19,
  /** from, to (pid or name), reference */
  Demonitor: 20,
  /** from, to; payload: message */
  SendSender: 22,
  /** from, to; payload: reason. A link broke. */
  Exit: 24,
  /** from, to; payload: reason. `exit/2`. */
  Exit2: 26,
  /** from (pid or name), to, reference; payload: reason */
  MonitorExit: 28,
  /** request reference, from, group leader, {M, F, Arity}, options; payload: arguments */
  SpawnRequest: 29,
  /** request reference, to, flags (1 link, 2 monitor), pid or error atom */
  SpawnReply: 31,
  /** from, alias; payload: message */
  AliasSend: 33,
  /** id (1 … 2^64-1), from, to */
  UnlinkId: 35,
  /** id, from, to */
  UnlinkIdAck: 36,
} as const
export type Operation = (typeof Operation)[keyof typeof Operation]
