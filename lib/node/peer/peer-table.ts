import { Peer, type PeerOwner } from './peer.js'

/**
 * The peers by name, one object for each as long as anybody has it. Those that are not in use are
 * held weakly: there is no end of names, since C nodes draw a new one for each connection.
 */
export class PeerTable {
  readonly #owner: PeerOwner
  readonly #inUse = new Map<string, Peer>()
  readonly #idle = new Map<string, WeakRef<Peer>>()
  readonly #collected = new FinalizationRegistry((name: string) => {
    if (this.#idle.get(name)?.deref() === undefined) this.#idle.delete(name)
  })

  constructor(owner: PeerOwner) {
    this.#owner = owner
  }

  get inUse(): IterableIterator<Peer> {
    return this.#inUse.values()
  }

  /** How many names are remembered. */
  get size(): number {
    return this.#inUse.size + this.#idle.size
  }

  /** The peer of that name, up or not. */
  get(name: string): Peer {
    const known = this.#inUse.get(name) ?? this.#idle.get(name)?.deref()
    if (known !== undefined) return known
    const peer = new Peer(name, this.#owner)
    this.#idle.set(name, new WeakRef(peer))
    this.#collected.register(peer, name)
    return peer
  }

  /** Keeps a peer, or lets go of it, as `peer.isInUse` says. */
  settle(peer: Peer): void {
    if (peer.isInUse) {
      this.#inUse.set(peer.name, peer)
      this.#idle.delete(peer.name)
    } else if (this.#inUse.delete(peer.name)) {
      this.#idle.set(peer.name, new WeakRef(peer))
    }
  }
}
