import { ErlangError, type ErlangErrorCode } from '../../errors.js'
import { nowMs } from '../../native/clock.js'
import { reactor } from '../../native/reactor.js'
import { portPlease } from '../epmd/client.js'
import { isLongName, type NodeName, parseNodeName } from '../node-name.js'
import type { EpmdChoice } from '../options.js'
import type { PeerStream, Streams, StreamTarget } from '../streams/streams.js'
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

/** A peer whose address is being asked for. */
interface Search {
  readonly peer: string
  /** A channel to it has come up meanwhile. */
  isOver: boolean
}

/** One attempt at one address. */
interface Attempt {
  readonly peer: string
  /** 0 while the stream of its channel is being opened. */
  channel: number
  stream: PeerStream | undefined
  /** Aborted when the stream is not wanted, and has not been joined to its channel. */
  readonly over: AbortController
  settle(failure: ErlangError | undefined): void
}

/** Failures that another address of the same host may not have. */
const worthAnotherAddress: readonly ErlangErrorCode[] = [
  'ERR_ERL_NOCONNECTION',
  'ERR_ERL_TIMEOUT',
  'ERR_ERL_RESOURCES',
]

/** Finds peers and dials them. One `connect` per peer at a time is the business of `Peers`. */
export class Dialler {
  readonly #options: DiallerOptions
  readonly #node: number
  readonly #streams: Streams | undefined
  readonly #searches = new Set<Search>()
  readonly #attempts = new Set<Attempt>()

  /** Without `streams` the reactor connects by TCP. */
  constructor(node: number, options: DiallerOptions, streams: Streams | undefined) {
    this.#node = node
    this.#options = options
    this.#streams = streams
  }

  /**
   * Connects, or says why not. The channel itself comes up as an event, before this resolves. Where the
   * peer has called us while it was looked for, and `isWanted` says no since, it is left alone.
   *
   * Errors: ERR_ERL_NAME_LENGTH, UNKNOWN_HOST, NO_EPMD, NODE_NOT_FOUND, NOCONNECTION, TIMEOUT, AUTH
   *         and what else the handshake says.
   */
  async connect(
    peer: string,
    known: PeerAddress | undefined,
    isWanted: () => boolean,
  ): Promise<void> {
    const deadline = nowMs() + this.#options.connectTimeoutMs
    if (this.#streams?.findsPeers === true) {
      this.#checkNameLength(parseNodeName('peer', peer))
      const failure = await this.#attempt(peer, known?.host, known?.port, remaining(deadline))
      if (failure !== undefined) throw failure
      return
    }
    const search: Search = { peer, isOver: false }
    this.#searches.add(search)
    const found = this.#locate(peer, known, deadline)
    const { addresses, port } = await found.finally(() => this.#searches.delete(search))
    if (search.isOver && !isWanted()) return
    let failure: ErlangError | undefined
    for (const address of addresses) {
      failure = await this.#attempt(peer, address, port, remaining(deadline))
      if (failure === undefined || !worthAnotherAddress.includes(failure.code)) break
    }
    if (failure !== undefined) throw failure
  }

  /** A channel to that peer is up, ours or theirs. */
  channelUp(channel: number, peer: string): void {
    for (const search of this.#searches) if (search.peer === peer) search.isOver = true
    for (const attempt of this.#attempts) {
      if (attempt.channel === channel || attempt.peer === peer) this.#settle(attempt, undefined)
    }
  }

  dialFailed(channel: number, failure: ErlangError): void {
    for (const attempt of this.#attempts) {
      if (attempt.channel === channel) void this.#failed(attempt, failure)
    }
  }

  /** Gives every attempt up. */
  close(failure: ErlangError): void {
    for (const attempt of this.#attempts) this.#settle(attempt, failure)
  }

  #settle(attempt: Attempt, failure: ErlangError | undefined): void {
    if (!this.#attempts.delete(attempt)) return
    attempt.settle(failure)
    // A stream that is joined ends with its channel, and may be made with this signal.
    if (attempt.stream === undefined) attempt.over.abort(failure)
  }

  /** What the stream has met says more than what the reactor has seen of it. */
  async #failed(attempt: Attempt, failure: ErlangError): Promise<void> {
    attempt.channel = 0
    const met = await attempt.stream?.end()
    this.#settle(attempt, met ?? this.#hinted(attempt, failure))
  }

  #hinted({ peer }: Attempt, failure: ErlangError): ErlangError {
    if (failure.code === 'ERR_ERL_TIMEOUT') {
      const limit = `${this.#options.connectTimeoutMs} ms (connectTimeoutMs)`
      const message = `${peer} did not answer within ${limit}; does a node listen there?`
      return new ErlangError(failure.code, message, { cause: failure })
    }
    const maybe = this.#streams?.maybe ?? ''
    if (failure.code !== 'ERR_ERL_REFUSED' || maybe === '') return failure
    return new ErlangError(failure.code, failure.message + maybe)
  }

  #attempt(
    peer: string,
    address: string | undefined,
    port: number | undefined,
    timeoutMs: number,
  ): Promise<ErlangError | undefined> {
    return new Promise((settle) => {
      const attempt: Attempt = {
        peer,
        channel: 0,
        stream: undefined,
        over: new AbortController(),
        settle,
      }
      this.#attempts.add(attempt)
      if (this.#streams !== undefined) {
        void this.#through(this.#streams, attempt, { peer, host: address, port }, timeoutMs)
      } else if (address !== undefined && port !== undefined) {
        attempt.channel = reactor.dial(this.#node, { address, port, peer, timeoutMs })
      }
    })
  }

  /** Opens a stream, then dials through it. */
  async #through(
    streams: Streams,
    attempt: Attempt,
    target: StreamTarget,
    timeoutMs: number,
  ): Promise<void> {
    const until = nowMs() + timeoutMs
    const late = new ErlangError(
      'ERR_ERL_TIMEOUT',
      `no stream to ${target.peer} within the time for connecting; it may be a node that has another kind of distribution`,
    )
    const timer = setTimeout(() => this.#settle(attempt, late), timeoutMs).unref()
    try {
      const stream = await streams.open(target, attempt.over.signal)
      if (attempt.over.signal.aborted) {
        void stream.end()
        return
      }
      const { channel, end } = reactor.dialThrough(this.#node, {
        peer: target.peer,
        address: stream.address,
        timeoutMs: remaining(until),
        headerBytes: streams.headerBytes,
      })
      attempt.channel = channel
      attempt.stream = stream
      // From now on its time is the reactor's to watch.
      stream.join(end)
    } catch (error) {
      this.#settle(attempt, asErlangError(error))
    } finally {
      clearTimeout(timer)
    }
  }

  async #locate(peer: string, known: PeerAddress | undefined, deadline: number) {
    if (known !== undefined) {
      return { addresses: await resolveHost(known.host, remaining(deadline)), port: known.port }
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
    const addresses = await resolveHost(name.host, remaining(deadline))
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

function asErlangError(error: unknown): ErlangError {
  if (ErlangError.is(error)) return error
  const why = error instanceof Error ? error.message : String(error)
  return new ErlangError('ERR_ERL_NOCONNECTION', `cannot connect: ${why}`, { cause: error })
}

function remaining(deadline: number): number {
  return Math.max(1, Math.ceil(deadline - nowMs()))
}
