import type { Pid } from '../../../term/pid.js'
import type { SwitchEvent } from '../../protocol/switch-event.js'
import type { HostCore, HostPart } from '../host-core.js'
import type { Listener } from '../listener.js'
import type { EventHandler } from './event-handlers.js'

/** Brings each event to the event handlers that want it, and to the parts of the host that do. */
export class EventBus implements HostPart {
  /** Parts that see every event, before the event handlers get it. They must not throw. */
  readonly watchers: ((event: SwitchEvent) => void)[] = []
  readonly #host: HostCore

  constructor(host: HostCore) {
    this.#host = host
  }

  /** Fires an event. It is encoded once, however many want it. */
  fire(event: SwitchEvent): void {
    for (const watch of this.watchers) watch(event)
    for (const listener of this.#host.listeners.values()) {
      for (const handler of listener.eventHandlers.all) {
        if (handler.wants(event)) this.#deliver(listener, handler, event)
      }
    }
  }

  processEnded(pid: Pid): void {
    const listener = this.#host.listeners.get(pid.node.name)
    const handler = listener?.eventHandlers.ended(pid)
    if (handler !== undefined) listener?.outbox.purge(handler)
  }

  /** What it has kept for the peer is gone with its listener. */
  nodeLost(): void {}

  #deliver({ outbox }: Listener, handler: EventHandler, event: SwitchEvent): void {
    if (handler.target === undefined) return
    if (!outbox.hasRoomForEvents) outbox.eventLost()
    else outbox.event(handler, handler.target, event.encoded(this.#host.options))
  }
}
