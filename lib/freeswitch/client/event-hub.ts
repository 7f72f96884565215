import { atom } from '../../term/atom.js'
import type { Term } from '../../term/term.js'
import { SwitchEvent } from '../protocol/switch-event.js'
import { EventWish } from './event-wish.js'
import { ReaderHub } from './reader-hub.js'
import { isPlainReply, refusalOf } from './reply.js'
import type { Stream } from './stream.js'

/** Events as they come, to be read with `for await`. */
export type EventStream = Stream<SwitchEvent>

/** All readers of events of one client. */
export class EventHub extends ReaderHub<SwitchEvent, EventWish> {
  #isRegistered = false

  protected isDone(): boolean {
    const wish = this.#wish()
    if (wish === undefined) return this.handler === undefined
    return this.#isRegistered && wish.equals(this.told)
  }

  protected async step(): Promise<void> {
    const wish = this.#wish()
    if (wish === undefined) return await this.#stop()
    if (this.#isRegistered) return await this.#subscribe(wish)
    await this.register('register_event_handler')
    this.#isRegistered = true
  }

  protected message(message: Term): void {
    const event = SwitchEvent.fromTerm(message)
    if (event === undefined) return
    for (const [stream, wish] of this.streams) give(stream, wish, event)
  }

  protected override forget(): void {
    this.#isRegistered = false
    super.forget()
  }

  #wish(): EventWish | undefined {
    return this.isWanted ? EventWish.union(this.streams.values()) : undefined
  }

  /** `event` adds; only `setevent`, which takes no ALL, takes away. */
  async #subscribe(wish: EventWish): Promise<void> {
    const isMore = this.told === undefined || this.told.isWithin(wish)
    const command = isMore ? 'event' : 'setevent'
    await this.ask(wish.toTerm(command), command)
    this.told = wish
  }

  /** Nobody reads any more. The end of the handler would do, but `noevents` has an answer. */
  async #stop(): Promise<void> {
    const { handler } = this
    const wasRegistered = this.#isRegistered
    this.forget()
    this.handler = undefined
    try {
      if (!wasRegistered) return
      const asked = `noevents of ${this.connection.peer}`
      const answer = await this.connection.ask(atom('noevents'), asked, this.upkeep.wait())
      // {error, notlistening} is as good.
      if (!isPlainReply(answer)) throw refusalOf(answer, asked)
    } finally {
      handler?.close()
    }
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
