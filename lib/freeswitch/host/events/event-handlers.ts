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
  #handlers: EventHandler[] = [new EventHandler()]

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
    handler.owner = pidKey(sender)
    handler.isOn = true
    return handler
  }

  /** The handlers that wanted events sent to this process, which has died: they are off now. */
  ended(pid: Pid): EventHandler[] {
    const key = pidKey(pid)
    const ended = this.#handlers.filter(({ target }) => Pid.is(target) && pidKey(target) === key)
    for (const handler of ended) {
      handler.target = undefined
      handler.owner = undefined
      handler.turnOff()
    }
    // What is left of one is there for whoever subscribes next; of many, nothing.
    const left = this.#handlers.filter((handler) => !this.#isMany || !ended.includes(handler))
    this.#handlers = left.length > 0 ? left : [new EventHandler()]
    return ended
  }

  get #last(): EventHandler {
    return this.#handlers.at(-1) as EventHandler
  }

  /** The target's own, or the one that was subscribed before anybody registered, or a new one. */
  #free(target: HandlerTarget): EventHandler {
    const key = targetKey(target)
    const own = this.#handlers.find((each) => each.target && targetKey(each.target) === key)
    const handler =
      own ?? this.#handlers.find((each) => each.target === undefined) ?? new EventHandler()
    this.#handlers = [...this.#handlers.filter((each) => each !== handler), handler]
    return handler
  }
}

function targetKey(target: HandlerTarget): string {
  return Pid.is(target) ? pidKey(target) : `name ${target.name}`
}
