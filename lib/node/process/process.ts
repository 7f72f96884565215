import { inspect } from 'node:util'
import {
  checkBoolean,
  checkChoice,
  checkNames,
  checkObject,
  checkText,
} from '../../base/validate.js'
import { ErlangError, invalidArgument } from '../../errors.js'
import { encode } from '../../native/codec.js'
import type { EncodeOptions } from '../../native/options.js'
import { Atom, atom } from '../../term/atom.js'
import { brief } from '../../term/format.js'
import { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import { isAtom, isTagged, type Term, type TermInput } from '../../term/term.js'
import { jsError } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import { type Destination, nodeNameOf, resolveDestination, type Target } from '../destination.js'
import { isSamePid, isSameReference } from '../identity.js'
import type { SendOptions } from '../node-types.js'
import type { PeerTest } from '../peer-pattern.js'
import { type InboundFrame, type Route, unobserved } from '../route.js'
import { encodingOf } from '../send-options.js'
import { type Aliases, type AliasOptions, type MonitorAlias, monitorAliases } from './aliases.js'
import type { LinkTable } from './link.js'
import type { Links } from './links.js'
import type { NodeMonitors, NodeMonitorsOfProcess } from './node-monitors.js'
import type { OwnMonitor, OwnMonitors } from './own-monitors.js'
import type { Registry } from './registry.js'
import type { Watcher } from './watcher.js'

/** Where an exit signal comes from decides what it does. */
export const ExitKind = {
  /** `exit/2`: `kill` cannot be trapped, `normal` does nothing to a process that does not trap. */
  Sent: 'sent',
  /** A link broke. */
  Link: 'link',
} as const
export type ExitKind = (typeof ExitKind)[keyof typeof ExitKind]

/** What a process asks of the node it lives in. */
export interface ProcessOwner {
  readonly registry: Registry
  readonly links: Links
  readonly ownMonitors: OwnMonitors
  readonly nodeMonitors: NodeMonitors
  readonly aliases: Aliases
  send(from: Pid, to: Target, message: TermInput, encode?: EncodeOptions): Promise<void>
  exitSignal(from: Pid, to: Pid, reason: TermInput): void
  /** The process is over: its names, links and monitors are to be undone. Safe twice. */
  ended(process: Process, reason: TermInput): void
}

/** How a process monitors another. */
export interface MonitorOptions {
  /**
   * Makes the reference an alias as well, as `{alias, explicit_unalias | demonitor |
   * reply_demonitor}`: to be sent with a request, so that no answer can come too late.
   */
  readonly alias?: MonitorAlias
}

/** Options of `demonitor`. */
export interface DemonitorOptions {
  /** Whether to take a `DOWN` of this monitor out of the mailbox, if one has come already. */
  readonly flush?: boolean
}

/** What few processes have: kept apart, since there may be very many processes. */
export interface Holdings {
  /** Kept by `OwnMonitors`: whose end it wants to hear of. */
  monitors?: Set<OwnMonitor>
  /** Kept by `Aliases`: their numbers. */
  aliases?: Set<number>
  /** Kept by `NodeMonitors`: of which peers it wants to hear that they are gone. */
  nodes?: NodeMonitorsOfProcess
}

/** The end of a process, for those who wait for it. */
interface Ending {
  readonly promise: Promise<TermInput>
  readonly resolve: (reason: TermInput) => void
}

/**
 * Something with a pid: it can be linked, monitored and named, and it can link and monitor. What it
 * does with messages is the subclass's business; what signals do to it is the same for all.
 *
 * Every method of a process that has ended throws (or rejects with) ERR_ERL_CLOSED, save `end`,
 * `exit` and what only asks.
 */
export abstract class Process {
  readonly pid: Pid
  /** @internal Kept by `Monitors`: the newest of those who want to hear of its end. */
  watchers: Watcher | undefined
  /** @internal Kept by `Links`. */
  links: LinkTable | undefined
  /** @internal */
  holdings: Holdings | undefined
  /** @internal For which peers it is there at all; for all when undefined. */
  acceptFrom: PeerTest | undefined
  readonly #owner: ProcessOwner
  #name: string | undefined
  #trapsExits = false
  /** Why it has ended. */
  #reason: TermInput | undefined
  #ending: Ending | undefined

  constructor(pid: Pid, owner: ProcessOwner) {
    this.pid = pid
    this.#owner = owner
  }

  /** The name it is registered under. */
  get name(): string | undefined {
    return this.#name
  }

  /** False once the process has ended, for whatever reason. */
  get isAlive(): boolean {
    return this.#reason === undefined
  }

  /** The name of the node it lives in. */
  get node(): string {
    return this.pid.node.name
  }

  /** Whether exit signals arrive as messages `{'EXIT', From, Reason}`: `process_flag(trap_exit, …)`. */
  get trapExit(): boolean {
    return this.#trapsExits
  }

  set trapExit(traps: boolean) {
    this.#trapsExits = checkBoolean('trapExit', traps)
  }

  /** Resolves with the exit reason when the process has ended. Never rejects. */
  get whenEnded(): Promise<TermInput> {
    if (this.#reason !== undefined) return Promise.resolve(this.#reason)
    this.#ending ??= makeEnding()
    return this.#ending.promise
  }

  /** Sends a message in its name, as `Destination ! Message`. Errors: as `send` of the node. */
  send(to: Destination, message: TermInput, options?: SendOptions): Promise<void> {
    const target = resolveDestination('to', to)
    const encode = encodingOf('send', options)
    if (!this.isAlive) return unobserved(Promise.reject(this.endedError()))
    return this.#owner.send(this.pid, target, message, encode)
  }

  /** Registers it under a name. Errors: RangeError for a name that is taken, or if it has one. */
  register(name: string | Atom): void {
    this.#checkAlive()
    this.#owner.registry.register(checkText('name', Atom.is(name) ? name.name : name), this)
  }

  /** Takes its name back. False when it had none. */
  unregister(): boolean {
    return this.#name !== undefined && this.#owner.registry.unregister(this.#name) !== undefined
  }

  /**
   * Links it with another process, as `link/1`: when one ends, the other gets an exit signal. That is
   * `noproc` when there is no such process, and `noconnection` when its node cannot be reached.
   */
  link(pid: Pid): void {
    checkPid('pid', pid)
    this.#checkAlive()
    if (!isSamePid(pid, this.pid)) this.#owner.links.link(this, pid)
  }

  /**
   * Takes a link back, as `unlink/1`: from now on no exit signal comes through it. One that a
   * process with `trapExit` has caught before stands in its mailbox still.
   */
  unlink(pid: Pid): void {
    checkPid('pid', pid)
    this.#checkAlive()
    this.#owner.links.unlink(this, pid)
  }

  /**
   * Monitors another process, as `monitor/2`: its end, once, comes as the message
   * `{'DOWN', Ref, process, Object, Reason}`, where Object is the pid, or `{Name, Node}`.
   *
   * Reasons: the other's own; `noproc` when there is no such process; `noconnection` when its node
   *          cannot be reached, or is lost; `notsup` when it is a C node that knows no monitors.
   */
  monitor(target: Exclude<Destination, Reference>, options: MonitorOptions = {}): Reference {
    const { to, node } = resolveDestination('target', target)
    if (Reference.is(to)) throw invalidArgument('target', 'a pid or a name', target)
    checkNames('monitor', checkObject('options', options), ['alias'])
    const { alias } = options
    if (alias !== undefined) checkChoice('alias', alias, monitorAliases)
    this.#checkAlive()
    const reference = this.#owner.ownMonitors.monitor(this, to, node ?? this.node)
    if (alias !== undefined && this.#owner.ownMonitors.isActive(reference)) {
      this.#owner.aliases.addMonitor(this, reference, alias)
    }
    return reference
  }

  /**
   * Takes a monitor back, as `demonitor/2`. True when that was in time: no `DOWN` has come, nor will
   * one come.
   */
  demonitor(reference: Reference, options: DemonitorOptions = {}): boolean {
    checkReference('reference', reference)
    checkNames('demonitor', checkObject('options', options), ['flush'])
    const flushes = options.flush !== undefined && checkBoolean('flush', options.flush)
    this.#checkAlive()
    const wasActive = this.#owner.ownMonitors.demonitor(this, reference)
    if (!wasActive && flushes) this.discard((message) => isDown(message, reference))
    return wasActive
  }

  /**
   * Asks for a message `{nodedown, Node}` when a peer is lost or cannot be connected to, as
   * `monitor_node/2`; with `false` takes that back. As often as it is asked, so many messages come.
   */
  monitorNode(peer: string | Atom, on = true): void {
    const name = nodeNameOf(peer)
    checkBoolean('on', on)
    this.#checkAlive()
    if (on) this.#owner.nodeMonitors.add(this, name)
    else this.#owner.nodeMonitors.remove(this, name)
  }

  /**
   * A reference to which messages can be sent as to the pid, as `alias/1`: until `unalias`, or with
   * `once` until the first message, and at most until the process ends.
   */
  alias(options: AliasOptions = {}): Reference {
    checkNames('alias', checkObject('options', options), ['once'])
    const isOnce = options.once !== undefined && checkBoolean('once', options.once)
    this.#checkAlive()
    return this.#owner.aliases.add(this, isOnce)
  }

  /** Takes an alias back: messages to it are dropped. False when it was none of this process. */
  unalias(reference: Reference): boolean {
    checkReference('reference', reference)
    return this.#owner.aliases.remove(this, reference)
  }

  /**
   * Sends an exit signal to another process, as `exit/2`.
   *
   * Errors: TypeError, now, for a reason that has no Erlang form.
   */
  exitSignal(pid: Pid, reason: TermInput): void {
    checkPid('pid', pid)
    checkReason(reason)
    this.#checkAlive()
    if (isSamePid(pid, this.pid)) this.signalled(pid, reason as Term, ExitKind.Sent)
    else this.#owner.exitSignal(this.pid, pid, reason)
  }

  /**
   * Ends this process, as `exit/1`: those linked to it get `reason` as an exit signal. Safe twice.
   *
   * Errors: TypeError, now, for a reason that has no Erlang form.
   */
  exit(reason: TermInput = atom('normal')): void {
    checkReason(reason)
    this.end(reason)
  }

  /**
   * @internal Takes one message. The payload must be read now; `route.consumed(frame)` is due when
   * it has been dealt with.
   */
  abstract deliver(frame: InboundFrame, from: Pid | undefined, route: Route): void

  /** @internal Hands over a message that this node makes itself: `EXIT`, `DOWN`, `nodedown`. */
  notify(message: TermInput): void {
    if (this.isAlive) this.notified(message as Term)
  }

  /** @internal An exit signal. Source: OTP, erl_proc_sig_queue.c, handle_exit_signal. */
  signalled(from: Pid, reason: Term, kind: ExitKind): void {
    if (!this.isAlive) return
    if (kind === ExitKind.Sent && isAtom(reason, 'kill')) this.end(atom('killed'))
    else if (this.#trapsExits) this.notified(tuple(atom('EXIT'), from, reason) as Term)
    else if (!isAtom(reason, 'normal') || isSamePid(from, this.pid)) this.end(reason)
  }

  /** @internal Somebody no longer monitors it: took the monitor back, died, or is out of reach. */
  unwatched(_watcher: Watcher): void {}

  /** @internal By `Registry`. */
  rename(name: string | undefined): void {
    this.#name = name
  }

  /** @internal Whether it is there for a node: for its own it always is. */
  isFor(node: string): boolean {
    return this.acceptFrom === undefined || node === this.node || this.acceptFrom(node)
  }

  /** @internal Whether anybody hears of its end. */
  get isObserved(): boolean {
    return this.links !== undefined || this.watchers !== undefined
  }

  /** @internal Whether an error says no more than that this process has ended. */
  isOwnEnd(error: unknown): boolean {
    if (this.isAlive || !ErlangError.is(error)) return false
    return error.code === 'ERR_ERL_CLOSED' && error.reason === this.#reason
  }

  /** @internal Ends the process with a reason that need not be checked. Safe twice. */
  end(reason: TermInput): void {
    if (!this.isAlive) return
    this.#reason = reason
    this.#owner.ended(this, reason)
    this.ended(reason)
    this.#ending?.resolve(reason)
  }

  /** @internal Its node stops. It may end later, when it has something to finish. */
  shutDown(reason: TermInput): void {
    this.end(reason)
  }

  /** @internal What is sent as the reason of its end when the reason has no Erlang form. */
  unsendable(error: unknown): TermInput {
    return jsError(error)
  }

  /** A message that this node makes itself. */
  protected abstract notified(message: Term): void
  /** The last thing that happens to it. */
  protected abstract ended(reason: TermInput): void
  /** Takes messages that have come, and that nobody has had yet, out of the mailbox. */
  protected discard(_isMeant: (message: Term) => boolean): void {}

  [inspect.custom](): string {
    const name = this.#name === undefined ? '' : ` '${this.#name}'`
    return `${this.constructor.name} ${this.pid}${name}${this.isAlive ? '' : ' (ended)'}`
  }

  protected endedError(): ErlangError {
    const reason = this.#reason ?? null
    return new ErlangError('ERR_ERL_CLOSED', `${this.pid} has ended: ${brief(reason)}`, { reason })
  }

  #checkAlive(): void {
    if (!this.isAlive) throw this.endedError()
  }
}

function makeEnding(): Ending {
  let resolve: Ending['resolve'] = () => undefined
  const promise = new Promise<TermInput>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function isDown(message: Term, reference: Reference): boolean {
  if (!isTagged(message, 'DOWN', 5)) return false
  return Reference.is(message[1]) && isSameReference(message[1], reference)
}

export function checkPid(name: string, value: unknown): void {
  if (!Pid.is(value)) throw invalidArgument(name, 'a pid', value)
}

function checkReference(name: string, value: unknown): void {
  if (!Reference.is(value)) throw invalidArgument(name, 'a reference', value)
}

/** Whoever is to hear a reason should get that one, not that it could not be sent. */
export function checkReason(reason: TermInput): void {
  if (!Atom.is(reason)) encode(reason)
}
