import { ErlangError, outOfRange } from '../../../errors.js'
import { foreignReferenceKey } from '../../../node/identity.js'
import { Pid } from '../../../term/pid.js'
import type { Reference } from '../../../term/reference.js'
import { isAtom, type Term } from '../../../term/term.js'
import { pidKey } from '../../protocol/pid-key.js'
import type { SwitchEvent } from '../../protocol/switch-event.js'
import type { HostCore, HostPart } from '../host-core.js'
import type { CallCounts } from '../listener.js'
import type { Attachment } from './attachment.js'
import { Call, type CallOptions } from './call.js'
import { PidRequests } from './pid-requests.js'

/** The channels of the switch, and who handles which. */
export class Calls implements HostPart {
  readonly pidRequests: PidRequests
  readonly #host: HostCore
  readonly #byUuid = new Map<string, Call>()
  readonly #byPeer = new Groups()
  readonly #byHandler = new Groups()
  readonly #created = new Map<string, number>()
  readonly #byMonitor = new Map<string, Attachment>()

  constructor(host: HostCore) {
    this.#host = host
    this.pidRequests = new PidRequests(host)
  }

  /** Errors: RangeError for an id that is in use, ERR_ERL_CLOSED when the host is. */
  create(uuid: string, options: CallOptions): Call {
    if (!this.#host.isOpen) throw new ErlangError('ERR_ERL_CLOSED', 'the event host is closed')
    if (this.#byUuid.has(uuid)) throw outOfRange('uuid', 'one that no other call has', uuid)
    const call = new Call(this.#host, uuid, options)
    this.#byUuid.set(uuid, call)
    return call
  }

  get(uuid: string): Call | undefined {
    return this.#byUuid.get(uuid)
  }

  /** Brings an event to those who handle the call that it is about. */
  event(event: SwitchEvent): void {
    if (this.#byUuid.size === 0) return
    const { uuid } = event
    if (uuid !== undefined) this.#byUuid.get(uuid)?.event(event)
  }

  /** The calls that are handled at a peer, in the order of attaching. */
  at(peer: string): ReadonlySet<Attachment> {
    return this.#byPeer.get(peer)
  }

  /** How many calls are handled at a peer, ever were, and are no longer, since it is connected. */
  countsAt(peer: string): CallCounts {
    const attached = this.at(peer).size
    const created = this.#created.get(peer) ?? 0
    return { attached, created, hungUp: created - attached }
  }

  /** What the `session_` commands of a process are about: the first call that it handles. */
  firstOf(handler: Pid): Attachment | undefined {
    const [first] = this.#byHandler.get(pidKey(handler))
    return first
  }

  attached(attachment: Attachment): void {
    const { handler, peer } = attachment
    this.#byPeer.add(peer, attachment)
    this.#created.set(peer, (this.#created.get(peer) ?? 0) + 1)
    if (Pid.is(handler)) this.#byHandler.add(pidKey(handler), attachment)
  }

  /** The end of a registered handler is to be noticed. */
  monitored(attachment: Attachment, monitor: Reference): void {
    attachment.monitor = monitor
    this.#byMonitor.set(foreignReferenceKey(monitor), attachment)
  }

  detached(attachment: Attachment): void {
    const { handler, peer, monitor } = attachment
    this.#byPeer.delete(peer, attachment)
    if (Pid.is(handler)) this.#byHandler.delete(pidKey(handler), attachment)
    if (monitor !== undefined) this.#byMonitor.delete(foreignReferenceKey(monitor))
  }

  ended(call: Call): void {
    this.#byUuid.delete(call.uuid)
  }

  /** FreeSWITCH releases the first call of such a process only. */
  processEnded(pid: Pid, isOutOfReach: boolean): void {
    this.#gone(this.#byHandler.get(pidKey(pid)), isOutOfReach)
  }

  nodeLost(peer: string): void {
    this.pidRequests.nodeLost(peer)
    this.#gone(this.#byPeer.get(peer), true)
    this.#created.delete(peer)
  }

  monitorEnded(reference: Reference, reason: Term): void {
    const attachment = this.#byMonitor.get(foreignReferenceKey(reference))
    // Some C nodes know no monitors: then nothing is known of the handler.
    if (attachment === undefined || isAtom(reason, 'notsup')) return
    this.#gone([attachment], isAtom(reason, 'noconnection'))
  }

  close(): void {
    for (const call of [...this.#byUuid.values()]) call.end()
  }

  /** All are taken out before the program hears of one: what it does then must not reach the others. */
  #gone(attachments: Iterable<Attachment>, isOutOfReach: boolean): void {
    const all = [...attachments]
    for (const attachment of all) attachment.call.takeOut(attachment, isOutOfReach)
    for (const attachment of all) attachment.call.handlerGone(attachment, isOutOfReach)
  }
}

const nothing: ReadonlySet<Attachment> = new Set()

/** Attachments by a key, in the order of attaching. */
class Groups {
  readonly #groups = new Map<string, Set<Attachment>>()

  get(key: string): ReadonlySet<Attachment> {
    return this.#groups.get(key) ?? nothing
  }

  add(key: string, attachment: Attachment): void {
    const group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, new Set([attachment]))
    else group.add(attachment)
  }

  delete(key: string, attachment: Attachment): void {
    const group = this.#groups.get(key)
    group?.delete(attachment)
    if (group?.size === 0) this.#groups.delete(key)
  }
}
