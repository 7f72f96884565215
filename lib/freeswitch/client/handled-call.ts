import { randomUUID } from 'node:crypto'
import { ErlangError } from '../../errors.js'
import type { TermInput } from '../../term/term.js'
import type { EventName } from '../protocol/event-names.js'
import type { HangupCause } from '../protocol/hangup-causes.js'
import type { HeadersInput } from '../protocol/headers-input.js'
import type { KnownHeader } from '../protocol/known-headers.js'
import type { SwitchEvent } from '../protocol/switch-event.js'
import { EventWish, resolveEvents } from './event-wish.js'
import { limited } from './limited.js'
import { bridgeArgument, executeHeaders, hangupHeaders, setArgument } from './messages.js'
import type { RequestOptions, RequestWait } from './options.js'
import { readOk } from './reply.js'
import { Stream } from './stream.js'

/** What a call needs of the client and of the process that has it. */
export interface CallLine {
  readonly peer: string
  readonly queueLimit: number
  /** Checks the options of a request. */
  wait(method: string, options: RequestOptions): RequestWait
  sendMsg(uuid: string, headers: HeadersInput, options: RequestOptions): Promise<void>
  /** A request in the name of the process that has the call; undefined for registered names. */
  readonly ask:
    | ((message: TermInput, asked: string, wait: RequestWait) => Promise<unknown>)
    | undefined
  /** Nothing more is wanted of the call. */
  released(): void
}

interface Execution {
  resolve(event: SwitchEvent): void
  reject(error: unknown): void
}

const completion = 'CHANNEL_EXECUTE_COMPLETE'

/**
 * A call that this program has: its events, to be read with `for await` until it is hung up, and what
 * can be done to it. Events of which more than `queueLimit` wait are lost, and counted in `lost`.
 */
export class HandledCall implements AsyncIterable<SwitchEvent> {
  readonly uuid: string
  readonly #line: CallLine
  readonly #events: Stream<SwitchEvent>
  readonly #executions = new Map<string, Execution>()
  #data: SwitchEvent
  #wish: EventWish | undefined
  #end: ErlangError | undefined

  /** @internal */
  constructor(line: CallLine, uuid: string, data: SwitchEvent) {
    this.#line = line
    this.uuid = uuid
    this.#data = data
    this.#events = new Stream<SwitchEvent>({ queueLimit: line.queueLimit }, () => undefined)
    this.#events.opened()
  }

  /** The event CHANNEL_DATA that came with the call. */
  get data(): SwitchEvent {
    return this.#data
  }

  /** A header of `data`. */
  get(name: KnownHeader | (string & {})): string | undefined {
    return this.#data.get(name)
  }

  /** A variable of the channel as it was when the call came. */
  variable(name: string): string | undefined {
    return this.#data.variable(name)
  }

  /** The variables of the channel as they were when the call came. */
  get variables(): ReadonlyMap<string, string> {
    return this.#data.variables
  }

  /** Whether this program still has the call. */
  get isOpen(): boolean {
    return this.#end === undefined
  }

  /** Events that were lost because the reader was too slow, as far as it has read. */
  get lost(): number {
    return this.#events.lost
  }

  /**
   * The events as they come, in one queue for all loops. A loop ends when the call is hung up, or
   * given back; leaving it does not end the call.
   *
   * Errors: ERR_ERL_NOCONNECTION when the connection to the switch is lost, and the call with it.
   */
  [Symbol.asyncIterator](): AsyncIterator<SwitchEvent, undefined> {
    return { next: () => this.#events.next() }
  }

  /**
   * Runs an application and waits until it is done: gives its CHANNEL_EXECUTE_COMPLETE, in which
   * Application-Response says what came of it. FreeSWITCH hangs up on an application that it does not
   * know.
   *
   * Units:  `timeoutMs` is for the whole of it, for ever by default; until it is accepted the
   *         client's.
   * Errors: ERR_ERL_CLOSED when the call is hung up meanwhile, ERR_ERL_NOCONNECTION,
   *         ERR_ERL_TIMEOUT, `signal.reason` (the application goes on), ERR_ERL_REMOTE `nosession`.
   */
  async execute(app: string, arg?: string, options: RequestOptions = {}): Promise<SwitchEvent> {
    const { timeoutMs = Number.POSITIVE_INFINITY, ...others } = options
    const wait = this.#line.wait('execute', { ...others, timeoutMs })
    const eventUuid = randomUUID()
    const headers = executeHeaders(app, arg, { eventUuid })
    if (this.#end !== undefined) throw this.#end
    const done = new Promise<SwitchEvent>((resolve, reject) => {
      this.#executions.set(eventUuid, { resolve, reject })
    })
    done.catch(() => undefined) // sendMsg may tell first
    try {
      const whole = this.#run(headers, others, done)
      return await limited(whole, wait, `${app} of ${this.uuid} was not done`)
    } finally {
      this.#executions.delete(eventUuid)
    }
  }

  /** Answers the call; resolves when that is done. Errors: as `execute`. */
  answer(options?: RequestOptions): Promise<SwitchEvent> {
    return this.execute('answer', undefined, options)
  }

  /** Plays a file, a tone or whatever else `playback` can play. */
  playback(file: string, options?: RequestOptions): Promise<SwitchEvent> {
    return this.execute('playback', file, options)
  }

  /** Connects the call with others; done when they are apart again. */
  bridge(to: string | readonly string[], options?: RequestOptions): Promise<SwitchEvent> {
    return this.execute('bridge', bridgeArgument(to), options)
  }

  /** Sets a variable of the channel. */
  set(
    name: string,
    value: string | number | boolean,
    options?: RequestOptions,
  ): Promise<SwitchEvent> {
    return this.execute('set', setArgument(name, value), options)
  }

  /** Hangs up; resolves when FreeSWITCH has taken the command. */
  hangup(cause?: HangupCause | number, options: RequestOptions = {}): Promise<void> {
    return this.sendMsg(hangupHeaders(cause), options)
  }

  /** A command to the channel. Errors: as `FreeSwitch.sendMsg`. */
  sendMsg(headers: HeadersInput, options: RequestOptions = {}): Promise<void> {
    return this.#line.sendMsg(this.uuid, headers, options)
  }

  /**
   * Chooses the events that come, of all that are about the call; at first that is every one.
   * Without names and subclasses none come.
   *
   * Errors: ERR_ERL_REMOTE `notlistening` for calls of a registered name, whose events cannot be
   *         chosen.
   */
  async subscribe(
    events: { readonly names?: readonly EventName[]; readonly subclasses?: readonly string[] } = {},
    options: RequestOptions = {},
  ): Promise<void> {
    const wait = this.#line.wait('subscribe', options)
    const isNone = events.names === undefined && events.subclasses === undefined
    const { wish } = isNone
      ? { wish: new EventWish(new Set(), new Set()) }
      : resolveEvents('subscribe', events, this.#line.queueLimit)
    if (this.#end !== undefined) throw this.#end
    // `execute` needs these, whatever the reader wants.
    const told = EventWish.union([wish, new EventWish(new Set([completion]), new Set())])
    // FreeSWITCH refuses session_setevent with ALL.
    const command = wish.isAll ? 'session_event' : 'session_setevent'
    const asked = `${command} of ${this.#line.peer}`
    const answer = await this.#line.ask?.(told.toTerm(command), asked, wait)
    if (answer === undefined) throw notListening(asked)
    readOk(answer as never, asked)
    this.#wish = wish.isAll ? undefined : wish
  }

  /**
   * Gives the call back: FreeSWITCH goes on with its dialplan, and no more events come. Calls of a
   * registered name stay parked, since FreeSWITCH does not notice. Safe twice.
   */
  release(): void {
    this.over(new ErlangError('ERR_ERL_CLOSED', `the call ${this.uuid} has been given back`), false)
  }

  /** As `close`, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.release()
  }

  /** @internal Whether an error says no more than that the call is over. */
  isOwnEnd(error: unknown): boolean {
    return this.#end !== undefined && error === this.#end
  }

  /** @internal The call has come once more, perhaps with other data. */
  renewed(data: SwitchEvent): void {
    this.#data = data
  }

  /** @internal */
  event(event: SwitchEvent): void {
    if (this.#end !== undefined) return
    if (event.name === completion) {
      this.#executions.get(event.get('Application-UUID') ?? '')?.resolve(event)
    }
    if (this.#wish === undefined || this.#wish.wants(event)) this.#events.push(event)
  }

  /** @internal `call_hangup`. */
  hungUp(): void {
    this.over(new ErlangError('ERR_ERL_CLOSED', `the call ${this.uuid} has been hung up`), false)
  }

  /** @internal Nothing more comes; with `isLoss` the reader is thrown the error. */
  over(error: ErlangError, isLoss: boolean): void {
    if (this.#end !== undefined) return
    this.#end = error
    for (const { reject } of this.#executions.values()) reject(error)
    this.#executions.clear()
    if (isLoss) this.#events.fail(error)
    else this.#events.end()
    this.#line.released()
  }

  async #run(
    headers: HeadersInput,
    options: RequestOptions,
    done: Promise<SwitchEvent>,
  ): Promise<SwitchEvent> {
    await this.sendMsg(headers, options)
    return await done
  }
}

function notListening(asked: string): ErlangError {
  const message = `${asked} is for calls of a process of their own: name:!, mod:fun or handleCall`
  return new ErlangError('ERR_ERL_REMOTE', message, { reason: 'notlistening' })
}
