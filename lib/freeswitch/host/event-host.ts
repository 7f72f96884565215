import { checkFunction, checkText } from '../../node/validate.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import type { ApiFunction } from './api-table.js'
import { HostCore } from './host-core.js'
import { type EventHostOptions, resolveHostOptions } from './options.js'

/**
 * Makes a program answer Erlang nodes as FreeSWITCH's `mod_erlang_event` does.
 *
 * ```ts
 * const host = new EventHost(node)
 * host.api('status', () => 'UP\n')
 * ```
 */
export class EventHost {
  readonly #core: HostCore

  constructor(node: ErlangNode, options: EventHostOptions = {}) {
    this.#core = new HostCore(node, resolveHostOptions(options))
  }

  /** Adds an API command: `{api, Name, Arguments}` and `{bgapi, Name, Arguments}` run it. */
  api(name: string, run: ApiFunction): this {
    checkFunction('run', run)
    this.#core.apis.add(checkText('name', name), run)
    return this
  }

  /** Takes the host off its node, which goes on. Safe twice. */
  close(): void {
    this.#core.close()
  }
}
