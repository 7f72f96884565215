import { addTraffic, noTraffic, type Traffic } from '../../native/channel-counts.js'
import type { Drop, DropReason } from '../drops.js'

/**
 * So many peers that are not connected are remembered, the last ones: there is no end of names, since
 * C nodes draw a new one for each connection.
 */
const mostPast = 1_000

/** What is known of one peer over all its connections. */
export class Account {
  /** Of the connections that have ended. */
  past: Traffic = noTraffic
  connections = 0
  /** Of the connection that is up, or of the last one. */
  handshakeMs: number | undefined
  /** Milliseconds since 1970; undefined while the peer is not connected. */
  upSinceMs: number | undefined
  readonly #drops = new Map<DropReason, number>()

  get drops(): Partial<Record<DropReason, number>> {
    return Object.fromEntries(this.#drops)
  }

  dropped({ reason, count = 1 }: Drop): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + count)
  }
}

/** The accounts of the peers of a node, and the sum of all of them, forgotten ones too. */
export class Ledger {
  readonly #up = new Map<string, Account>()
  /** The one that has been gone longest first. */
  readonly #past = new Map<string, Account>()
  #pastTraffic: Traffic = noTraffic
  #connections = 0

  /** Of the connections that have ended. */
  get pastTraffic(): Traffic {
    return this.#pastTraffic
  }

  /** How many connections there have been. */
  get connections(): number {
    return this.#connections
  }

  /** How many peers are remembered. */
  get size(): number {
    return this.#up.size + this.#past.size
  }

  find(peer: string): Account | undefined {
    return this.#up.get(peer) ?? this.#past.get(peer)
  }

  opened(peer: string, handshakeMs: number): void {
    const account = this.find(peer) ?? new Account()
    this.#past.delete(peer)
    this.#up.set(peer, account)
    account.connections += 1
    account.handshakeMs = handshakeMs
    account.upSinceMs = Date.now()
    this.#connections += 1
  }

  /** `traffic` is all that went over the connection; what nobody knows any more when undefined. */
  closed(peer: string, traffic: Traffic = noTraffic): void {
    this.#pastTraffic = addTraffic(this.#pastTraffic, traffic)
    const account = this.#up.get(peer)
    if (account === undefined) return
    account.past = addTraffic(account.past, traffic)
    account.upSinceMs = undefined
    this.#up.delete(peer)
    this.#remember(peer, account)
  }

  /** Strangers give themselves any name: what is refused makes no account. */
  dropped(drop: Drop): void {
    let account = this.find(drop.peer)
    if (account === undefined) {
      if (drop.reason === 'refused') return
      account = new Account()
      this.#remember(drop.peer, account)
    }
    account.dropped(drop)
  }

  #remember(peer: string, account: Account): void {
    this.#past.set(peer, account)
    if (this.#past.size <= mostPast) return
    const [oldest] = this.#past.keys()
    if (oldest !== undefined) this.#past.delete(oldest)
  }
}
