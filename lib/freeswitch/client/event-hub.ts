import { atom } from '../../term/atom.js'
import type { Term } from '../../term/term.js'
import { SwitchEvent } from '../protocol/switch-event.js'
import type { SwitchConnection } from './connection.js'
import { EventWish } from './event-wish.js'
import { isPlainReply, readOk, refusalOf } from './reply.js'
import { Steps } from './steps.js'
import { Stream, type StreamOptions } from './stream.js'
import { SwitchProcess } from './switch-process.js'
import type { Kept, Upkeep } from './upkeep.js'

/** Events as they come, to be read with `for await`. */
export type EventStream = Stream<SwitchEvent>

/**
 * All readers of events of one client. FreeSWITCH knows one handler and one subscription for each
 * connection: it is told what all readers together want, and each gets what it asked for.
 */
export class EventHub implements Kept {
  readonly #connection: SwitchConnection
  readonly #upkeep: Upkeep
  readonly #streams = new Map<EventStream, EventWish>()
  readonly #steps = new Steps(
    () => this.#isDone(),
    () => this.#step(),
  )
  #handler: SwitchProcess | undefined
  #isRegistered = false
  /** What FreeSWITCH has been told. */
  #told: EventWish | undefined

  constructor(connection: SwitchConnection, upkeep: Upkeep) {
    this.#connection = connection
    this.#upkeep = upkeep
  }

  get isWanted(): boolean {
    return this.#streams.size > 0
  }

  open(wish: EventWish, options: StreamOptions): EventStream {
    const stream: EventStream = new Stream(options, () => this.#close(stream))
    if (stream.isClosed) return stream
    this.#streams.set(stream, wish)
    this.#upkeep.add(this).then(
      () => stream.opened(),
      (error) => stream.fail(error),
    )
    return stream
  }

  sync(): Promise<void> {
    return this.#steps.run()
  }

  /** The client is closed. */
  close(): void {
    for (const stream of this.#streams.keys()) stream.end()
    this.#streams.clear()
    this.#handler?.close()
  }

  #close(stream: EventStream): void {
    if (!this.#streams.delete(stream)) return
    this.#upkeep.changed()
    // Without a connection there is nothing to be taken back.
    if (this.#connection.isUp) this.sync().catch(() => undefined)
  }

  #wish(): EventWish | undefined {
    return this.isWanted ? EventWish.union(this.#streams.values()) : undefined
  }

  #isDone(): boolean {
    const wish = this.#wish()
    if (wish === undefined) return this.#handler === undefined
    return this.#isRegistered && wish.equals(this.#told)
  }

  async #step(): Promise<void> {
    const wish = this.#wish()
    if (wish === undefined) return await this.#stop()
    this.#handler ??= this.#newHandler()
    if (this.#isRegistered) await this.#subscribe(wish)
    else await this.#register(this.#handler)
  }

  async #register(handler: SwitchProcess): Promise<void> {
    const asked = `register_event_handler of ${this.#connection.peer}`
    try {
      readOk(await handler.ask(atom('register_event_handler'), asked, this.#upkeep.wait()), asked)
    } catch (error) {
      // An answer that is still to come must not meet the next request.
      handler.close()
      if (handler === this.#handler) this.#handler = undefined
      throw error
    }
    this.#isRegistered = true
  }

  /** `event` adds; only `setevent`, which takes no ALL, takes away. */
  async #subscribe(wish: EventWish): Promise<void> {
    const isMore = this.#told === undefined || this.#told.isWithin(wish)
    const command = isMore ? 'event' : 'setevent'
    const asked = `${command} of ${this.#connection.peer}`
    readOk(await this.#connection.ask(wish.toTerm(command), asked, this.#upkeep.wait()), asked)
    this.#told = wish
  }

  /** Nobody reads any more. The end of the handler would do, but `noevents` has an answer. */
  async #stop(): Promise<void> {
    const handler = this.#handler
    const wasRegistered = this.#isRegistered
    this.#forget()
    this.#handler = undefined
    try {
      if (!wasRegistered) return
      const asked = `noevents of ${this.#connection.peer}`
      const answer = await this.#connection.ask(atom('noevents'), asked, this.#upkeep.wait())
      // {error, notlistening} is as good.
      if (!isPlainReply(answer)) throw refusalOf(answer, asked)
    } finally {
      handler?.close()
    }
  }

  #newHandler(): SwitchProcess {
    const handler: SwitchProcess = new SwitchProcess(this.#connection, {
      message: (message) => this.#message(message),
      lost: () => {
        if (handler === this.#handler) this.#lost()
      },
    })
    return handler
  }

  #message(message: Term): void {
    const event = SwitchEvent.fromTerm(message)
    if (event === undefined) return
    for (const [stream, wish] of this.#streams) give(stream, wish, event)
  }

  #lost(): void {
    const wasTold = this.#told !== undefined
    this.#forget()
    if (wasTold) for (const stream of this.#streams.keys()) stream.gap('disconnected')
    this.#upkeep.restore()
  }

  #forget(): void {
    this.#isRegistered = false
    this.#told = undefined
  }
}

/** What a filter throws is its reader's affair. */
function give(stream: EventStream, wish: EventWish, event: SwitchEvent): void {
  try {
    if (wish.wants(event)) stream.push(event)
  } catch (error) {
    stream.fail(error)
  }
}
