import type { ErlangErrorCode } from '../errors.js'
import type { Atom } from '../term/atom.js'
import type { Term } from '../term/term.js'
import type { AtomValues } from './atom-values.js'
import { countsOf } from './channel-counts.js'
import { EventKind } from './contract.js'
import type { EventRecord } from './event-record.js'
import { Frame } from './frame.js'
import type { ChannelEnd, NodeSink } from './node-sink.js'
import { defaultDecodeOptions } from './options.js'
import type { SharedBytes } from './shared-bytes.js'
import type { TapeReader } from './tape-reader.js'

/** The `NativeReason` of a peer that went past a limit of ours. */
const limitReason = 'LIMIT'

/** Brings each record to the sink of its node. */
export class Dispatcher {
  private readonly byNode = new Map<number, NodeSink>()
  private readonly byChannel = new Map<number, NodeSink>()

  constructor(
    private readonly reader: TapeReader,
    private readonly atoms: AtomValues,
    private readonly shared: SharedBytes,
  ) {}

  addNode(node: number, sink: NodeSink): void {
    this.byNode.set(node, sink)
  }

  /** Its channels go on being heard until each is down. */
  removeNode(node: number): void {
    this.byNode.delete(node)
  }

  addChannel(channel: number, node: number): void {
    const sink = this.byNode.get(node)
    if (sink !== undefined) this.byChannel.set(channel, sink)
  }

  hasChannel(channel: number): boolean {
    return this.byChannel.has(channel)
  }

  dispatch(record: EventRecord): void {
    if (record.kind === EventKind.Frame || record.kind === EventKind.BadPayload) {
      this.frame(record)
      return
    }
    const values = this.reader.readAll(
      record.tape,
      record.tapeAt,
      record.body,
      defaultDecodeOptions,
    )
    if (record.kind === EventKind.Released) this.shared.release(record.id, Number(values[0]))
    else if (record.kind === EventKind.ChannelUp) this.channelUp(record.id, values)
    else if (record.kind === EventKind.AtomsRenewed) this.atoms.renewed()
    else this.tell(record.kind, record.id, values)
  }

  private frame(record: EventRecord): void {
    const sink = this.byChannel.get(record.id)
    if (sink === undefined) return
    const { tape, tapeAt, body } = record
    const fields = this.reader.readAll(tape, tapeAt, body, defaultDecodeOptions)
    const error = record.kind === EventKind.BadPayload ? String(fields.pop()) : undefined
    const frame = new Frame(record, fields, error, this.reader)
    try {
      sink.frame(frame)
    } finally {
      frame.delivered()
    }
  }

  private channelUp(channel: number, values: readonly Term[]): void {
    const [node, peer, flags, creation, incoming, address, handshakeUs] = values
    const sink = this.byNode.get(Number(node))
    if (sink === undefined) return
    this.byChannel.set(channel, sink)
    sink.channelUp({
      channel,
      peer: nameOf(peer as Atom | boolean),
      flags: Number(flags),
      creation: Number(creation),
      incoming: incoming === 1,
      address: String(address),
      handshakeMs: Number(handshakeUs) / 1000,
    })
  }

  private tell(kind: number, id: number, values: readonly Term[]): void {
    const sink = this.byChannel.get(id) ?? this.byNode.get(id)
    if (isChannelsLast(kind)) this.forget(id)
    switch (kind) {
      case EventKind.ChannelDown:
        sink?.channelDown(id, endOf(values))
        break
      case EventKind.DialFailed:
        sink?.dialFailed(id, codeOf(values[0]), String(values[1]))
        break
      case EventKind.Drained:
        sink?.drained(id, Number(values[0]))
        break
      case EventKind.Listening:
        sink?.listening(Number(values[0]))
        break
      case EventKind.ListenFailed:
        sink?.listenFailed(codeOf(values[0]), String(values[1]))
        break
      case EventKind.Asked:
        sink?.asked({
          id: Number(values[0]),
          name: String(values[1]),
          address: String(values[2]),
          caller: Number(values[3]),
        })
        break
      default:
        sink?.refused({
          code: codeOf(values[0]),
          message: String(values[1]),
          address: String(values[2]),
          peer: String(values[3]),
          count: Number(values[4]),
        })
    }
  }

  private forget(channel: number): void {
    this.byChannel.delete(channel)
    this.shared.releaseAll(channel)
  }
}

function isChannelsLast(kind: number): boolean {
  return kind === EventKind.ChannelDown || kind === EventKind.DialFailed
}

/**
 * From a `NativeReason`. A dial is superseded by a channel that the peer has made to us: whoever
 * dialled has that one by then, unless this node refused it.
 */
function codeOf(reason: Term | undefined): ErlangErrorCode {
  if (String(reason) === 'SUPERSEDED') return 'ERR_ERL_REFUSED'
  if (String(reason) === limitReason) return 'ERR_ERL_PROTOCOL'
  return `ERR_ERL_${reason}` as ErlangErrorCode
}

function endOf([reason, message, ...counts]: readonly Term[]): ChannelEnd {
  return {
    code: codeOf(reason),
    message: String(message),
    counts: countsOf(counts.map(Number)),
    isLimit: String(reason) === limitReason,
  }
}

/** A node may be called true or false. */
function nameOf(name: Atom | boolean): string {
  return typeof name === 'boolean' ? String(name) : name.name
}
