import { checkFunction, checkText } from '../../base/validate.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { atom } from '../../term/atom.js'
import { tuple } from '../../term/tuple.js'
import { checkNode } from '../protocol/check-node.js'
import type { FetchSection } from '../protocol/sections.js'
import type { SwitchEvent } from '../protocol/switch-event.js'
import { writeText } from '../protocol/text.js'
import type { ApiFunction, ApiOutcome } from './api-table.js'
import type { Call, CallOptions } from './calls/call.js'
import type { NewEvent } from './events/event-factory.js'
import type { FetchOutcome } from './fetch/fetch-answer.js'
import { type FetchRequest, readFetchRequest } from './fetch/fetch-request.js'
import { HostCore } from './host-core.js'
import type { NewLogLine } from './logs/log-line.js'
import { type EventHostOptions, resolveHostOptions } from './options.js'

/**
 * Makes a program answer Erlang nodes as FreeSWITCH's `mod_erlang_event` does.
 *
 * ```ts
 * const host = new EventHost(node)
 * host.api('status', () => 'UP\n')
 * host.emit({ name: 'CUSTOM', subclass: 'shop::order', headers: { Total: '9.50' } })
 * ```
 */
export class EventHost {
  readonly #core: HostCore

  /** Errors: TypeError and RangeError for options; RangeError for a node that has a host already. */
  constructor(node: ErlangNode, options: EventHostOptions = {}) {
    this.#core = new HostCore(checkNode(node), resolveHostOptions(options))
  }

  /**
   * Adds an API command: `{api, Name, Arguments}` and `{bgapi, Name, Arguments}` run it. When it throws,
   * whoever asked is told that there is no such command, as FreeSWITCH has it; the program hears of it
   * by the option `onHandlerError`.
   */
  api(name: string, run: ApiFunction): this {
    checkFunction('run', run)
    this.#core.apis.add(checkText('name', name), run)
    return this
  }

  /** Runs an API command, as the console of the switch does: `run('erlang', 'listeners')`. */
  async run(name: string, args = ''): Promise<ApiOutcome> {
    if (args !== '') checkText('args', args)
    return await this.#core.runApi(checkText('name', name), args, undefined)
  }

  /**
   * Fires an event: every event handler gets it that has subscribed to it, unless its filters keep
   * it away. Returns it with all its headers.
   *
   * Errors: TypeError and RangeError, for a name that FreeSWITCH does not have, and for headers that
   *         are no text.
   */
  emit(event: NewEvent): SwitchEvent {
    const made = this.#core.factory.create(event)
    this.#core.events.fire(made)
    return made
  }

  /** Writes a line of the log: log handlers get it down to their level. */
  log(line: NewLogLine): void {
    this.#core.logs.log(line)
  }

  /**
   * Adds a channel of the switch: Erlang processes can attach to it with `handlecall`, and send it
   * commands with `sendmsg`; events that carry its id go to those who handle it.
   *
   * Errors: TypeError for bad options, RangeError for an id that another call has.
   */
  call(uuid: string, options: CallOptions = {}): Call {
    return this.#core.calls.create(uuid, options)
  }

  /** The call of that id, until it has ended. */
  callOf(uuid: string): Call | undefined {
    return this.#core.calls.get(uuid)
  }

  /**
   * The application `erlang_sendmsg` of the dialplan: sends `{freeswitch_sendmsg, Text}` to a
   * registered name, dialling its node if need be. Errors: as `send` of the node.
   */
  async sendMessage(name: string, node: string, text: string): Promise<void> {
    const to = { name: checkText('name', name), node: checkText('node', node) }
    const { process, options } = this.#core
    const body = writeText(checkText('text', text), options.encoding)
    await process.send(to, tuple(atom('freeswitch_sendmsg'), body))
  }

  /**
   * Looks XML up at the processes that are bound to the section. Undefined when nobody is, nobody
   * answers in time, or the first answer says `not found`, or is no XML.
   *
   * Errors: TypeError and RangeError for a section that cannot be bound, and for what is no text.
   */
  async fetch(section: FetchSection, request: FetchRequest = {}): Promise<string | undefined> {
    const outcome = await this.fetchOutcome(section, request)
    return outcome.kind === 'found' ? outcome.xml : undefined
  }

  /** As `fetch`; tells who answered, or why nothing was found. */
  async fetchOutcome(section: FetchSection, request: FetchRequest = {}): Promise<FetchOutcome> {
    return this.#core.fetches.ask(readFetchRequest(this.#core, section, request))
  }

  /**
   * Takes the host off its node, which goes on: calls and lookups end, and handlers that keep up get
   * what was fired before. `stop` of the node does that too. Events and log lines that come after go
   * nowhere, and `call` throws ERR_ERL_CLOSED. Safe twice.
   */
  close(): void {
    this.#core.close()
  }
}
