import { ErlangError, type ErlangErrorCode } from '../../errors.js'
import { nowMs } from '../../native/clock.js'
import { reactor } from '../../native/reactor.js'
import { portPlease } from '../epmd/client.js'
import { isLongName, type NodeName, parseNodeName } from '../node-name.js'
import type { EpmdChoice } from '../options.js'
import { isLoopback, resolveHost } from './resolve-host.js'

/** Where a peer listens, for those that are not found through epmd. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

export interface DiallerOptions {
  readonly name: NodeName
  readonly epmd: EpmdChoice
  readonly connectTimeoutMs: number
}

/** How one attempt at one address ended. */
interface Attempt {
  readonly peer: string
  settle(failure: ErlangError | undefined): void
}

/** Failures that another address of the same host may not have. */
const worthAnotherAddress: readonly ErlangErrorCode[] = ['ERR_ERL_NOCONNECTION', 'ERR_ERL_TIMEOUT']

/** Finds peers and dials them. One `connect` per peer at a time is the business of `Peers`. */
export class Dialler {
  readonly #options: DiallerOptions
  readonly #node: number
  readonly #attempts = new Map<number, Attempt>()

  constructor(node: number, options: DiallerOptions) {
    this.#node = node
    this.#options = options
  }

  /**
   * Connects, or says why not. The channel itself comes up as an event, before this resolves.
   *
   * Errors: ERR_ERL_NAME_LENGTH, UNKNOWN_HOST, NO_EPMD, NODE_NOT_FOUND, NOCONNECTION, TIMEOUT, AUTH
   *         and what else the handshake says.
   */
  async connect(peer: string, known: PeerAddress | undefined): Promise<void> {
    const deadline = nowMs() + this.#options.connectTimeoutMs
    const { addresses, port } = await this.#locate(peer, known, deadline)
    let failure: ErlangError | undefined
    for (const address of addresses) {
      failure = await this.#attempt(peer, address, port, remaining(deadline))
      if (failure === undefined || !worthAnotherAddress.includes(failure.code)) break
    }
    if (failure !== undefined) throw failure
  }

  /** A channel to that peer is up, ours or theirs. */
  channelUp(channel: number, peer: string): void {
    for (const [id, attempt] of this.#attempts) {
      if (id === channel || attempt.peer === peer) this.#settle(id, undefined)
    }
  }

  dialFailed(channel: number, failure: ErlangError): void {
    this.#settle(channel, failure)
  }

  /** Gives every attempt up. */
  close(failure: ErlangError): void {
    for (const id of this.#attempts.keys()) this.#settle(id, failure)
  }

  #settle(channel: number, failure: ErlangError | undefined): void {
    const attempt = this.#attempts.get(channel)
    this.#attempts.delete(channel)
    attempt?.settle(failure)
  }

  #attempt(
    peer: string,
    address: string,
    port: number,
    timeoutMs: number,
  ): Promise<ErlangError | undefined> {
    return new Promise((settle) => {
      const channel = reactor.dial(this.#node, { address, port, peer, timeoutMs })
      this.#attempts.set(channel, { peer, settle })
    })
  }

  async #locate(peer: string, known: PeerAddress | undefined, deadline: number) {
    if (known !== undefined) {
      return { addresses: await resolveHost(known.host), port: known.port }
    }
    const name = parseNodeName('peer', peer)
    this.#checkNameLength(name)
    const { policy, host, port: epmdPort } = this.#options.epmd
    if (policy === 'none') {
      throw new ErlangError(
        'ERR_ERL_NO_EPMD',
        `this node uses no epmd, so it cannot find ${peer}; connect by { host, port }`,
      )
    }
    const addresses = await resolveHost(name.host)
    // Peers on our own host are registered where we are, whatever the name of that host.
    const isHere = name.host === this.#options.name.host || addresses.some(isLoopback)
    const epmdHosts = isHere ? new Set([host, ...addresses]) : addresses
    const port = await this.#askEpmd(epmdHosts, epmdPort, name.alive, deadline)
    return { addresses, port }
  }

  /** The first of the addresses on which an epmd answers decides. */
  async #askEpmd(
    hosts: Iterable<string>,
    port: number,
    alive: string,
    deadline: number,
  ): Promise<number> {
    let failure: unknown
    for (const host of hosts) {
      try {
        return await portPlease({ host, port, timeoutMs: remaining(deadline) }, alive)
      } catch (error) {
        failure ??= error
        if (ErlangError.is(error) && error.code === 'ERR_ERL_NODE_NOT_FOUND') throw error
      }
    }
    throw failure
  }

  /** Erlang's nodes refuse it too, but only after a handshake, and without saying why. */
  #checkNameLength(peer: NodeName): void {
    const own = this.#options.name
    if (isLongName(own) === isLongName(peer)) return
    const [long, short] = isLongName(own) ? [own, peer] : [peer, own]
    throw new ErlangError(
      'ERR_ERL_NAME_LENGTH',
      `${long.full} has a long name and ${short.full} a short one; such nodes do not connect. Give both a host with a dot (erl -name), or both one without (erl -sname)`,
    )
  }
}

function remaining(deadline: number): number {
  return Math.max(1, Math.ceil(deadline - nowMs()))
}
