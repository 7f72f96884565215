import { EventEmitter } from 'node:events'
import { checkChoice, checkFunction, checkTimeout } from '../../base/validate.js'
import { ErlangError } from '../../errors.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { type Atom, atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { HangupCause } from '../protocol/hangup-causes.js'
import type { HeadersInput } from '../protocol/headers-input.js'
import { type FetchSection, fetchSections } from '../protocol/sections.js'
import { byteString } from '../protocol/text.js'
import { CallDesk, type OnCall, type Registration } from './call-desk.js'
import { parseCallTarget } from './call-names.js'
import { checkLatin1Atom, checkUuid } from './checks.js'
import { SwitchConnection } from './connection.js'
import { EventHub, type EventStream } from './event-hub.js'
import { type EventOptions, resolveEvents } from './event-wish.js'
import { FetchBinding, type FetchFunction, type Lookup } from './fetch.js'
import type { HandledCall } from './handled-call.js'
import { type BackgroundJob, startJob } from './job.js'
import { LogHub, type LogOptions, type LogStream, resolveLogs } from './log-hub.js'
import {
  apiMessage,
  bridgeArgument,
  commandMessage,
  type ExecuteOptions,
  eventMessage,
  executeHeaders,
  executeOptionNames,
  hangupHeaders,
  type SentEvent,
  setArgument,
} from './messages.js'
import {
  type FreeSwitchOptions,
  noOptions,
  type RequestOptions,
  requestOptionNames,
  resolveClientOptions,
  resolveRequest,
} from './options.js'
import { type Asked, readOk, readOkText, refusalOf } from './reply.js'
import { ServerFilters } from './server-filters.js'
import { Upkeep } from './upkeep.js'

/** The events of a client. None is named `error`, which Node would throw when nobody listens. */
export interface FreeSwitchEvents {
  /** The switch is connected. */
  up: []
  /** The connection to the switch is lost. */
  down: [error: ErlangError]
  /** Readers and handlers are registered again after a loss. */
  restored: []
  /** Registering again has failed; it will be tried once more after a pause. */
  restoreFailed: [error: unknown]
  /** The switch did not take the answer to a lookup: `invalid_uuid` is that it came too late. */
  fetchFailed: [error: unknown, request: Lookup]
  /** A handler of calls or of a section threw. Without a listener it is thrown on the next tick. */
  handlerError: [error: unknown]
}

export interface BackgroundOptions extends RequestOptions {
  /** How long the result may take after the job has been accepted; for ever by default. */
  readonly resultTimeoutMs?: number
}

/**
 * Drives a FreeSWITCH by its `mod_erlang_event`, or an `EventHost`.
 *
 * ```ts
 * const fs = new FreeSwitch(node, 'freeswitch@host')
 * await fs.api('status')
 * for await (const event of fs.events({ names: ['CHANNEL_ANSWER'] })) console.log(event.uuid)
 * ```
 *
 * What FreeSWITCH refuses is ERR_ERL_REMOTE: its `reason` is a string where FreeSWITCH gave text
 * (`-ERR No such channel!\n`), and an atom where it gave one (`badarg`, `nosession`). Besides, every
 * request may fail with ERR_ERL_TIMEOUT, `signal.reason`, ERR_ERL_NOCONNECTION and the errors of
 * connecting, ERR_ERL_REFUSED (an access list of the switch), and ERR_ERL_CLOSED.
 *
 * FreeSWITCH deals with the messages of one node one after the other: a slow `api` command holds up
 * all that comes after it, `bgapi` does not.
 */
export class FreeSwitch extends EventEmitter<FreeSwitchEvents> implements AsyncDisposable {
  readonly #connection: SwitchConnection
  readonly #upkeep: Upkeep
  readonly #events: EventHub
  readonly #logs: LogHub
  readonly #filters: ServerFilters
  readonly #bindings = new Set<FetchBinding>()
  readonly #calls: CallDesk

  /** Errors: TypeError and RangeError that name argument, rule and value. */
  constructor(node: ErlangNode, peer: string | Atom, options: FreeSwitchOptions = {}) {
    super()
    const connection = new SwitchConnection(node, peer, resolveClientOptions(options))
    this.#connection = connection
    node.once('close', this.#nodeClosed)
    connection.listen({
      connected: () => this.#tell('up'),
      lost: (error) => this.#tell('down', error),
    })
    this.#upkeep = new Upkeep(connection, {
      restored: () => this.#tell('restored'),
      restoreFailed: (error) => this.#tell('restoreFailed', error),
    })
    this.#events = new EventHub(connection, this.#upkeep)
    this.#logs = new LogHub(connection, this.#upkeep)
    this.#filters = new ServerFilters(connection, this.#upkeep)
    this.#calls = new CallDesk(
      connection,
      (uuid, headers, given) => this.sendMsg(uuid, headers, given),
      this.#failed,
    )
  }

  /** The name of the switch's node. */
  get peer(): string {
    return this.#connection.peer
  }

  /** Whether the switch is connected. */
  get isUp(): boolean {
    return this.#connection.isUp
  }

  /**
   * Runs an API command, as `fs_cli` does, and gives what it prints.
   *
   * Errors: ERR_ERL_REMOTE with what it printed as `reason`: when that begins with `-`, is nothing,
   *         or when FreeSWITCH has no such command.
   */
  async api(command: string, args = '', options: RequestOptions = noOptions): Promise<string> {
    const asked = `api ${command} of ${this.peer}`
    const answer = await this.#ask('api', apiMessage('api', command, args), options, asked)
    return readOkText(answer, asked)
  }

  /**
   * Runs an API command in the background: resolves when FreeSWITCH has accepted it.
   *
   * Errors: those of the command come with `result`.
   */
  async bgapi(command: string, args = '', options: BackgroundOptions = {}): Promise<BackgroundJob> {
    const { resultTimeoutMs = Number.POSITIVE_INFINITY } = options
    checkTimeout('resultTimeoutMs', resultTimeoutMs)
    const names = [...requestOptionNames, 'resultTimeoutMs']
    const wait = resolveRequest('bgapi', options, this.#connection.options, names)
    const message = apiMessage('bgapi', command, args)
    const asked = `bgapi ${command} of ${this.peer}`
    return await startJob(this.#connection, message, asked, wait, resultTimeoutMs)
  }

  /**
   * Events as they come: `for await (const event of fs.events({ names: ['HEARTBEAT'] }))`.
   *
   * FreeSWITCH has one subscription for each connection, so it is told what all readers of this client
   * together want, and each reader gets what it asked for, filtered here. Two clients of one switch on
   * one node would take each other's events: share one. When the last reader closes, the
   * subscription is taken back. After a lost connection a reader goes on; `onGap` tells where.
   *
   * Errors: in the loop, what subscribing fails with; `signal.reason`.
   */
  events(options: EventOptions = {}): EventStream {
    const { queueLimit } = this.#connection.options
    const { wish, stream } = resolveEvents('events', options, queueLimit)
    this.#connection.checkOpen()
    return this.#events.open(wish, stream)
  }

  /** Lines of the log as they come. Everything else as with `events`. */
  logs(options: LogOptions = {}): LogStream {
    const { level, stream } = resolveLogs(options, this.#connection.options.queueLimit)
    this.#connection.checkOpen()
    return this.#logs.open(level, stream)
  }

  /**
   * The filters of the switch, which spare the network what nobody wants. They hold for every reader
   * of this connection: an event must pass all whose header it has, though not those whose it has not.
   * For one reader alone there is the `filter` of `events`.
   */
  get filters(): ServerFilters {
    return this.#filters
  }

  /** Fires an event in the switch. Errors: RangeError for names that FreeSWITCH does not know. */
  async sendEvent(event: SentEvent, options: RequestOptions = noOptions): Promise<void> {
    const message = eventMessage(event)
    const asked = `sendEvent ${event.name} of ${this.peer}`
    readOk(await this.#ask('sendEvent', message, options, asked), asked)
  }

  /**
   * Sends a command to a call. `call-command` says which: `execute`, `hangup`, `unicast`, `nomedia`,
   * `xferext`; it resolves when the command is queued.
   *
   * Errors: ERR_ERL_REMOTE `nosession` when there is no such call.
   */
  async sendMsg(
    uuid: string,
    headers: HeadersInput,
    options: RequestOptions = noOptions,
  ): Promise<void> {
    const message = commandMessage(uuid, headers)
    const asked = `sendMsg ${uuid} of ${this.peer}`
    readOk(await this.#ask('sendMsg', message, options, asked), asked)
  }

  /** Runs an application on a call; resolves when the command is queued. Errors: as `sendMsg`. */
  async execute(
    uuid: string,
    app: string,
    arg?: string,
    options: ExecuteOptions & RequestOptions = {},
  ): Promise<void> {
    const { eventUuid: _id, loops: _loops, lock: _lock, ...others } = options
    const names = [...requestOptionNames, ...executeOptionNames]
    resolveRequest('execute', options, this.#connection.options, names)
    await this.sendMsg(uuid, executeHeaders(app, arg, options), others)
  }

  /** Hangs a call up. Errors: RangeError for an unknown cause; as `sendMsg`. */
  async hangup(
    uuid: string,
    cause?: HangupCause | number,
    options?: RequestOptions,
  ): Promise<void> {
    await this.sendMsg(uuid, hangupHeaders(cause), options)
  }

  /** Answers a call that rings. Errors: as `execute`. */
  answer(uuid: string, options?: RequestOptions): Promise<void> {
    return this.execute(uuid, 'answer', undefined, options)
  }

  /** Parks a call, away from the dialplan. Errors: as `execute`. */
  park(uuid: string, options?: RequestOptions): Promise<void> {
    return this.execute(uuid, 'park', undefined, options)
  }

  /** Plays a file, a tone or whatever else `playback` can play. */
  playback(uuid: string, file: string, options?: RequestOptions): Promise<void> {
    return this.execute(uuid, 'playback', file, options)
  }

  /** Connects a call with others. */
  async bridge(
    uuid: string,
    to: string | readonly string[],
    options?: RequestOptions,
  ): Promise<void> {
    await this.execute(uuid, 'bridge', bridgeArgument(to), options)
  }

  /** Sets a variable of a call's channel. */
  async set(
    uuid: string,
    name: string,
    value: string | number | boolean,
    options?: RequestOptions,
  ): Promise<void> {
    await this.execute(uuid, 'set', setArgument(name, value), options)
  }

  /** Takes a call that the switch has. Errors: ERR_ERL_REMOTE `badsession` when there is none. */
  async handleCall(uuid: string, options: RequestOptions = noOptions): Promise<HandledCall> {
    checkUuid('uuid', uuid)
    const wait = resolveRequest('handleCall', options, this.#connection.options)
    this.#connection.checkOpen()
    return await this.#calls.handleCall(uuid, wait)
  }

  /**
   * Gives a call to a registered process of this node, such as a handler of `onCall`.
   *
   * Errors: ERR_ERL_REMOTE `badsession` when there is no such call.
   */
  async giveCall(uuid: string, name: string, options: RequestOptions = noOptions): Promise<void> {
    const to = atom(checkLatin1Atom('name', name))
    const message = tuple(atom('handlecall'), to, byteString(checkUuid('uuid', uuid)))
    const asked = `giveCall ${uuid} of ${this.peer}`
    readOk(await this.#ask('giveCall', message, options, asked), asked)
  }

  /**
   * Gets the calls that the dialplan gives to this node: `erlang` with the data `name node`,
   * `name:! node` or `module:function node`. The handler has the call until it returns; then, or when
   * it throws, the call is given back (`HandledCall.release`).
   *
   * With a bare `name` FreeSWITCH does not notice the end of the handler, and the call stays parked:
   * prefer `name:!`, which the same handler gets.
   *
   * Errors: RangeError when the name has a process already, or a handler for this switch.
   */
  onCall(name: string, handler: OnCall): Registration {
    const target = parseCallTarget('name', name)
    checkFunction('handler', handler)
    this.#connection.checkOpen()
    return this.#calls.onCall(target, handler)
  }

  /**
   * Answers the lookups of a section of the XML registry. There may be several for one section, of
   * which FreeSWITCH takes the first answer. What the function throws is "not found" to the switch,
   * and an event `handlerError` here.
   *
   * Errors: what binding fails with.
   */
  async fetchHandler(section: FetchSection, run: FetchFunction): Promise<Registration> {
    checkChoice('section', section, fetchSections)
    checkFunction('run', run)
    this.#connection.checkOpen()
    const binding = new FetchBinding(this.#connection, this.#upkeep, section, run, {
      failed: this.#failed,
      unanswered: (error, request) => this.#tell('fetchFailed', error, request),
    })
    const close = (): void => {
      this.#bindings.delete(binding)
      binding.close()
    }
    this.#bindings.add(binding)
    try {
      await this.#upkeep.add(binding)
    } catch (error) {
      close()
      throw error
    }
    return { close, [Symbol.asyncDispose]: async () => close() }
  }

  /** The pid of the switch. */
  async pid(options: RequestOptions = noOptions): Promise<Pid> {
    const asked = `pid getpid of ${this.peer}`
    const answer = await this.#ask('pid', atom('getpid'), options, asked)
    if (isTagged(answer, 'ok', 2) && Pid.is(answer[1])) return answer[1]
    throw refusalOf(answer, asked)
  }

  /**
   * Takes back all that the switch knows of this client: loops end, calls are given back, requests
   * reject with ERR_ERL_CLOSED. The connection of the node stays. Safe twice.
   */
  async close(): Promise<void> {
    if (this.#connection.isClosed) return
    this.#connection.node.off('close', this.#nodeClosed)
    this.#connection.close()
    this.#events.close()
    this.#logs.close()
    this.#calls.close()
    for (const binding of this.#bindings) binding.close()
    this.#bindings.clear()
  }

  /** As `close`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Errors, now: TypeError and RangeError for options. */
  #ask(method: string, message: TermInput, options: RequestOptions, asked: Asked): Promise<Term> {
    return this.#connection.ask(
      message,
      asked,
      resolveRequest(method, options, this.#connection.options),
    )
  }

  readonly #nodeClosed = (): void => void this.close()

  readonly #failed = (error: unknown): void => {
    // That the client has been closed is no news to whoever closed it.
    if (this.#connection.isClosed && isClosedError(error)) return
    if (this.listenerCount('handlerError') > 0) this.#tell('handlerError', error)
    else throwLater(error)
  }

  /** What a listener throws must not keep the client from its work. */
  #tell<Name extends keyof FreeSwitchEvents>(name: Name, ...values: FreeSwitchEvents[Name]): void {
    try {
      ;(this as EventEmitter).emit(name, ...values)
    } catch (error) {
      throwLater(error)
    }
  }
}

function isClosedError(error: unknown): boolean {
  return ErlangError.is(error) && error.code === 'ERR_ERL_CLOSED'
}

function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
