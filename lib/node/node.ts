import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { type InspectOptions, inspect } from 'node:util'
import {
  checkFunction,
  checkInteger,
  checkNames,
  checkObject,
  checkText,
} from '../base/validate.js'
import { ErlangError, invalidArgument } from '../errors.js'
import type { HeaderBytes } from '../native/contract.js'
import { reactor } from '../native/reactor.js'
import type { Atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { TermInput } from '../term/term.js'
import { Admission, type Allow } from './access/allow.js'
import { Failure, resultOf } from './calls.js'
import { ConnectCall } from './connect-call.js'
import { readCookieFile } from './cookie.js'
import { type CoreListener, NodeCore } from './core.js'
import { type Destination, nodeNameOf, resolveDestination } from './destination.js'
import { Publication } from './epmd/publication.js'
import type { HandlerFailure, NodeEvents } from './events.js'
import type {
  AcceptOptions,
  ConnectOptions,
  NodeStats,
  PeerOrigin,
  SendOptions,
} from './node-types.js'
import type { FrameListener } from './observe/observer.js'
import { checkCookie, checkPacket, type ResolvedNodeOptions } from './options.js'
import type { Process } from './process/process.js'
import { type InboundFrame, type Route, unobserved } from './route.js'
import { encodingOf } from './send-options.js'
import { checkDuplex, DuplexStream } from './streams/duplex-streams.js'
import type { PeerStream, Streams, StreamsListener } from './streams/streams.js'
import { streamsOf } from './streams/streams-of.js'
import { resolveWait, waitOptionNames } from './wait.js'

const connectOptionNames = ['host', 'port', ...waitOptionNames]

/**
 * A node of its own: a name and connections to peers. `ProcessNode` adds what its users can do with
 * processes, `ErlangNode` what OTP has on top of that.
 */
export abstract class LocalNode extends EventEmitter<NodeEvents> implements AsyncDisposable {
  protected readonly core: NodeCore
  readonly #options: ResolvedNodeOptions
  readonly #publication = new Publication()
  readonly #streams: Streams | undefined
  #isRef = false
  #stopping: Promise<void> | undefined

  protected constructor(options: ResolvedNodeOptions) {
    super()
    this.#options = options
    const cookie = options.cookie ?? readCookieFile(options.cookieFile)
    this.#streams = streamsOf(options, this.#streamsListener())
    this.core = new NodeCore(options, cookie, this.#listener(), this.#streams)
    for (const [peer, peerCookie] of options.cookies) this.setCookie(peer, peerCookie)
  }

  /** The full name, `alive@host`. */
  get name(): string {
    return this.core.identity.name
  }

  /** Distinguishes this life of the node from others under the same name. */
  get creation(): number {
    return this.core.identity.creation
  }

  /** The sender of what the node itself sends. */
  get pid(): Pid {
    return this.core.caller
  }

  /** Where the node accepts connections; undefined when it does not. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    const { address, port } = this.#publication
    return port === 0 ? undefined : { host: address, port }
  }

  /** The names of the connected peers, hidden ones too. */
  get peers(): string[] {
    return this.core.peers.names
  }

  /** The address of a peer, and which side has called; undefined while it is not connected. */
  peerAddress(peer: string | Atom): PeerOrigin | undefined {
    return this.core.peers.get(nodeNameOf(peer)).address
  }

  /** What has been dropped, and what is waiting. */
  stats(): NodeStats {
    const { drops, calls, processes, peers } = this.core
    return {
      drops: drops.counts(),
      pendingCalls: calls.size,
      processes: processes.size,
      ...peers.stats(),
    }
  }

  /**
   * Sends a message, at most once and in order, as `Destination ! Message`.
   *
   * The promise resolves at once while little waits to be written to that peer, else when that has
   * drained: awaiting it is back-pressure. It rejects when no connection is to be had; nobody has to
   * look at it.
   *
   * Byte arrays of 64 KiB and more are not copied: leave them unchanged until `drained`, and transfer none
   * of their buffers before, or the peer may be sent whatever is in that memory by then.
   *
   * Errors: TypeError and RangeError, thrown, for a bad destination or a value without Erlang form;
   *         those of connecting, and ERR_ERL_CLOSED, by the promise.
   */
  send(to: Destination, message: TermInput, options?: SendOptions): Promise<void> {
    return this.sendFrom(this.core.caller, to, message, options)
  }

  /** Sends in the name of another process. Errors: as `send`. */
  protected sendFrom(
    from: Pid,
    to: Destination,
    message: TermInput,
    options?: SendOptions,
  ): Promise<void> {
    const target = resolveDestination('to', to)
    const encode = encodingOf('send', options)
    if (this.isStopped) return unobserved(Promise.reject(this.closedError()))
    return this.core.send(from, target, message, encode)
  }

  /**
   * Connects to a peer, unless it is connected. Without calling this, whatever is sent connects.
   *
   * Units:  `timeoutMs` is the wait of this caller, 5,000 by default; the dial itself has the node's
   *         `connectTimeoutMs`.
   * Errors: ERR_ERL_NO_EPMD, NODE_NOT_FOUND, UNKNOWN_HOST, AUTH, NAME_LENGTH, REFUSED, NOCONNECTION,
   *         TIMEOUT, CLOSED.
   */
  async connect(peer: string | Atom, options: ConnectOptions = {}): Promise<void> {
    const name = nodeNameOf(peer)
    checkNames('connect', checkObject('options', options), connectOptionNames)
    const wait = resolveWait(options)
    if (options.port === undefined && options.host !== undefined) {
      throw invalidArgument('port', 'given together with host', options.port)
    }
    if (options.port !== undefined) {
      const port = checkInteger('port', options.port, 1, 65_535)
      const host = options.host === undefined ? hostOf(name) : checkText('host', options.host)
      this.core.peers.setAddress(name, { host, port })
    }
    const call = new ConnectCall(this.core.calls, name)
    this.core.calls.start(call, wait, this.core.route(name))
    await resultOf(call)
  }

  /**
   * Takes a stream that a peer has made to this node by means of its own: a Unix socket, a pipe, a
   * tunnel. It is the node's from now on. What comes of it is told as with every caller: `nodeup`, or a
   * drop that says why not.
   *
   * A blocked event loop stalls it, ticks included, as all streams of your own.
   *
   * Errors: TypeError for what is no Duplex; ERR_ERL_CLOSED after `stop`; ERR_ERL_NOCONNECTION when the
   *         system has no descriptors left. The stream is destroyed then.
   */
  accept(stream: Duplex, options: AcceptOptions = {}): void {
    const duplex = checkDuplex('stream', stream)
    checkNames('accept', checkObject('options', options), ['address', 'packet'])
    const address =
      options.address === undefined ? 'a stream' : checkText('address', options.address)
    const packet = checkPacket('packet', options.packet ?? 2)
    try {
      this.checkOpen()
      this.#accept(new DuplexStream(duplex, address), packet)
    } catch (error) {
      duplex.on('error', () => undefined).destroy()
      throw error
    }
  }

  #accept(stream: PeerStream, headerBytes: HeaderBytes): void {
    const caller = this.core.gate.numberOf(stream.certificate)
    stream.join(reactor.acceptThrough(this.core.id, stream.address, headerBytes, caller))
  }

  /** Disconnects from a peer; resolves when that is done. False when it was not connected. */
  disconnect(peer: string | Atom): Promise<boolean> {
    return this.core.peers.disconnect(nodeNameOf(peer))
  }

  /**
   * Resolves when all that was sent to a peer so far is written to its socket.
   *
   * Errors: ERR_ERL_NOCONNECTION when the connection ends before.
   */
  drained(peer: string | Atom): Promise<void> {
    return this.core.peers.get(nodeNameOf(peer)).whenWritten()
  }

  /** The cookie for one peer, in place of the node's own: `erlang:set_cookie(Peer, Cookie)`. */
  setCookie(peer: string | Atom, cookie: string): void {
    const name = nodeNameOf(peer)
    this.core.observer.keepSecret(checkCookie('cookie', cookie))
    reactor.setCookie(this.core.id, name, cookie)
  }

  /**
   * Calls `listener` for each frame that goes to a peer or comes from one, until the function that
   * this returns is called: the way to see what a node says. As a string a frame is a line of text
   * without secrets. Ticks and handshakes are no frames, nor is what the node sends to itself.
   */
  trace(listener: FrameListener): () => void {
    checkFunction('listener', listener)
    return this.core.observer.trace(listener)
  }

  /**
   * Who may connect from now on, in place of the option `allow`; `undefined` for everybody who knows
   * the cookie. Who is connected stays so.
   *
   * Errors: TypeError and RangeError that name the entry.
   */
  setAllow(allow: Allow | undefined): void {
    this.core.gate.set(allow === undefined ? undefined : new Admission(allow))
  }

  /** Makes the node keep the process alive, as it does after its start. */
  ref(): this {
    if (!this.#isRef && this.#stopping === undefined) {
      this.#isRef = true
      reactor.ref()
    }
    return this
  }

  /** Lets the process end although the node runs. */
  unref(): this {
    if (this.#isRef) {
      this.#isRef = false
      reactor.unref()
    }
    return this
  }

  /**
   * Stops: pending calls reject with ERR_ERL_CLOSED, processes end with `shutdown`, what was sent is
   * written, channels close, epmd forgets the name. Safe twice.
   *
   * It waits up to 5 s for the callbacks of gen_servers: in one of those do not await it.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** What `console.log` shows: who the node is and what it has, and nothing that is secret. */
  [inspect.custom](depth: number, options: InspectOptions): string {
    const title = `${this.constructor.name} <${this.name}>`
    if (depth < 0) return title
    const { host, port } = this.address ?? {}
    const shown = {
      listensAt: host === undefined ? undefined : `${host}:${port}`,
      peers: this.peers,
      registered: this.core.processes.registry.names,
      pendingCalls: this.core.calls.size,
      ...(this.isStopped ? { isStopped: true } : {}),
    }
    // The names are shown however deep the node itself stands.
    return `${title} ${inspect(shown, { ...options, depth: 1 })}`
  }

  /** As `stop`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Listens and registers with epmd: the second half of a start. */
  protected async open(): Promise<void> {
    this.ref() // else nothing would keep the process alive until the listener is there
    try {
      await this.#publication.open(this.core.id, this.#options, this.#streams, {
        epmdDown: (error) => this.#tell('epmddown', error),
        epmdUp: () => this.#tell('epmdup'),
      })
    } catch (error) {
      await this.stop()
      throw error
    }
    if (!this.#options.ref) this.unref()
    this.core.peers.keep()
  }

  /** True once the node has been told to stop. */
  protected get isStopped(): boolean {
    return this.#stopping !== undefined
  }

  /** Errors: ERR_ERL_CLOSED once the node has been told to stop. */
  protected checkOpen(): void {
    if (this.isStopped) throw this.closedError()
  }

  /** SPAWN_REQUEST: must be answered. */
  protected abstract spawnRequested(frame: InboundFrame, route: Route): void

  #listener(): CoreListener {
    return {
      nodeUp: (peer) => this.#tell('nodeup', peer),
      nodeDown: (peer, reason) => this.#tell('nodedown', peer, reason),
      redialling: (peer, redial) => this.#tell('redial', peer, redial),
      dropped: (drop) => this.#tell('drop', drop),
      decodeFailed: (failure) => this.#tell('decodeError', failure),
      spawnRequested: (frame, route) => this.spawnRequested(frame, route),
      guard: (run) => this.guard(run),
      listening: (port) => this.#publication.listening(port),
      listenFailed: (error) => this.#publication.listenFailed(error),
    }
  }

  #streamsListener(): StreamsListener {
    const refused = (address: string, detail: string, count = 1) => {
      if (count > 1) this.core.drops.add({ reason: 'refused', peer: '', count, detail })
      else this.core.drops.add({ reason: 'refused', peer: address, address, detail })
    }
    return {
      called: (stream) => {
        try {
          this.checkOpen()
          this.#accept(stream, this.#streams?.headerBytes ?? 4)
        } catch (error) {
          refused(stream.address, (error as Error).message)
          void stream.end()
        }
      },
      refused,
      failed: (detail) => this.core.drops.add({ reason: 'noConnection', peer: this.name, detail }),
    }
  }

  /** What a listener throws must not unwind the events of the reactor. */
  #tell<Name extends keyof NodeEvents>(name: Name, ...values: NodeEvents[Name]): void {
    if (this.listenerCount(name) === 0) return
    this.guard(() => (this as EventEmitter).emit(name, ...values))
  }

  /** What a user's function threw. With `isObserved` the exit of its process tells somebody. */
  protected readonly handlerFailed = (
    error: unknown,
    process: Process,
    message: HandlerFailure['message'],
    isObserved = false,
  ): void => {
    if (this.listenerCount('handlerError') > 0)
      this.#tell('handlerError', { error, process, message })
    else if (!isObserved) throwLater(error)
  }

  /** Runs a user's function inside an event: what it throws must not unwind that. */
  protected guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      throwLater(error)
    }
  }

  protected closedError(): ErlangError {
    return new ErlangError('ERR_ERL_CLOSED', `the node ${this.name} has been stopped`)
  }

  async #stop(): Promise<void> {
    const { calls, processes, peers } = this.core
    calls.close(new Failure('ERR_ERL_CLOSED', `the node ${this.name} has been stopped`))
    await processes.shutDown()
    await peers.close(this.closedError())
    processes.endRest()
    await this.#publication.close()
    reactor.closeNode(this.core.id)
    await this.#streams?.close()
    this.unref()
    this.core.observer.close()
    this.#tell('close')
  }
}

function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function hostOf(nodeName: string): string {
  return nodeName.slice(nodeName.indexOf('@') + 1)
}
