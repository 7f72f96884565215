import { atomName } from '../../../node/atom-name.js'
import { atom } from '../../../term/atom.js'
import type { Term, TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import type { SwitchEvent } from '../../protocol/switch-event.js'
import { type TextEncoding, writeText } from '../../protocol/text.js'
import { FilterPattern, readPattern } from './filter-pattern.js'

/** More would make every event slow for all. */
const maxFilters = 1_000

/** One filter, taken apart. */
interface Filter {
  readonly header: string
  /** As it was given: `delete` compares with it. */
  readonly value: string
  readonly isNegative: boolean
  /** What the header must be; undefined when only a sign was given. */
  readonly wanted: string | FilterPattern | undefined
}

const invalidSyntax = atom('-ERR invalid syntax')

/**
 * The filters of one event handler. An event passes when every filter whose header it has is
 * content; one whose header it lacks has no say.
 *
 * Source: mod_erlang_event, handle_msg.c, handle_msg_filter; seed-systems 2.6.
 */
export class Filters {
  #filters: Filter[] = []

  get size(): number {
    return this.#filters.length
  }

  /**
   * Carries out `{filter, …}`: each element is an atom `[add |delete ]Header[ Value]`.
   *
   * Returns: the list of what came of each: `{"added" | "deleted", Header, Value}` or the atom
   *          `'-ERR invalid syntax'`.
   */
  apply(elements: readonly Term[], encoding: TextEncoding): TermInput[] {
    return elements.map((element) => {
      const text = atomName(element)
      const done = text === undefined ? undefined : this.#applyOne(text)
      if (done === undefined) return invalidSyntax
      return tuple(...done.map((part) => writeText(part, encoding)))
    })
  }

  passes(event: SwitchEvent): boolean {
    for (const filter of this.#filters) {
      const header = event.get(filter.header)
      if (header === undefined) continue
      if (matches(filter, header) === filter.isNegative) return false
    }
    return true
  }

  #applyOne(text: string): readonly string[] | undefined {
    const [, keyword = '', rest = ''] = /^(add |delete )?(.*)$/is.exec(text) ?? []
    const { header, value } = split(rest)
    if (keyword.toLowerCase() === 'delete ') {
      if (header === '') return undefined
      this.#delete(header, value ?? '')
      return ['deleted', header, value ?? '']
    }
    if (header === '' || value === undefined || this.size >= maxFilters) return undefined
    this.#filters.push(makeFilter(header, value))
    return ['added', header, value]
  }

  #delete(header: string, value: string): void {
    const name = header.toLowerCase()
    if (name === 'all') this.#filters = []
    this.#filters = this.#filters.filter(
      (filter) => filter.header.toLowerCase() !== name || (value !== '' && filter.value !== value),
    )
  }
}

/** A blank in front makes FreeSWITCH take all of it for the header and for the value. */
function split(text: string): { readonly header: string; readonly value: string | undefined } {
  if (text.startsWith(' ')) {
    const whole = text.trimStart()
    return { header: whole, value: whole }
  }
  const at = text.indexOf(' ')
  return at < 0
    ? { header: text, value: undefined }
    : { header: text.slice(0, at), value: text.slice(at + 1) }
}

/** The last sign counts; signs do not combine with a pattern. */
function makeFilter(header: string, value: string): Filter {
  const pattern = readPattern(value)
  if (pattern !== undefined) return { header, value, isNegative: false, wanted: pattern }
  const [signs = ''] = /^[-+ ]*/.exec(value) ?? []
  const lastSign = signs.replaceAll(' ', '').at(-1)
  const wanted = value.slice(signs.length).toLowerCase()
  return {
    header,
    value,
    isNegative: lastSign === '-',
    wanted: wanted === '' ? undefined : wanted,
  }
}

function matches({ wanted }: Filter, header: string): boolean {
  if (wanted === undefined) return true
  if (wanted instanceof FilterPattern) return wanted.matches(header)
  return header.length === wanted.length && header.toLowerCase() === wanted
}
