import { ErlangError, type ErlangErrorCode } from '../errors.js'
import type { ChannelUp } from '../native/reactor.js'
import { reactor } from '../native/reactor.js'
import { Dialler, type DiallerOptions, type PeerAddress } from './dialler.js'
import type { Drops } from './drops.js'
import { Peer, type PeerOwner } from './peer.js'

/** Who is told when a peer comes and goes. */
export interface PeerListener {
  /** What waited for the peer has been sent. */
  peerUp(peer: Peer): void
  /** The peer is no longer up. */
  peerDown(peer: Peer, code: ErlangErrorCode, message: string): void
}

export interface PeersOptions extends DiallerOptions {
  readonly maxQueuedBytes: number
  readonly allow: ReadonlySet<string> | undefined
}

/**
 * Every node that this one has to do with: one channel at most to each, one dial at a time, shared
 * by all who wait for it.
 */
export class Peers implements PeerOwner {
  readonly maxQueuedBytes: number
  readonly drops: Drops
  readonly #dialler: Dialler
  readonly #listener: PeerListener
  readonly #allow: ReadonlySet<string> | undefined
  readonly #byName = new Map<string, Peer>()
  readonly #byChannel = new Map<number, Peer>()
  readonly #addresses = new Map<string, PeerAddress>()
  readonly #whenDown = new Map<number, () => void>()
  #closed: ErlangError | undefined

  constructor(node: number, options: PeersOptions, drops: Drops, listener: PeerListener) {
    this.maxQueuedBytes = options.maxQueuedBytes
    this.#allow = options.allow
    this.drops = drops
    this.#listener = listener
    this.#dialler = new Dialler(node, options)
  }

  /** The names of the peers that are up. */
  get names(): string[] {
    return Array.from(this.#byChannel.values(), (peer) => peer.name)
  }

  get all(): IterableIterator<Peer> {
    return this.#byChannel.values()
  }

  /** The peer of that name, up or not. */
  get(name: string): Peer {
    let peer = this.#byName.get(name)
    if (peer === undefined) {
      peer = new Peer(name, this)
      this.#byName.set(name, peer)
    }
    return peer
  }

  /** The peer of that name if it is up. */
  find(name: string): Peer | undefined {
    const peer = this.#byName.get(name)
    return peer?.isUp === true ? peer : undefined
  }

  byChannel(channel: number): Peer | undefined {
    return this.#byChannel.get(channel)
  }

  /** Where to dial a peer from now on, in place of asking epmd. */
  setAddress(name: string, address: PeerAddress): void {
    this.#addresses.set(name, address)
  }

  dial(peer: Peer): void {
    if (peer.isDialling) return
    peer.isDialling = true
    this.#connect(peer).then(
      () => this.#dialled(peer, undefined),
      (error: unknown) => this.#dialled(peer, asErlangError(error)),
    )
  }

  /** Closes the channel; resolves when it is down. False when there was none. */
  disconnect(name: string): Promise<boolean> {
    const peer = this.find(name)
    if (peer === undefined) return Promise.resolve(false)
    const { channel } = peer
    return new Promise((resolve) => {
      this.#whenDown.set(channel, () => resolve(true))
      reactor.close(channel)
    })
  }

  channelUp(up: ChannelUp): void {
    const name = up.peer
    if (this.#closed !== undefined) {
      reactor.close(up.channel)
      return
    }
    if (up.incoming && this.#allow?.has(name) === false) {
      this.drops.add({ reason: 'refused', peer: name, detail: 'not in the allow option' })
      reactor.close(up.channel)
      return
    }
    const peer = this.get(name)
    if (peer.isUp) {
      // The reactor settles double connections; should it ever leave two, the newer one counts.
      reactor.close(peer.channel)
      this.#down(peer, 'ERR_ERL_NOCONNECTION', 'the peer connected anew')
    }
    this.#byChannel.set(up.channel, peer)
    this.#dialler.channelUp(up.channel, name)
    peer.up(up.channel, up.flags, up.creation)
    this.#listener.peerUp(peer)
  }

  channelDown(channel: number, code: ErlangErrorCode, message: string): void {
    const peer = this.#byChannel.get(channel)
    if (peer !== undefined) this.#down(peer, code, message)
    this.#whenDown.get(channel)?.()
    this.#whenDown.delete(channel)
  }

  dialFailed(channel: number, code: ErlangErrorCode, message: string): void {
    this.#dialler.dialFailed(channel, new ErlangError(code, message))
  }

  /** Refuses new channels, gives up dials, closes what is up after it has written its queue. */
  async close(error: ErlangError): Promise<void> {
    this.#closed = error
    this.#dialler.close(error)
    for (const peer of this.#byName.values()) peer.failed(error)
    await Promise.all(this.names.map((name) => this.disconnect(name)))
  }

  async #connect(peer: Peer): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed
    await this.#dialler.connect(peer.name, this.#addresses.get(peer.name))
  }

  #dialled(peer: Peer, failure: ErlangError | undefined): void {
    peer.isDialling = false
    if (peer.isUp) return
    // Without a failure the channel came up and has gone again, before those who wait were served.
    peer.failed(
      failure ??
        new ErlangError('ERR_ERL_NOCONNECTION', `the connection to ${peer.name} did not last`),
    )
  }

  #down(peer: Peer, code: ErlangErrorCode, message: string): void {
    this.#byChannel.delete(peer.channel)
    peer.down(message)
    this.#listener.peerDown(peer, code, message)
  }
}

function asErlangError(error: unknown): ErlangError {
  return error instanceof ErlangError
    ? error
    : new ErlangError('ERR_ERL_NOCONNECTION', `cannot connect: ${error}`, { cause: error })
}
