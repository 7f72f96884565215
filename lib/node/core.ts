import type { ErlangError } from '../errors.js'
import { encode } from '../native/codec.js'
import { Operation } from '../native/contract.js'
import type { EncodeOptions, ResolvedDecodeOptions } from '../native/options.js'
import { reactor } from '../native/reactor.js'
import { ImproperList } from '../term/list.js'
import { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import { isTuple, type TermInput } from '../term/term.js'
import { AbortListeners } from './abort-listeners.js'
import { Gate } from './access/gate.js'
import { Calls, Failure } from './calls.js'
import { Deadlines } from './deadlines.js'
import type { Target } from './destination.js'
import { type Drop, Drops } from './drops.js'
import { BytesFrame } from './frames.js'
import { Identity } from './identity.js'
import { Loopback } from './loopback.js'
import { Observer } from './observe/observer.js'
import type { ResolvedNodeOptions } from './options.js'
import type { Redial } from './peer/keeper.js'
import { Ledger } from './peer/ledger.js'
import type { Peer } from './peer/peer.js'
import { type PeerListener, Peers } from './peer/peers.js'
import type { MailboxOptions } from './process/mailbox-process.js'
import { type Outlet, Processes } from './process/processes.js'
import { Seekers } from './process/seekers.js'
import { SystemProcess } from './process/system-process.js'
import { type InboundFrame, isOfEarlierLife, type Route, settled, unobserved } from './route.js'
import { type DecodeFailure, Router, type RouterOwner } from './router.js'
import type { Streams } from './streams/streams.js'

/** What the core tells the node around it. */
export interface CoreListener {
  nodeUp(peer: string): void
  nodeDown(peer: string, reason: string): void
  redialling(peer: string, redial: Redial): void
  dropped(drop: Drop): void
  decodeFailed(failure: DecodeFailure): void
  spawnRequested(frame: InboundFrame, route: Route): void
  /** Runs what is not ours: what it throws must not unwind an event. */
  guard(run: () => void): void
  listening(port: number): void
  listenFailed(error: ErlangError): void
}

/**
 * The parts of one node, joined: who it is, its peers, its processes, its calls. The public classes
 * are built around it, and the protocols of OTP on it.
 */
export class NodeCore implements RouterOwner, PeerListener, Outlet {
  readonly identity: Identity
  readonly decode: ResolvedDecodeOptions
  readonly encode: EncodeOptions | undefined
  readonly drops: Drops
  readonly observer: Observer
  readonly processes: Processes
  readonly gate: Gate
  readonly peers: Peers
  readonly calls: Calls
  readonly mailboxes: MailboxOptions
  /** The sender of what the node itself sends. */
  readonly caller: Pid
  readonly loopback: Loopback
  /** The reactor's number for this node. */
  readonly id: number
  readonly #listener: CoreListener

  constructor(
    options: ResolvedNodeOptions,
    cookie: string,
    listener: CoreListener,
    streams: Streams | undefined,
  ) {
    this.#listener = listener
    this.identity = new Identity(options.name)
    this.decode = options.decode
    this.encode = options.encode
    const ledger = new Ledger()
    this.observer = new Observer(this.identity.name, cookie, (run) => listener.guard(run))
    this.drops = new Drops((drop) => {
      ledger.dropped(drop)
      this.observer.dropped(drop)
      listener.dropped(drop)
    })
    this.processes = new Processes(this.identity, options.encode, this, {
      max: options.maxRelations,
      refused: (peer) => this.drops.add({ reason: 'limit', peer, detail: 'maxRelations' }),
    })
    this.mailboxes = {
      decode: options.decode,
      drops: this.drops,
      deadlines: new Deadlines(),
      aborts: new AbortListeners(),
      seekers: new Seekers(),
    }
    const caller = new SystemProcess(this.identity.nextPid(), this.processes, this.#answered)
    this.processes.add(caller)
    this.caller = caller.pid
    this.calls = new Calls(this.identity, this.caller, options.whenDown)
    const router = new Router(this)
    this.loopback = new Loopback(this.identity, (frame, route) => {
      if (this.observer.watchesFrames) this.observer.received(frame, { name: route.name })
      router.receive(frame, route)
    })
    this.id = reactor.openNode(
      {
        name: this.identity.name,
        cookie,
        creation: this.identity.creation,
        hidden: options.hidden,
        tickTimeMs: options.tickTimeMs,
        handshakeTimeoutMs: options.handshakeTimeoutMs,
        maxFrameBytes: options.maxFrameBytes,
        maxDepth: options.maxDepth,
        maxAtoms: options.maxAtoms,
        maxFramesPerSecond: options.maxFramesPerSecond,
        maxQueuedBytes: options.maxQueuedBytes,
        askBeforeAccept: options.allow !== undefined,
      },
      router,
    )
    this.gate = new Gate(this.id, this.drops, options.allow)
    this.peers = new Peers(
      this.id,
      options,
      { drops: this.drops, ledger, observer: this.observer, seekers: this.mailboxes.seekers },
      this,
      streams,
    )
  }

  /** The way to a node; its channel need not be up. */
  route(name: string): Route {
    return name === this.identity.name ? this.loopback : this.peers.get(name)
  }

  /** Sends a message. Errors: TypeError, now, for what has no Erlang form. */
  send(
    from: Pid,
    { to, node }: Target,
    message: TermInput,
    encode: EncodeOptions | undefined = this.encode,
  ): Promise<void> {
    const route = node === undefined ? this.loopback : this.route(node)
    const refusal = route.refusal()
    if (refusal !== undefined) return this.refuse(refusal, route, message, encode)
    if (Pid.is(to)) {
      if (isOfEarlierLife(to, route)) return this.#dropDead(to, message, encode)
      return route.post(Operation.SendSender, [from, to], message, encode)
    }
    if (Reference.is(to)) return route.post(Operation.AliasSend, [from, to], message, encode)
    return route.post(Operation.RegSend, [from, to], message, encode)
  }

  spawnRequested(frame: InboundFrame, route: Route): void {
    this.#listener.spawnRequested(frame, route)
  }

  decodeFailed(failure: DecodeFailure): void {
    this.#listener.decodeFailed(failure)
  }

  listening(port: number): void {
    this.#listener.listening(port)
  }

  listenFailed(error: ErlangError): void {
    this.#listener.listenFailed(error)
  }

  peerUp(peer: Peer): void {
    this.#listener.nodeUp(peer.name)
  }

  /** Processes first, then calls: each is told once, and then the user. */
  peerDown(peer: Peer, _code: string, message: string): void {
    this.processes.routeLost(peer, message)
    this.calls.routeLost(
      peer,
      new Failure('ERR_ERL_NOCONNECTION', `the connection to ${peer.name} is gone: ${message}`),
    )
    this.#listener.nodeDown(peer.name, message)
  }

  redialling(peer: string, redial: Redial): void {
    this.#listener.redialling(peer, redial)
  }

  /** The promise of what is not sent, because too much waits for that peer already. */
  refuse(
    refusal: ErlangError,
    { name }: Route,
    message: TermInput,
    options: EncodeOptions | undefined,
  ): Promise<void> {
    encode(message, options)
    this.drops.add({ reason: 'busy', peer: name, detail: refusal.message })
    return unobserved(Promise.reject(refusal))
  }

  /** A message to a process of an earlier life of its node: lost, as Erlang loses it. */
  #dropDead(to: Pid, message: TermInput, options: EncodeOptions | undefined): Promise<void> {
    encode(message, options)
    this.drops.add({ reason: 'unknownProcess', peer: to.node.name, to })
    return settled
  }

  /**
   * Messages to the caller: `{Tag, Answer}` from peers that do not know aliases. Which call it is for
   * must be known before the answer can be read as that call wants it.
   */
  readonly #answered = (frame: InboundFrame, _from: Pid | undefined, route: Route): void => {
    const kept = BytesFrame.of(frame)
    const answer = kept.payload()
    const reference = isTuple(answer, 2) ? taggedReference(answer[0]) : undefined
    const call = reference === undefined ? undefined : this.calls.find(reference)
    if (call !== undefined) call.answer(kept)
    else this.drops.add({ reason: 'lateAnswer', peer: route.name, to: this.caller })
    route.consumed(frame, true)
  }
}

/** The reference in a tag of gen: `Ref`, `[alias|Ref]`, `[[alias|Ref]|_]`. */
function taggedReference(tag: unknown): Reference | undefined {
  if (Reference.is(tag)) return tag
  if (!ImproperList.is(tag)) return undefined
  const [head] = tag.elements
  return ImproperList.is(head) ? taggedReference(head) : taggedReference(tag.tail)
}
