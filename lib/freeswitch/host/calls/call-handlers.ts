import { atom } from '../../../term/atom.js'
import { Pid } from '../../../term/pid.js'
import type { TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import type { SwitchEvent } from '../../protocol/switch-event.js'
import { writeText } from '../../protocol/text.js'
import type { HostCore } from '../host-core.js'
import { Attachment, type CallHandler } from './attachment.js'
import type { Call } from './call.js'

const callTag = atom('call')
const callEventTag = atom('call_event')
const callHangupTag = atom('call_hangup')

/**
 * Who handles a call, one process at each peer, and what each of them is sent:
 * `{call, {event, …}}` first, then `{call_event, {event, …}}` for what it wants, and
 * `{call_hangup, UUID}` last.
 */
export class CallHandlers {
  readonly #host: HostCore
  readonly #call: Call
  readonly #byPeer = new Map<string, Attachment>()
  /** The events that wait for somebody to attach; undefined when none are kept. */
  #kept: SwitchEvent[] | undefined
  /** How many of them found no room. */
  #lost = 0

  constructor(host: HostCore, call: Call) {
    this.#host = host
    this.#call = call
  }

  get size(): number {
    return this.#byPeer.size
  }

  get all(): Iterable<Attachment> {
    return this.#byPeer.values()
  }

  /** From now on events wait for who attaches next. */
  keepEvents(): void {
    this.#kept ??= []
  }

  forgetEvents(): void {
    const text = `Lost ${this.#lost} events of call ${this.#call.uuid}!`
    if (this.#lost > 0) this.#host.logs.log({ level: 'crit', text })
    this.#kept = undefined
    this.#lost = 0
  }

  /** Attaches a handler, in place of another at the same peer, who is not told. */
  add(handler: CallHandler): void {
    const { calls, options, process } = this.#host
    const attachment = new Attachment(this.#call, handler)
    const earlier = this.#byPeer.get(attachment.peer)
    if (earlier !== undefined) this.remove(earlier)
    this.#byPeer.set(attachment.peer, attachment)
    calls.attached(attachment)
    if (Pid.is(handler)) process.link(handler)
    else if (options.monitorHandlers) calls.monitored(attachment, process.monitor(handler))
    const data = this.#call.dataEvent()
    this.#sendVital(attachment, tuple(callTag, data.encoded(options)))
    const kept = this.#kept ?? []
    this.forgetEvents()
    for (const event of kept) this.#sendEvent(attachment, event)
  }

  /** Takes out a handler without a word to it. */
  remove(attachment: Attachment): void {
    const { calls, process } = this.#host
    this.#byPeer.delete(attachment.peer)
    calls.detached(attachment)
    const { monitor } = attachment
    if (monitor !== undefined && process.isAlive) process.demonitor(monitor)
  }

  /** Takes out a handler, and tells it that the call is over for it. */
  dismiss(attachment: Attachment): void {
    this.remove(attachment)
    const uuid = writeText(this.#call.uuid, this.#host.options.encoding)
    this.#sendVital(attachment, tuple(callHangupTag, uuid))
  }

  event(event: SwitchEvent): void {
    for (const attachment of this.#byPeer.values()) this.#sendEvent(attachment, event)
    if (this.#kept === undefined) return
    if (this.#kept.length < this.#host.options.queueLimit) this.#kept.push(event)
    else this.#lost += 1
  }

  /** Through the outbox, so that all of a call is in order, and after the answer to `handlecall`. */
  #sendEvent(attachment: Attachment, event: SwitchEvent): void {
    const { handler, peer, subscription } = attachment
    if (!subscription.matches(event)) return
    const outbox = this.#host.listeners.get(peer)?.outbox
    if (outbox === undefined) return
    if (!outbox.hasRoomForEvents) outbox.eventLost()
    else outbox.event(attachment, handler, tuple(callEventTag, event.encoded(this.#host.options)))
  }

  #sendVital(attachment: Attachment, message: TermInput): void {
    const { outbox } = this.#host.listener(attachment.peer)
    outbox.vital(attachment, attachment.handler, message)
  }
}
