import { outOfRange } from '../../errors.js'
import { atom } from '../../term/atom.js'
import { isTagged, isTuple, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { checkCText, checkLatin1Atom, checkWord } from './checks.js'
import type { SwitchConnection } from './connection.js'
import { type RequestOptions, type RequestWait, resolveRequest } from './options.js'
import { refusalOf } from './reply.js'
import type { Kept, Upkeep } from './upkeep.js'

/**
 * The filters that the switch applies to all events of this connection. They are set again after a
 * lost connection.
 *
 * A filter's value is compared without regard to case; `/pattern/` and `/pattern/i` are patterns, and
 * a value with `-` before it keeps out what is equal to it.
 */
export class ServerFilters implements Kept {
  readonly #connection: SwitchConnection
  readonly #upkeep: Upkeep
  #filters: (readonly [header: string, value: string])[] = []
  #isTold = true

  /** @internal */
  constructor(connection: SwitchConnection, upkeep: Upkeep) {
    this.#connection = connection
    this.#upkeep = upkeep
    connection.listen({
      lost: () => {
        this.#isTold = this.#filters.length === 0
      },
    })
  }

  /** @internal */
  get isWanted(): boolean {
    return this.#filters.length > 0
  }

  /** Those that have been added and not been removed. */
  get all(): readonly (readonly [header: string, value: string])[] {
    return this.#filters
  }

  /** Adds a filter. Errors: RangeError for an empty value, at which FreeSWITCH would crash. */
  async add(header: string, value: string, options: RequestOptions = {}): Promise<void> {
    const text = `add ${checkHeader(header)} ${checkValue(value)}`
    await this.#tell('added', [text], resolveRequest('add', options, this.#connection.options))
    this.#filters = [...this.#filters, [header, value]]
    if (this.#filters.length === 1) await this.#upkeep.add(this)
  }

  /** Removes the filters of a header, or those of them that have this very value. */
  async remove(header: string, value?: string, options: RequestOptions = {}): Promise<void> {
    const suffix = value === undefined ? '' : ` ${checkValue(value)}`
    const text = `delete ${checkHeader(header)}${suffix}`
    await this.#tell('deleted', [text], resolveRequest('remove', options, this.#connection.options))
    const name = header.toLowerCase()
    const isRemoved = ([key, other]: readonly [string, string]): boolean =>
      key.toLowerCase() === name && (value === undefined || other === value)
    this.#kept(this.#filters.filter((filter) => !isRemoved(filter)))
  }

  /** Removes all filters of this connection. */
  async clear(options: RequestOptions = {}): Promise<void> {
    const wait = resolveRequest('clear', options, this.#connection.options)
    await this.#tell('deleted', ['delete all'], wait)
    this.#kept([])
  }

  /** @internal */
  async sync(): Promise<void> {
    if (this.#isTold || this.#filters.length === 0) return
    const texts = this.#filters.map(([header, value]) => `add ${header} ${value}`)
    await this.#tell('added', texts, this.#upkeep.wait())
    this.#isTold = true
  }

  #kept(filters: (readonly [header: string, value: string])[]): void {
    this.#filters = filters
    if (filters.length === 0) this.#upkeep.remove(this)
  }

  /** `{filter, Atom, …}`; answered by `{filter_command_processing_log, [{Done, Header, Value}]}`. */
  async #tell(done: string, texts: readonly string[], wait: RequestWait): Promise<void> {
    const asked = `filter of ${this.#connection.peer}`
    const atoms = texts.map((text) => atom(checkLatin1Atom('header and value', text)))
    const answer = await this.#connection.ask(tuple(atom('filter'), ...atoms), asked, wait)
    if (!isLog(answer) || answer[1].length !== texts.length || !answer[1].every(isItem)) {
      throw refusalOf(answer, `${done} ${asked}`)
    }
  }
}

function isLog(answer: Term): answer is Term & { readonly 1: Term[] } {
  return isTagged(answer, 'filter_command_processing_log', 2) && Array.isArray(answer[1])
}

/** What could not be read is an atom, `-ERR invalid syntax`. */
function isItem(item: Term): boolean {
  return isTuple(item, 3)
}

function checkHeader(header: string): string {
  const name = checkWord('header', header)
  if (/^(all|add|delete)$/i.test(name)) {
    throw outOfRange('header', "no word of FreeSWITCH's own: all, add, delete", name)
  }
  return name
}

function checkValue(value: string): string {
  const text = checkCText('value', value)
  if (text.trim() === '') throw outOfRange('value', 'a string that is not blank', value)
  return text
}
