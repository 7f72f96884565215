import type { RemoteName } from '../../../node/destination.js'
import { Pid } from '../../../term/pid.js'
import { pidKey } from '../../protocol/pid-key.js'
import type { SwitchEvent } from '../../protocol/switch-event.js'
import { Subscription } from '../subscription.js'
import { Filters } from './filters.js'

/** Who gets the events: a process, or whoever has a name at the peer. */
export type HandlerTarget = Pid | RemoteName

/** One event handler of a peer: who it is, and what it wants. */
export class EventHandler {
  readonly subscription = new Subscription()
  readonly filters = new Filters()
  /** Undefined until somebody registers: subscribing first is allowed. */
  target: HandlerTarget | undefined
  /** Tells targets apart. */
  key: string | undefined
  /** The process whose commands are about this one, where several are registered. */
  owner: string | undefined
  /** Whether events are delivered: `noevents` turns that off. */
  isOn = false

  wants(event: SwitchEvent): boolean {
    if (!this.isOn || this.target === undefined) return false
    return this.subscription.matches(event) && this.filters.passes(event)
  }

  /** `noevents`, and what is left when its process has died. */
  turnOff(): void {
    this.isOn = false
    this.subscription.clear()
  }
}

/**
 * The event handlers of one peer. FreeSWITCH has one: who registers next takes its place, and anybody
 * at the peer changes what it wants. With `many` each who registers has an own subscription and own
 * filters; commands of others are about the one that registered last.
 */
export class EventHandlers {
  readonly #isMany: boolean
  /** Replaced, not changed: an event may be on its way to them. */
  #handlers: readonly EventHandler[] = [new EventHandler()]

  constructor(mode: 'one' | 'many') {
    this.#isMany = mode === 'many'
  }

  get all(): readonly EventHandler[] {
    return this.#handlers
  }

  /** The handler that a command of this process is about. */
  of(sender: Pid): EventHandler {
    const key = pidKey(sender)
    return this.#handlers.find(({ owner }) => owner === key) ?? this.#last
  }

  /** Makes a target a handler, or the handler; turns delivery on. */
  register(target: HandlerTarget, sender: Pid): EventHandler {
    const handler = this.#isMany ? this.#free(target) : this.#last
    handler.target = target
    handler.key = targetKey(target)
    handler.owner = pidKey(sender)
    handler.isOn = true
    return handler
  }

  /** The handler that wanted events sent to this process, which has died: it is off now. */
  ended(pid: Pid): EventHandler | undefined {
    const key = pidKey(pid)
    const at = this.#handlers.findIndex((handler) => handler.key === key)
    const handler = this.#handlers[at]
    if (handler === undefined) return undefined
    handler.target = undefined
    handler.key = undefined
    handler.owner = undefined
    handler.turnOff()
    // What is left of one is there for whoever subscribes next; of many, nothing.
    if (!this.#isMany) return handler
    const left = this.#handlers.toSpliced(at, 1)
    this.#handlers = left.length > 0 ? left : [new EventHandler()]
    return handler
  }

  get #last(): EventHandler {
    return this.#handlers.at(-1) as EventHandler
  }

  /** The target's own, or the one that was subscribed before anybody registered, or a new one. */
  #free(target: HandlerTarget): EventHandler {
    const key = targetKey(target)
    const own = this.#handlers.findIndex((handler) => handler.key === key)
    const at = own >= 0 ? own : this.#handlers.findIndex(({ target }) => target === undefined)
    const handler = this.#handlers[at] ?? new EventHandler()
    const others = at >= 0 ? this.#handlers.toSpliced(at, 1) : this.#handlers
    this.#handlers = [...others, handler]
    return handler
  }
}

function targetKey(target: HandlerTarget): string {
  return Pid.is(target) ? pidKey(target) : `name ${target.name}`
}
