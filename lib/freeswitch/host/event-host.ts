import { checkFunction, checkText } from '../../node/validate.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import type { SwitchEvent } from '../protocol/switch-event.js'
import type { ApiFunction, ApiOutcome } from './api-table.js'
import type { NewEvent } from './events/event-factory.js'
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

  constructor(node: ErlangNode, options: EventHostOptions = {}) {
    this.#core = new HostCore(node, resolveHostOptions(options))
  }

  /**
   * Adds an API command: `{api, Name, Arguments}` and `{bgapi, Name, Arguments}` run it. What it
   * throws is told in the log, and to whoever asked as if there were no such command.
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

  /** Takes the host off its node, which goes on. Safe twice. */
  close(): void {
    this.#core.close()
  }
}
