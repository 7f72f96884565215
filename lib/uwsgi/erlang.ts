import { checkNames, checkObject, checkTimeout } from '../base/validate.js'
import { ErlangError, invalidArgument } from '../errors.js'
import { ErlangNode, type ExposedFunction, type NodeOptions, type NodeStats } from '../index.js'
import { nodeDefaults } from '../node/options.js'
import { type MessageContext, NotTaken } from '../node/process/handler-process.js'
import { atom } from '../term/atom.js'
import { Pid } from '../term/pid.js'
import { isTuple, type Term, type TermInput } from '../term/term.js'
import { ErlangHandle } from './handle.js'

/** The options of uWSGI's `erlang` plugin, and those of any node of beamlink. */
export interface UwsgiErlangOptions extends Partial<Omit<NodeOptions, 'name' | 'cookie'>> {
  /**
   * `erlang = nodename@ip`, `nodename@address` or `nodename`, which gets this machine's short name.
   * Without it the node is named `uwsgi` and calls, but cannot be called.
   */
  readonly erlang?: string
  /** `erlang-cookie`; the one in `$HOME/.erlang.cookie` by default. */
  readonly erlangCookie?: string
}

/** How long to wait, where uWSGI would wait for ever. */
export interface WaitLimit {
  readonly timeoutMs?: number
}

/** A registered name, a pid, or uWSGI's 3-tuple of a pid: number, serial, creation. */
export type UwsgiDestination = string | Pid | TermInput

/**
 * uWSGI's Erlang API over a node of beamlink: one method for each function, with promises in place
 * of blocking, and errors in place of `None`.
 *
 * | uWSGI | here |
 * |---|---|
 * | options `erlang`, `erlang-cookie` | `UwsgiErlang.start({ erlang, erlangCookie })` |
 * | `uwsgi.erlang_node` | `erlangNode` |
 * | `erlang_connect(name)` | `erlangConnect` |
 * | `erlang_close(fd)` | `erlangClose` |
 * | `erlang_rpc(node, mod, fun, args)` | `erlangRpc` |
 * | `erlang_send_message(node, to, msg)`, `erlang_send` | `erlangSendMessage` |
 * | `erlang_sr(node, to, msg)` | `erlangSr` |
 * | `erlang_recv_message(fd)`, `erlang_recv` | `erlangRecvMessage` |
 * | `erlang_register_process(name, callable)`, `@erlang(name)` | `erlangRegisterProcess` |
 * | `register_rpc(name, callable)`, `@rpc(name)` | `registerRpc` |
 * | `erlang_lock()`, `erlang_unlock()` | not needed: calls of one connection do not mix |
 *
 * What differs on purpose: terms keep their types (`beamlink`'s mapping, without loss: floats, maps
 * and big integers work, lists have no extra `None`, pids keep their node); many peers are served at
 * once; ticks do not close connections; a failing rpc rejects in place of giving `{badrpc, …}`.
 */
export class UwsgiErlang implements AsyncDisposable {
  readonly #node: ErlangNode
  readonly #handles = new Set<ErlangHandle>()
  readonly #maxKeptBytes: number

  private constructor(node: ErlangNode, maxKeptBytes: number) {
    this.#node = node
    this.#maxKeptBytes = maxKeptBytes
    node.registerFallback((message, context) => this.#unclaimed(message, context))
    node.on('nodedown', (peer, reason) => this.#peerDown(peer, reason))
  }

  /** Errors: as `ErlangNode.start`. */
  static async start(options: UwsgiErlangOptions = {}): Promise<UwsgiErlang> {
    const { erlang, erlangCookie, ...others } = options
    const node = await ErlangNode.start({
      ...(erlang === undefined ? { listen: false } : {}),
      ...others,
      name: erlang ?? 'uwsgi',
      ...(erlangCookie === undefined ? {} : { cookie: erlangCookie }),
    })
    return new UwsgiErlang(node, others.maxQueuedBytes ?? nodeDefaults.maxQueuedBytes)
  }

  /** The full name of this node. */
  get erlangNode(): string {
    return this.#node.name
  }

  /** The node of beamlink below, for all that uWSGI has no function for. */
  get node(): ErlangNode {
    return this.#node
  }

  /** Counts of the node: as `ErlangNode.stats`. */
  stats(): NodeStats {
    return this.#node.stats()
  }

  /** Connects; the handle is good until it is closed. Errors: as `ErlangNode.connect`. */
  async erlangConnect(name: string, limit: WaitLimit = {}): Promise<ErlangHandle> {
    checkLimit('erlangConnect', limit)
    await this.#node.connect(name, limit)
    const handle = new ErlangHandle(name)
    this.#handles.add(handle)
    return handle
  }

  /** Closes a handle; with the last one of a node, the connection. Safe twice. */
  async erlangClose(handle: ErlangHandle): Promise<void> {
    checkHandle(handle)
    if (!this.#handles.delete(handle)) return
    handle.close()
    const isShared = Array.from(this.#handles).some(({ node }) => node === handle.node)
    if (!isShared) await this.#node.disconnect(handle.node)
  }

  /**
   * Calls a function by handle or by node name ("fast style", which leaves the connection up).
   *
   * Errors: as `ErlangNode.rpc`, after 5,000 ms at the latest unless `timeoutMs` says otherwise.
   */
  async erlangRpc(
    node: ErlangHandle | string,
    module: string,
    functionName: string,
    args: readonly TermInput[] = [],
    limit: WaitLimit = {},
  ): Promise<Term> {
    checkLimit('erlangRpc', limit)
    return this.#node.rpc(nameOf(node), module, functionName, args, limit)
  }

  /**
   * Sends a message to a registered name or to a pid, and gives the handle. With a node name it
   * connects, and the handle is the caller's to close.
   */
  async erlangSendMessage(
    node: ErlangHandle | string,
    to: UwsgiDestination,
    message: TermInput,
  ): Promise<ErlangHandle> {
    if (typeof node !== 'string') checkHandle(node)
    const target = destination(nameOf(node), to)
    const handle = typeof node === 'string' ? await this.erlangConnect(node) : node
    try {
      await this.#node.send(target, message)
    } catch (error) {
      // Nobody else has it, who could close it.
      if (typeof node === 'string') await this.erlangClose(handle)
      throw error
    }
    return handle
  }

  /**
   * Sends, then receives the next message: as `erlangRecvMessage`, so whatever comes next counts as
   * the answer. Waits 5,000 ms by default.
   */
  async erlangSr(
    node: ErlangHandle | string,
    to: UwsgiDestination,
    message: TermInput,
    limit: WaitLimit = {},
  ): Promise<Term> {
    const { timeoutMs = 5_000 } = checkLimit('erlangSr', limit)
    const handle = await this.erlangSendMessage(node, to, message)
    try {
      return await handle.receive(timeoutMs)
    } finally {
      if (typeof node === 'string') await this.erlangClose(handle)
    }
  }

  /**
   * Waits for a message from the node of a handle, whatever name of this node it was sent to, save
   * those of registered processes. Waits for ever by default. Messages that nobody waits for are kept,
   * about `maxQueuedBytes` of them; more are dropped (`stats().drops.limit`).
   *
   * Errors: ERR_ERL_TIMEOUT; ERR_ERL_NOCONNECTION and ERR_ERL_CLOSED where uWSGI gives `None`.
   */
  async erlangRecvMessage(handle: ErlangHandle, limit: WaitLimit = {}): Promise<Term> {
    checkHandle(handle)
    const { timeoutMs = Number.POSITIVE_INFINITY } = checkLimit('erlangRecvMessage', limit)
    return handle.receive(timeoutMs)
  }

  /** Registers a function that gets the messages to `name`; what it returns is not sent anywhere. */
  erlangRegisterProcess(name: string, callable: (message: Term) => unknown): void {
    this.#node.register(name, (message) => callable(message))
  }

  /**
   * Puts a function into the RPC table: `rpc:call(Node, AnyModule, Name, Args)` runs it. Any module
   * will do, as in uWSGI; `node.expose` puts functions under one module.
   */
  registerRpc(name: string, callable: ExposedFunction): void {
    this.#node.expose('*', { [name]: callable })
  }

  /** Closes every handle and stops the node. Safe twice. */
  async stop(): Promise<void> {
    for (const handle of this.#handles) handle.close()
    this.#handles.clear()
    await this.#node.stop()
  }

  /** As `stop`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /**
   * A message to a name that nobody registered goes to who receives from that peer, or waits for it.
   * The peer is not held back by those that wait: of a handle that only makes calls nobody ever
   * receives, and the answers would be behind them.
   */
  #unclaimed(message: Term, { node: peer, bytes = 0 }: MessageContext): NotTaken | undefined {
    const ofPeer = Array.from(this.#handles).filter(({ node }) => node === peer)
    if (ofPeer.length === 0) return new NotTaken('unknownName', 'no handle of that node is open')
    const handle =
      ofPeer.find(({ isReceiving }) => isReceiving) ??
      ofPeer.find(({ keptBytes }) => keptBytes < this.#maxKeptBytes)
    if (handle === undefined) return new NotTaken('limit', 'maxQueuedBytes')
    handle.deliver(message, bytes)
    return undefined
  }

  #peerDown(peer: string, reason: string): void {
    for (const handle of this.#handles) {
      if (handle.node !== peer) continue
      this.#handles.delete(handle)
      handle.close(new ErlangError('ERR_ERL_NOCONNECTION', `${peer} is gone: ${reason}`))
    }
  }
}

function nameOf(node: ErlangHandle | string): string {
  return typeof node === 'string' ? node : node.node
}

function checkLimit(where: string, limit: WaitLimit): WaitLimit {
  checkNames(where, checkObject('options', limit), ['timeoutMs'])
  if (limit.timeoutMs !== undefined) checkTimeout('timeoutMs', limit.timeoutMs)
  return limit
}

function checkHandle(handle: unknown): void {
  if (handle instanceof ErlangHandle) return
  throw invalidArgument('handle', 'what erlangConnect gave', handle)
}

function destination(node: string, to: UwsgiDestination) {
  if (typeof to === 'string') return { name: to, node }
  if (Pid.is(to)) return to
  const parts = Array.isArray(to) ? to : isTuple(to) ? to.elements : []
  const [number, serial, creation] = parts
  const isPid = [number, serial, creation].every((part) => Number.isInteger(part))
  if (parts.length !== 3 || !isPid) throw invalidArgument('to', 'a name, a pid or a 3-tuple', to)
  return new Pid(nodeAtom(node), Number(number), Number(serial), Number(creation))
}

function nodeAtom(name: string) {
  const node = atom(name)
  if (typeof node === 'boolean') throw invalidArgument('node', 'a node name', name)
  return node
}
