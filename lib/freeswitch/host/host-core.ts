import { outOfRange } from '../../errors.js'
import type { MessageContext, Process } from '../../index.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import { isAtom, isTagged, type Term } from '../../term/term.js'
import type { EventName } from '../protocol/event-names.js'
import type { Header, SwitchEvent } from '../protocol/switch-event.js'
import { type ApiOutcome, ApiTable } from './api-table.js'
import { Calls } from './calls/calls.js'
import { addConsole } from './console.js'
import { dispatch } from './dispatch.js'
import { EventBus } from './events/event-bus.js'
import { EventFactory, type Origin } from './events/event-factory.js'
import { apiOrigin } from './events/sources.js'
import { Fetches } from './fetch/fetches.js'
import { Listener } from './listener.js'
import { LogBus } from './logs/log-bus.js'
import type { ResolvedHostOptions } from './options.js'

/** A part of the host that keeps something for processes and for nodes. */
export interface HostPart {
  /**
   * A process that the host is linked with has ended, or has sent an exit signal.
   *
   * `isOutOfReach`: its node cannot be reached (any more). Whatever is sent there would dial.
   */
  processEnded(pid: Pid, isOutOfReach: boolean): void
  /** The connection to a peer is gone. */
  nodeLost(peer: string): void
  /** A monitor of the host is over. Its object is a pid, or `{Name, Node}`. */
  monitorEnded?(reference: Reference, reason: Term): void
  /** The host is closed: what waits is to be told. */
  close?(): void
}

/** The host of each node: it gets what goes to any name, so there is one at most. */
const hostOfNode = new WeakMap<ErlangNode, HostCore>()

/** What the parts of an event host share: the commands of peers and the program act on it. */
export class HostCore {
  readonly node: ErlangNode
  readonly options: ResolvedHostOptions
  /** The one pid that everything comes from, and that handlers are linked with. */
  readonly process: Process
  readonly apis = new ApiTable((name, error) => this.failed(`the API command ${name}`, error))
  readonly listeners = new Map<string, Listener>()
  readonly events: EventBus
  /** Makes events: base headers, and one sequence for all. */
  readonly factory: EventFactory
  readonly logs: LogBus
  /** The channels, and who handles them. */
  readonly calls: Calls
  /** Who answers lookups of XML, and the lookups under way. */
  readonly fetches: Fetches
  /** All that is to be told of processes that have ended and of nodes that are lost. */
  readonly parts: HostPart[] = []
  /** `erlang debug on`: every message is told in the log. */
  isDebugging = false
  #isClosed = false

  constructor(node: ErlangNode, options: ResolvedHostOptions) {
    if (hostOfNode.get(node)?.isOpen === true) {
      const rule = 'a node without an event host, or whose event host is closed'
      throw outOfRange('node', rule, node.name)
    }
    this.node = node
    this.options = options
    this.events = new EventBus(this)
    this.factory = new EventFactory(options)
    this.logs = new LogBus(this)
    this.calls = new Calls(this)
    this.fetches = new Fetches(this)
    this.parts.push(this.events, this.logs, this.calls, this.fetches)
    this.events.watchers.push((event) => this.calls.event(event))
    addConsole(this)
    this.process = node.registerFallback((message, context) =>
      dispatch(this, message, context as MessageContext),
    )
    this.process.trapExit = true
    hostOfNode.set(node, this)
    // The node has been stopped, or somebody else gets the messages to all names now.
    void this.process.whenEnded.then(() => this.close())
    for (const peer of node.peers) this.#peerUp(peer)
    node.on('nodeup', this.#peerUp)
    node.on('nodedown', this.#peerDown)
  }

  listener(peer: string): Listener {
    return this.listeners.get(peer) ?? this.#peerUp(peer)
  }

  /** Runs an API command for a peer, or for the program. The event of it comes first. */
  runApi(name: string, args: string, peer: string | undefined): ApiOutcome | Promise<ApiOutcome> {
    const headers: Header[] = [['API-Command', name]]
    if (args !== '') headers.push(['API-Command-Argument', args])
    this.fire('API', headers, apiOrigin)
    return this.apis.run(name, args, peer)
  }

  get isOpen(): boolean {
    return this.process.isAlive
  }

  /**
   * Tells the log and the program what went wrong in a function of the program. What a peer asks for
   * must not bring the program down, so that a warning is all that comes of it where nobody listens.
   */
  failed(what: string, error: unknown): void {
    const text = `${what} has failed: ${error instanceof Error ? error.stack : String(error)}`
    this.logs.log({ level: 'err', text })
    const { onHandlerError } = this.options
    if (onHandlerError === undefined) process.emitWarning(text, 'EventHostWarning')
    // In a turn of its own: what it throws is an uncaught error, and unwinds nothing here.
    else process.nextTick(onHandlerError, error, what)
  }

  /** Fires an event that the host makes itself. */
  fire(name: EventName, headers: readonly Header[], source: Origin, body?: string): SwitchEvent {
    const event = this.factory.make(name, headers, source, { body })
    this.events.fire(event)
    return event
  }

  /** What the node itself says of links and monitors. */
  told(message: Term): void {
    if (isTagged(message, 'EXIT', 3)) {
      const [, pid, reason] = message
      if (!Pid.is(pid)) return
      for (const part of this.parts) part.processEnded(pid, isAtom(reason, 'noconnection'))
    } else if (isTagged(message, 'DOWN', 5)) {
      const [, reference, , , reason] = message
      for (const part of this.parts) part.monitorEnded?.(reference as Reference, reason as Term)
    }
  }

  /** Handlers get what was fired before, unless they are slow; then the pid of the host ends. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.node.off('nodeup', this.#peerUp)
    this.node.off('nodedown', this.#peerDown)
    for (const part of this.parts) part.close?.()
    for (const [peer, { outbox }] of this.listeners) {
      outbox.flushAll()
      this.#peerDown(peer)
    }
    this.process.exit()
  }

  readonly #peerUp = (peer: string): Listener => {
    const listener = new Listener(this, peer)
    const origin = this.node.peerAddress(peer)
    // Only who calls us is asked; the native part always knows from where.
    listener.isDenied = origin?.isIncoming === true && !this.options.inboundAcl.allows(origin.host)
    listener.callCounts = () => this.calls.countsAt(peer)
    this.listeners.set(peer, listener)
    return listener
  }

  readonly #peerDown = (peer: string): void => {
    this.listeners.get(peer)?.closed()
    this.listeners.delete(peer)
    for (const part of this.parts) part.nodeLost(peer)
  }
}
