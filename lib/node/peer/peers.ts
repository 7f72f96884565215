import { ErlangError, type ErlangErrorCode } from '../../errors.js'
import { addTraffic, type ChannelCounts } from '../../native/channel-counts.js'
import type { ChannelEnd, ChannelUp } from '../../native/reactor.js'
import { reactor } from '../../native/reactor.js'
import type { Drops } from '../drops.js'
import type { NodeStats, PeerStats } from '../node-types.js'
import type { Observer } from '../observe/observer.js'
import type { WhenBusy } from '../options.js'
import type { Seekers } from '../process/seekers.js'
import type { WhenDown } from '../route.js'
import type { Streams } from '../streams/streams.js'
import { Dialler, type DiallerOptions, type PeerAddress } from './dialler.js'
import { Keeper, type Redial } from './keeper.js'
import type { Ledger } from './ledger.js'
import type { Peer, PeerOwner } from './peer.js'
import { PeerTable } from './peer-table.js'
import type { ReconnectChoice } from './reconnect.js'

/** Who is told when a peer comes and goes. */
export interface PeerListener {
  /** What waited for the peer has been sent. */
  peerUp(peer: Peer): void
  /** The peer is no longer up. */
  peerDown(peer: Peer, code: ErlangErrorCode, message: string): void
  /** A peer that is kept, or that somebody waits for, is not up, and will be dialled again. */
  redialling(peer: string, redial: Redial): void
}

export interface PeersOptions extends DiallerOptions {
  readonly maxQueuedBytes: number
  readonly whenBusy: WhenBusy
  readonly reconnect: ReconnectChoice
}

/** What the node around them has, too. */
export type PeersParts = Pick<PeerOwner, 'drops' | 'ledger' | 'observer' | 'seekers'>

/** A channel that we have closed, until it is down. */
class Closing {
  readonly whenDown: Promise<true>
  /** For people, in place of what the reactor says. */
  readonly reason: string | undefined
  down: () => void = () => undefined

  constructor(reason: string | undefined) {
    this.reason = reason
    this.whenDown = new Promise((resolve) => {
      this.down = () => resolve(true)
    })
  }
}

/** Why the peer is not there, where time may mend it: those who wait go on waiting. */
const outages: readonly ErlangErrorCode[] = [
  'ERR_ERL_NOCONNECTION',
  'ERR_ERL_TIMEOUT',
  'ERR_ERL_NODE_NOT_FOUND',
  'ERR_ERL_NO_EPMD',
  'ERR_ERL_UNKNOWN_HOST',
  'ERR_ERL_RESOURCES',
  'ERR_ERL_REFUSED',
]

/**
 * Every node that this one has to do with: one channel at most to each, one dial at a time, shared
 * by all who wait for it.
 */
export class Peers implements PeerOwner {
  readonly maxQueuedBytes: number
  readonly whenBusy: WhenBusy
  readonly drops: Drops
  readonly seekers: Seekers
  readonly ledger: Ledger
  readonly observer: Observer
  readonly #options: PeersOptions
  readonly #dialler: Dialler
  readonly #keeper: Keeper
  readonly #listener: PeerListener
  readonly #table: PeerTable
  readonly #byChannel = new Map<number, Peer>()
  readonly #addresses = new Map<string, PeerAddress>()
  readonly #closing = new Map<number, Closing>()
  #closed: ErlangError | undefined

  constructor(
    node: number,
    options: PeersOptions,
    parts: PeersParts,
    listener: PeerListener,
    streams: Streams | undefined,
  ) {
    this.maxQueuedBytes = options.maxQueuedBytes
    this.whenBusy = options.whenBusy
    this.drops = parts.drops
    this.ledger = parts.ledger
    this.observer = parts.observer
    this.seekers = parts.seekers
    this.#options = options
    this.#listener = listener
    this.#table = new PeerTable(this)
    this.#dialler = new Dialler(node, options, streams)
    this.#keeper = new Keeper(
      options.reconnect,
      (peer) => this.dial(peer, 'fail'),
      (peer, redial) => listener.redialling(peer, redial),
    )
  }

  /** The names of the peers that are up. */
  get names(): string[] {
    return [...this.#byChannel.values()].filter(({ isUp }) => isUp).map(({ name }) => name)
  }

  /** What is known of the peers that are in use, and of all connections together. */
  stats(): Pick<NodeStats, 'peers' | 'total'> {
    const peers: Record<string, PeerStats> = {}
    let traffic = this.ledger.pastTraffic
    for (const peer of this.#table.inUse) {
      const { stats, live } = peer.measure()
      peers[peer.name] = stats
      traffic = addTraffic(traffic, live)
    }
    return { peers, total: { connections: this.ledger.connections, ...traffic } }
  }

  /** The peer of that name, up or not. */
  get(name: string): Peer {
    return this.#table.get(name)
  }

  byChannel(channel: number): Peer | undefined {
    return this.#byChannel.get(channel)
  }

  /** Where to dial a peer from now on, in place of asking epmd. */
  setAddress(name: string, address: PeerAddress): void {
    this.#addresses.set(name, address)
  }

  /** Dials the peers that are to be kept. */
  keep(): void {
    for (const name of this.#options.reconnect.keep) this.dial(this.get(name), 'fail')
  }

  settle(peer: Peer): void {
    this.#table.settle(peer)
  }

  dial(peer: Peer, whenDown: WhenDown): void {
    this.#table.settle(peer)
    if (peer.isDialling || peer.isUp) return
    if (whenDown === 'wait' && this.#keeper.isScheduled(peer)) return
    peer.isDialling = true
    this.#table.settle(peer)
    this.#connect(peer).then(
      () => this.#dialled(peer, undefined),
      (error: unknown) => this.#dialled(peer, asErlangError(error)),
    )
  }

  /** Closes the channel; resolves when it is down. False when there was none. */
  disconnect(name: string): Promise<boolean> {
    const peer = this.get(name)
    this.#keeper.suspend(peer)
    return peer.channel === 0 ? Promise.resolve(false) : this.#close(peer, undefined)
  }

  overflowed(peer: Peer, what: string): void {
    if (!peer.isUp) return
    const detail = `${what}, more than maxQueuedBytes`
    this.drops.add({ reason: 'busy', peer: peer.name, detail })
    void this.#close(peer, detail)
  }

  channelUp(up: ChannelUp): void {
    const name = up.peer
    if (this.#closed !== undefined) {
      reactor.close(up.channel)
      return
    }
    const peer = this.get(name)
    if (peer.channel !== 0) {
      // The reactor settles double connections; should it ever leave two, the newer one counts.
      reactor.close(peer.channel)
      this.#down(peer, 'ERR_ERL_NOCONNECTION', 'the peer connected anew', undefined)
    }
    this.#byChannel.set(up.channel, peer)
    this.#dialler.channelUp(up.channel, name)
    this.#keeper.up(peer)
    this.ledger.opened(name, up.handshakeMs)
    peer.up(up)
    this.#table.settle(peer)
    this.observer.connected(up)
    this.#listener.peerUp(peer)
  }

  channelDown(channel: number, { code, message, counts, isLimit }: ChannelEnd): void {
    const peer = this.#byChannel.get(channel)
    const closing = this.#closing.get(channel)
    this.#closing.delete(channel)
    if (peer !== undefined) {
      if (isLimit) this.drops.add({ reason: 'limit', peer: peer.name, detail: message })
      this.#down(peer, code, closing?.reason ?? message, counts)
    }
    closing?.down()
  }

  dialFailed(channel: number, code: ErlangErrorCode, message: string): void {
    this.#dialler.dialFailed(channel, new ErlangError(code, message))
  }

  /** Refuses new channels, gives up dials, closes what is up after it has written its queue. */
  async close(error: ErlangError): Promise<void> {
    this.#closed = error
    this.#keeper.close()
    this.#dialler.close(error)
    for (const peer of [...this.#table.inUse]) {
      peer.failed(error)
      this.#table.settle(peer)
    }
    const open = [...this.#byChannel.values()]
    await Promise.all(open.map((peer) => this.#close(peer, undefined)))
  }

  #close(peer: Peer, reason: string | undefined): Promise<true> {
    const { channel } = peer
    let closing = this.#closing.get(channel)
    if (closing === undefined) {
      closing = new Closing(reason)
      this.#closing.set(channel, closing)
      peer.isClosing = true
      reactor.close(channel)
    }
    return closing.whenDown
  }

  async #connect(peer: Peer): Promise<void> {
    // Until the old channel is down the reactor takes no dial to that peer.
    await this.#closing.get(peer.channel)?.whenDown
    if (this.#closed !== undefined) throw this.#closed
    if (peer.isUp) return
    await this.#dialler.connect(
      peer.name,
      this.#addresses.get(peer.name),
      () => !peer.isUp && (peer.isWaitedFor || this.#keeper.wants(peer)),
    )
  }

  #dialled(peer: Peer, failure: ErlangError | undefined): void {
    peer.isDialling = false
    if (!peer.isUp) {
      // Without a failure the channel came up and has gone again, before those who wait were served.
      const error =
        failure ??
        new ErlangError('ERR_ERL_NOCONNECTION', `the connection to ${peer.name} did not last`)
      if (outages.includes(error.code)) peer.attemptFailed(error)
      else peer.failed(error)
      this.#keeper.down(peer, error)
    }
    this.#table.settle(peer)
  }

  /** Without `counts` the reactor has not told yet what has gone over the channel. */
  #down(
    peer: Peer,
    code: ErlangErrorCode,
    message: string,
    counts: ChannelCounts | undefined,
  ): void {
    const error = new ErlangError(
      'ERR_ERL_NOCONNECTION',
      `the connection to ${peer.name} is gone: ${message}`,
    )
    this.#byChannel.delete(peer.channel)
    this.ledger.closed(peer.name, counts)
    peer.down(error, counts?.framesOut)
    this.observer.disconnected(peer.name, code, message)
    this.#listener.peerDown(peer, code, message)
    if (!peer.isUp && !peer.isDialling) this.#keeper.down(peer, error)
    this.#table.settle(peer)
  }
}

function asErlangError(error: unknown): ErlangError {
  return error instanceof ErlangError
    ? error
    : new ErlangError('ERR_ERL_NOCONNECTION', `cannot connect: ${error}`, { cause: error })
}
