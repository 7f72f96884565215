import { EventEmitter } from 'node:events'
import { ErlangError, invalidArgument } from '../errors.js'
import { checkEncodeOptions, resolveDecodeOptions } from '../native/options.js'
import { reactor } from '../native/reactor.js'
import { Atom, atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { RawTerm } from '../term/raw.js'
import type { TermInput } from '../term/term.js'
import { Failure, resultOf } from './calls.js'
import { ConnectCall } from './connect-call.js'
import { readCookieFile } from './cookie.js'
import { type CoreListener, NodeCore } from './core.js'
import { type Destination, nodeNameOf, resolveDestination } from './destination.js'
import type { HandlerFailure, NodeEvents } from './events.js'
import { FallbackProcess, HandlerProcess, type MessageHandler } from './handler-process.js'
import type {
  ConnectOptions,
  NodeStats,
  RegisterOptions,
  RegisterRawOptions,
  SendOptions,
} from './node-types.js'
import { checkCookie, type ResolvedNodeOptions } from './options.js'
import type { Process } from './process.js'
import { Publication } from './publication.js'
import { type InboundFrame, type Route, unobserved } from './route.js'
import { checkFunction, checkInteger, checkNames, checkObject, checkText } from './validate.js'
import { resolveWait, waitOptionNames } from './wait.js'

const registerOptionNames = ['decode']
const connectOptionNames = ['host', 'port', ...waitOptionNames]

/**
 * A node of its own: a name, connections to peers, processes that get messages. `ErlangNode` adds
 * what OTP has on top of that.
 */
export abstract class LocalNode extends EventEmitter<NodeEvents> implements AsyncDisposable {
  protected readonly core: NodeCore
  readonly #options: ResolvedNodeOptions
  readonly #publication = new Publication()
  #isRef = false
  #stopping: Promise<void> | undefined

  protected constructor(options: ResolvedNodeOptions) {
    super()
    this.#options = options
    const cookie = options.cookie ?? readCookieFile(options.cookieFile)
    this.core = new NodeCore(options, cookie, this.#listener())
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

  /** The names that processes of this node are registered under. */
  get registered(): string[] {
    return this.core.processes.registry.names
  }

  /** What has been dropped, and what is waiting. */
  stats(): NodeStats {
    const { drops, calls, processes, peers } = this.core
    return {
      drops: drops.counts(),
      pendingCalls: calls.size,
      processes: processes.size,
      peers: Object.fromEntries(Array.from(peers.inUse, (peer) => [peer.name, peer.queued])),
    }
  }

  /**
   * Sends a message, at most once and in order, as `Destination ! Message`.
   *
   * The promise resolves at once while little waits to be written to that peer, else when that has
   * drained: awaiting it is back-pressure. It rejects when no connection is to be had; nobody has to
   * look at it.
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
    if (options?.encode !== undefined) checkEncodeOptions(options.encode)
    if (this.isStopped) return unobserved(Promise.reject(this.closedError()))
    return this.core.send(from, target, message, options?.encode)
  }

  /**
   * Registers a process under a name: `handler` gets its messages, one at a time; when it returns a
   * promise, the next message waits for it.
   *
   * Errors: TypeError for a bad name or handler, RangeError for a name that is taken.
   */
  register(name: string | Atom, handler: MessageHandler, options?: RegisterOptions): Process
  register(
    name: string | Atom,
    handler: MessageHandler<RawTerm>,
    options: RegisterRawOptions,
  ): Process
  register(
    name: string | Atom,
    handler: MessageHandler<never>,
    options: RegisterOptions | RegisterRawOptions = {},
  ): Process {
    const text = registrableName(name)
    const process = this.#start(HandlerProcess, handler, options)
    this.core.processes.registry.register(text, process)
    this.core.processes.add(process)
    return process
  }

  /**
   * Gives the messages to names that nobody has to a handler, in place of dropping them: its context
   * says which name it was (`to`). Ending the process that is returned takes that back.
   *
   * Errors: TypeError for a bad handler.
   */
  registerFallback(handler: MessageHandler, options: RegisterOptions = {}): Process {
    const process = this.#start(FallbackProcess, handler, options)
    this.core.processes.fallback?.end(atom('normal'))
    this.core.processes.add(process)
    this.core.processes.fallback = process
    return process
  }

  /** Ends the process of that name, with reason `normal`. False when there was none. */
  unregister(name: string | Atom): boolean {
    const process = this.core.processes.registry.find(registrableName(name))
    process?.end(atom('normal'))
    return process !== undefined
  }

  /** The pid of the process of that name. */
  whereis(name: string | Atom): Pid | undefined {
    return this.core.processes.registry.find(registrableName(name))?.pid
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
    reactor.setCookie(this.core.id, nodeNameOf(peer), checkCookie('cookie', cookie))
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
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Listens and registers with epmd: the second half of a start. */
  protected async open(): Promise<void> {
    this.ref() // else nothing would keep the process alive until the listener is there
    try {
      await this.#publication.open(this.core.id, this.#options)
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

  #start(
    kind: typeof HandlerProcess,
    handler: MessageHandler<never>,
    options: RegisterOptions | RegisterRawOptions,
  ): HandlerProcess {
    checkFunction('handler', handler)
    checkNames('register', checkObject('options', options), registerOptionNames)
    this.checkOpen()
    const { processes, identity } = this.core
    const { decode = this.core.decode } = options
    return new kind(identity.nextPid(), processes, handler, {
      decode: decode === 'raw' ? decode : resolveDecodeOptions(decode),
      failed: this.handlerFailed,
    })
  }

  #listener(): CoreListener {
    return {
      nodeUp: (peer) => this.#tell('nodeup', peer),
      nodeDown: (peer, reason) => this.#tell('nodedown', peer, reason),
      redialling: (peer, redial) => this.#tell('redial', peer, redial),
      dropped: (drop) => this.#tell('drop', drop),
      decodeFailed: (failure) => this.#tell('decodeError', failure),
      spawnRequested: (frame, route) => this.spawnRequested(frame, route),
      listening: (port) => this.#publication.listening(port),
      listenFailed: (error) => this.#publication.listenFailed(error),
    }
  }

  /** What a listener throws must not unwind the events of the reactor. */
  #tell<Name extends keyof NodeEvents>(name: Name, ...values: NodeEvents[Name]): void {
    if (this.listenerCount(name) === 0) return
    try {
      ;(this as EventEmitter).emit(name, ...values)
    } catch (error) {
      throwLater(error)
    }
  }

  /** What a handler threw goes to `handlerError`, or else ends the process of Node. */
  protected readonly handlerFailed = (
    error: unknown,
    process: Process,
    message: HandlerFailure['message'],
  ) => {
    if (this.listenerCount('handlerError') === 0) throwLater(error)
    else this.#tell('handlerError', { error, process, message })
  }

  protected closedError(): ErlangError {
    return new ErlangError('ERR_ERL_CLOSED', `the node ${this.name} has been stopped`)
  }

  async #stop(): Promise<void> {
    const { calls, processes, peers } = this.core
    calls.close(new Failure('ERR_ERL_CLOSED', `the node ${this.name} has been stopped`))
    processes.endAll(atom('shutdown'))
    await peers.close(this.closedError())
    await this.#publication.close()
    reactor.closeNode(this.core.id)
    this.unref()
    this.#tell('close')
  }
}

function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function registrableName(name: unknown): string {
  return checkText('name', Atom.is(name) ? name.name : name)
}

function hostOf(nodeName: string): string {
  return nodeName.slice(nodeName.indexOf('@') + 1)
}
