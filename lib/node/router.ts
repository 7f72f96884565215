import { ErlangError, type ErlangErrorCode } from '../errors.js'
import { Operation } from '../native/contract.js'
import type {
  ChannelEnd,
  ChannelUp,
  Frame,
  NodeSink,
  Question,
  Refusal,
} from '../native/reactor.js'
import { Atom, atom } from '../term/atom.js'
import { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import type { Term } from '../term/term.js'
import type { Gate } from './access/gate.js'
import { atomName } from './atom-name.js'
import { type Call, type Calls, Failure } from './calls.js'
import type { Drops } from './drops.js'
import { UnreadableReason } from './frames.js'
import type { Observer } from './observe/observer.js'
import type { Peers } from './peer/peers.js'
import { signalDecodeOptions } from './process/own-message.js'
import { ExitKind, type Process } from './process/process.js'
import type { Processes } from './process/processes.js'
import type { Watched } from './process/watcher.js'
import type { InboundFrame, Route } from './route.js'

/** A message whose bytes were no term. */
export interface DecodeFailure {
  readonly peer: string
  /** The sender, where the protocol names it. */
  readonly from?: Pid
  readonly message: string
}

/** What the router leaves to the node above it. */
export interface RouterOwner {
  readonly calls: Calls
  readonly drops: Drops
  readonly gate: Gate
  readonly observer: Observer
  readonly peers: Peers
  readonly processes: Processes
  /** SPAWN_REQUEST: must be answered. */
  spawnRequested(frame: InboundFrame, route: Route): void
  decodeFailed(failure: DecodeFailure): void
  listening(port: number): void
  listenFailed(error: ErlangError): void
}

/** Brings each event of the reactor, and each frame of this node to itself, to its owner. */
export class Router implements NodeSink {
  readonly #owner: RouterOwner

  constructor(owner: RouterOwner) {
    this.#owner = owner
  }

  frame(frame: Frame): void {
    const peer = this.#owner.peers.byChannel(frame.channel)
    // What comes over a channel that was refused, or has been closed by us, is nobody's.
    if (peer === undefined) return
    peer.arrived(frame.charge)
    const { observer } = this.#owner
    if (observer.watchesFrames) observer.received(frame, peer)
    this.receive(frame, peer)
  }

  channelUp(up: ChannelUp): void {
    this.#owner.peers.channelUp(up)
  }

  channelDown(channel: number, end: ChannelEnd): void {
    this.#owner.peers.channelDown(channel, end)
  }

  dialFailed(channel: number, code: ErlangErrorCode, message: string): void {
    this.#owner.peers.dialFailed(channel, code, message)
  }

  drained(channel: number, cost: number): void {
    this.#owner.peers.byChannel(channel)?.drained(cost)
  }

  listening(port: number): void {
    this.#owner.listening(port)
  }

  listenFailed(code: ErlangErrorCode, message: string): void {
    this.#owner.listenFailed(new ErlangError(code, message))
  }

  refused({ peer, address, count, message: detail }: Refusal): void {
    if (count > 1) this.#owner.drops.add({ reason: 'refused', peer, count, detail })
    else this.#owner.drops.add({ reason: 'refused', peer: peer || address, address, detail })
  }

  asked(question: Question): void {
    this.#owner.gate.asked(question)
  }

  /** One frame, from a peer or from this node. */
  receive(frame: InboundFrame, route: Route): void {
    if (frame.payloadError !== undefined) {
      this.#badPayload(frame, route)
      return
    }
    try {
      this.#dispatch(frame, route)
    } catch (error) {
      // Reading the payload; what users' functions throw stays with their process.
      if (!ErlangError.is(error)) throw error
      this.#decodeFailed(frame, route, error.message)
    }
  }

  #dispatch(frame: InboundFrame, route: Route): void {
    const { fields } = frame
    switch (frame.operation) {
      case Operation.SendSender:
        this.#toPid(frame, fields[1], fields[0], route)
        break
      case Operation.Send:
        this.#toPid(frame, fields[0], undefined, route)
        break
      case Operation.RegSend:
        this.#toName(frame, fields[1], fields[0], route)
        break
      case Operation.AliasSend:
        this.#toAlias(frame, fields[1], fields[0], route)
        break
      case Operation.SpawnReply:
        this.#spawnReply(frame, route)
        break
      case Operation.MonitorExit:
        this.#monitorExit(frame, route)
        break
      case Operation.SpawnRequest:
        this.#owner.spawnRequested(frame, route)
        break
      default:
        this.#signal(frame, route)
        break
    }
  }

  #toPid(frame: InboundFrame, to: unknown, from: unknown, route: Route): void {
    const process = Pid.is(to) ? this.#owner.processes.find(to) : undefined
    if (process?.isFor(route.name) === true) process.deliver(frame, senderOf(from, route), route)
    else this.#dropMessage('unknownProcess', frame, route, Pid.is(to) ? to : undefined)
  }

  #toName(frame: InboundFrame, to: unknown, from: unknown, route: Route): void {
    const name = atomName(to)
    const process = name === undefined ? undefined : this.#owner.processes.named(name)
    if (process?.isFor(route.name) === true) process.deliver(frame, senderOf(from, route), route)
    else this.#dropMessage('unknownName', frame, route, name)
  }

  #toAlias(frame: InboundFrame, alias: unknown, from: unknown, route: Route): void {
    const call = Reference.is(alias) ? this.#owner.calls.find(alias) : undefined
    if (call !== undefined) {
      call.answer(frame)
      route.consumed(frame, true)
      return
    }
    const process = Reference.is(alias) ? this.#owner.processes.aliased(alias) : undefined
    if (process !== undefined) process.deliver(frame, senderOf(from, route), route)
    else this.#dropMessage('unknownAlias', frame, route, Reference.is(alias) ? alias : undefined)
  }

  #spawnReply(frame: InboundFrame, route: Route): void {
    const { fields } = frame
    // Without a call it answers a cast: nobody waits for it.
    this.#callOver(route, fields[0])?.spawnReply(fields[3])
    route.consumed(frame, true)
  }

  #monitorExit(frame: InboundFrame, route: Route): void {
    const call = this.#callOver(route, frame.fields[2])
    if (call !== undefined) call.monitorExit(frame, frame.fields[0])
    else if (!this.#owner.processes.ownMonitors.exited(frame, route)) {
      this.#owner.drops.add({ reason: 'lateAnswer', peer: route.name })
    }
    route.consumed(frame, true)
  }

  /** The call that waits for that peer. Another one may know its reference, but has no say in it. */
  #callOver(route: Route, reference: Term | undefined): Call | undefined {
    const call = Reference.is(reference) ? this.#owner.calls.find(reference) : undefined
    return call?.route === route ? call : undefined
  }

  /** Links, monitors and exits: from a process of the peer to one of ours. */
  #signal(frame: InboundFrame, route: Route): void {
    const { fields } = frame
    const hasId =
      frame.operation === Operation.UnlinkId || frame.operation === Operation.UnlinkIdAck
    const [from, to] = hasId ? fields.slice(1) : fields
    if (fields.length === 0) this.#drop('unsupported', frame, route)
    else if (!Pid.is(from) || from.node.name !== route.name) {
      this.#drop('forged', frame, route)
    } else if (frame.operation === Operation.Monitor || frame.operation === Operation.Demonitor) {
      this.#monitor(frame, from, to, route)
    } else if (Pid.is(to)) this.#linkOrExit(frame, from, to, route)
    else this.#drop('unsupported', frame, route)
    route.consumed(frame)
  }

  #monitor(frame: InboundFrame, from: Pid, to: Term | undefined, route: Route): void {
    const { processes } = this.#owner
    const reference = frame.fields[2]
    const target = watchedBy(to)
    const isTheirs = Reference.is(reference) && reference.node.name === route.name
    if (target === undefined || !isTheirs) {
      this.#drop('unsupported', frame, route)
    } else if (frame.operation === Operation.Demonitor) {
      processes.monitors.unwatch(reference, route)
    } else {
      const process = thereFor(this.#process(target), route)
      processes.monitors.watch(process, target, from, reference, route)
    }
  }

  #linkOrExit(frame: InboundFrame, from: Pid, to: Pid, route: Route): void {
    const { links } = this.#owner.processes
    const process = this.#process(to)
    switch (frame.operation) {
      case Operation.Link:
        links.linked(thereFor(process, route), from, to, route)
        break
      case Operation.Unlink:
        links.unlinked(process, from)
        break
      case Operation.UnlinkId:
        links.unlinked(process, from)
        route.signal(Operation.UnlinkIdAck, [frame.fields[0] ?? 0, to, from])
        break
      case Operation.UnlinkIdAck:
        links.unlinkAcknowledged(process, from, frame.fields[0])
        break
      case Operation.Exit:
        links.broken(process, from, frame.payload(signalDecodeOptions))
        break
      case Operation.Exit2:
        thereFor(process, route)?.signalled(from, frame.payload(signalDecodeOptions), ExitKind.Sent)
        break
      default:
        this.#drop('unsupported', frame, route)
    }
  }

  #process(target: Watched): Process | undefined {
    if (Pid.is(target)) return this.#owner.processes.find(target)
    return this.#owner.processes.named(atomName(target) ?? '')
  }

  #dropMessage(
    reason: 'unknownName' | 'unknownProcess' | 'unknownAlias',
    frame: InboundFrame,
    route: Route,
    to: Pid | Reference | string | undefined,
  ): void {
    this.#owner.drops.add({ reason, peer: route.name, to })
    route.consumed(frame)
  }

  #drop(reason: 'forged' | 'unsupported', frame: InboundFrame, route: Route): void {
    const detail = `operation ${frame.operation}`
    this.#owner.drops.add({ reason, peer: route.name, detail })
  }

  /**
   * A message is lost, and a call whose answer it was fails. A spawn request must still be answered,
   * and the end of a process be heard of.
   */
  #badPayload(frame: InboundFrame, route: Route): void {
    const { operation, fields, payloadError = '' } = frame
    const [first, second, third] = fields
    const reference = operation === Operation.AliasSend ? second : third
    const call = Reference.is(reference) ? this.#owner.calls.find(reference) : undefined
    if (operation === Operation.SpawnRequest) {
      const refusal = [first ?? 0, second ?? 0, 0, atom('badarg')]
      if (Pid.is(second)) route.signal(Operation.SpawnReply, refusal)
    } else if (call !== undefined) {
      const message = `the answer of ${route.name} cannot be read: ${payloadError}`
      call.answererLost(new Failure('ERR_ERL_DECODE', message))
    } else if (tellsOfEnd(operation)) {
      this.#tellUndecoded(frame, route, payloadError)
      this.#dispatch(new UnreadableReason(frame), route)
      return
    }
    this.#decodeFailed(frame, route, payloadError)
  }

  #decodeFailed(frame: InboundFrame, route: Route, message: string): void {
    this.#tellUndecoded(frame, route, message)
    route.consumed(frame)
  }

  #tellUndecoded(frame: InboundFrame, route: Route, message: string): void {
    const [from] = frame.fields
    const sender = frame.operation !== Operation.Send && Pid.is(from) ? { from } : {}
    this.#owner.decodeFailed({ peer: route.name, message, ...sender })
  }
}

/** A process, unless it is not there for that peer. What goes on between them already goes on. */
function thereFor(process: Process | undefined, { name }: Route): Process | undefined {
  return process?.isFor(name) === true ? process : undefined
}

/** Undefined for a pid of another node than the one it came from: that would be its mere word. */
function senderOf(from: unknown, { name }: Route): Pid | undefined {
  return Pid.is(from) && from.node.name === name ? from : undefined
}

function tellsOfEnd(operation: Operation): boolean {
  return (
    operation === Operation.Exit ||
    operation === Operation.Exit2 ||
    operation === Operation.MonitorExit
  )
}

function watchedBy(term: Term | undefined): Watched | undefined {
  if (Pid.is(term) || Atom.is(term) || typeof term === 'boolean') return term
  return undefined
}
