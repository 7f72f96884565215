import type { Pid } from '../../term/pid.js'
import { EventHandlers } from './events/event-handlers.js'
import { lostOrigin } from './events/sources.js'
import type { HostCore } from './host-core.js'
import { LogHandler } from './logs/log-handler.js'
import { Outbox } from './outbox.js'

/** How many messages of one peer may wait while a command runs. */
const maxWaiting = 10_000

/** What `erlang listeners` tells of the calls of a peer. */
export interface CallCounts {
  readonly attached: number
  readonly created: number
  readonly hungUp: number
}

const noCalls: CallCounts = { attached: 0, created: 0, hungUp: 0 }

/** A message of a peer, to be dealt with when those before it are. */
type Work = () => undefined | Promise<unknown>

/**
 * What the host keeps of one connected peer. Its messages are dealt with one at a time, in order, as
 * FreeSWITCH's listener threads do; those of other peers go on meanwhile.
 */
export class Listener {
  readonly peer: string
  readonly eventHandlers: EventHandlers
  readonly logHandler = new LogHandler()
  /** What waits to be sent to handlers. Answers do not go through it. */
  readonly outbox: Outbox
  /** Who sent last, for messages that do not say who sent them. */
  lastSender: Pid | undefined
  /** An ACL keeps the peer out: it is told so, once. */
  isDenied = false
  /** Counted by who keeps the calls. */
  callCounts: () => CallCounts = () => noCalls
  readonly #host: HostCore
  readonly #waiting: Work[] = []
  #isBusy = false
  #isClosed = false
  #isRefused = false

  constructor(host: HostCore, peer: string) {
    this.#host = host
    this.peer = peer
    this.eventHandlers = new EventHandlers(host.options.eventHandlers)
    this.outbox = new Outbox(
      {
        send: (to, message) => host.process.send(to, message),
        lost: (count, what) => this.#lost(count, what),
      },
      host.options,
    )
  }

  /** Does this when what came before is done. False when too much waits. */
  take(work: Work): boolean {
    if (this.#isBusy) {
      if (this.#waiting.length >= maxWaiting) return false
      this.#waiting.push(work)
    } else {
      this.#do(work)
    }
    return true
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Ends the connection once what was sent is written. */
  close(): void {
    setImmediate(() => void this.#host.node.disconnect(this.peer))
  }

  /** Closes the connection to a peer that is kept out. False when that is under way. */
  refuse(): boolean {
    if (this.#isRefused) return false
    this.#isRefused = true
    this.close()
    return true
  }

  /** The connection is gone. */
  closed(): void {
    this.#isClosed = true
    this.#waiting.length = 0
    this.outbox.close()
  }

  #lost(count: number, what: string): void {
    const text = `Lost ${count} ${what}!`
    this.#host.logs.log({ level: 'crit', text, ...lostOrigin })
    this.#host.fire('TRAP', [['info', `lost ${count} ${what}`]], lostOrigin)
  }

  #do(work: Work): void {
    const done = work()
    if (done === undefined) return
    this.#isBusy = true
    void done.finally(() => {
      this.#isBusy = false
      this.#next()
    })
  }

  #next(): void {
    while (!this.#isBusy && !this.#isClosed) {
      const work = this.#waiting.shift()
      if (work === undefined) return
      this.#do(work)
    }
  }
}
