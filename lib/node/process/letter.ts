import type { Pid } from '../../term/pid.js'
import type { Drops } from '../drops.js'
import type { Charged, Route } from '../route.js'

/**
 * A message that waits for whoever it is for. Of the frame it came in it keeps what is owed for it
 * and no more, since many may wait.
 */
export class Letter<Message> implements Charged {
  readonly message: Message
  /** Undefined for what this node says itself, for which nothing is owed. */
  readonly route: Route | undefined
  readonly channel: number
  /** 0 once it has been dealt with. */
  charge: number

  constructor(message: Message, route?: Route, frame?: Charged) {
    this.message = message
    this.route = route
    this.channel = frame?.channel ?? 0
    this.charge = frame?.charge ?? 0
  }

  /** It has been dealt with, or never will be. Safe twice: both may become known. */
  consume(): void {
    if (this.charge === 0) return
    this.route?.consumed(this)
    this.charge = 0
  }
}

/**
 * Counts what nobody had dealt with when its process ended: lost, as Erlang loses it. What the node
 * itself has said is not counted.
 */
export function countLost(letters: Iterable<Letter<unknown>>, to: Pid, drops: Drops): void {
  const counts = new Map<string, number>()
  for (const { route } of letters) {
    if (route !== undefined) counts.set(route.name, (counts.get(route.name) ?? 0) + 1)
  }
  for (const [peer, count] of counts) drops.add({ reason: 'unknownProcess', peer, count, to })
}
