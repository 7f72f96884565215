import { type EncodeOptions, encode } from '../../index.js'
import { atom } from '../../term/atom.js'
import { RawTerm } from '../../term/raw.js'
import { isTagged, isTuple, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { type EventName, eventNameOf } from './event-names.js'
import type { KnownHeader } from './known-headers.js'
import { readSentText, type TextEncoding, wellFormed } from './text.js'

/** One header. A name may come more than once; whoever looks it up gets the first. */
export type Header = readonly [name: string, value: string]

/** How events are written. */
export interface EventForm {
  readonly encoding: TextEncoding
  /** `'list'`: the id in front, as FreeSWITCH has it. `'proplist'`: nothing but pairs. */
  readonly eventShape: 'list' | 'proplist'
}

const asByteLists: EncodeOptions = { strings: 'byteLists' }
const asBinaries: EncodeOptions = { strings: 'binaries' }
const eventTag = atom('event')
const undefinedAtom = atom('undefined')
const bodyName = 'body'
/** From then on it pays to make an index: filters of many handlers look at one event. */
const lookupsByScan = 8
const variablePrefix = 'variable_'
const arrayPrefix = 'ARRAY::'
const arraySeparator = '|:'

/** `ARRAY::a|:b`, as FreeSWITCH writes a header of several values. */
export function joinArray(values: readonly string[]): string {
  return arrayPrefix + values.join(arraySeparator)
}

function splitArray(value: string): string[] {
  return value.startsWith(arrayPrefix)
    ? value.slice(arrayPrefix.length).split(arraySeparator)
    : [value]
}

/**
 * An event of FreeSWITCH, a value: headers in order, and perhaps a body.
 *
 * Shape: `{event, [Id, {Name, Value}, …, {"body", Body}]}`, Id being the text of Unique-ID or the
 *        atom `undefined`; text as the listener's encoding says.
 */
export class SwitchEvent {
  readonly headers: readonly Header[]
  readonly body: string | undefined
  #type: EventName | null | undefined
  #encoded: RawTerm | undefined
  /** Headers by their names in lower case, once many have been looked up. */
  #byName: ReadonlyMap<string, string> | undefined
  #lookups = 0
  #form: EventForm | undefined

  /** `type` is needed where the first Event-Name is not the event's own. */
  constructor(headers: readonly Header[], body?: string, type?: EventName) {
    this.headers = headers
    this.body = body
    this.#type = type
  }

  /**
   * Which event it is to subscriptions. That may differ from `name`: FreeSWITCH sends some commands
   * on as other events, with a second Event-Name that is the type.
   */
  get type(): EventName | undefined {
    if (this.#type === undefined) this.#type = eventNameOf(this.name ?? '') ?? null
    return this.#type ?? undefined
  }

  /** The first header of that name, in any case. */
  get(name: KnownHeader | (string & {})): string | undefined {
    const wanted = name.toLowerCase()
    if (this.#byName !== undefined) return this.#byName.get(wanted)
    this.#lookups += 1
    if (this.#lookups > lookupsByScan) return this.#index().get(wanted)
    return this.headers.find(
      ([key]) => key.length === name.length && key.toLowerCase() === wanted,
    )?.[1]
  }

  #index(): ReadonlyMap<string, string> {
    const byName = new Map<string, string>()
    for (const [key, value] of this.headers) {
      const name = key.toLowerCase()
      if (!byName.has(name)) byName.set(name, value)
    }
    this.#byName = byName
    return byName
  }

  /** The values of every header of that name, in any case, in order. */
  getAll(name: KnownHeader | (string & {})): string[] {
    const wanted = name.toLowerCase()
    return this.headers
      .filter(([key]) => key.length === name.length && key.toLowerCase() === wanted)
      .map(([, value]) => value)
  }

  /** The parts of a multi-valued header (`ARRAY::a|:b`); of any other its one value. */
  values(name: KnownHeader | (string & {})): string[] {
    const value = this.get(name)
    return value === undefined ? [] : splitArray(value)
  }

  /** A variable of the channel: the header `variable_…`. */
  variable(name: string): string | undefined {
    return this.get(`variable_${name}`)
  }

  /** The variables of the channel. Of two with one name the first counts. */
  get variables(): ReadonlyMap<string, string> {
    const variables = new Map<string, string>()
    for (const [key, value] of this.headers) {
      if (!key.startsWith(variablePrefix)) continue
      const name = key.slice(variablePrefix.length)
      if (!variables.has(name)) variables.set(name, value)
    }
    return variables
  }

  /** When it happened: Event-Date-Timestamp, to the millisecond. */
  get date(): Date | undefined {
    const microseconds = Number(this.get('Event-Date-Timestamp') ?? Number.NaN)
    return Number.isFinite(microseconds) ? new Date(microseconds / 1000) : undefined
  }

  /** `Event-Name`: `CHANNEL_ANSWER`, `CUSTOM`. See `subclass` for the latter. */
  get name(): string | undefined {
    return this.get('Event-Name')
  }

  /** `Event-Subclass`, which says what kind of `CUSTOM` event it is. */
  get subclass(): string | undefined {
    return this.get('Event-Subclass')
  }

  /** The channel that it is about. */
  get uuid(): string | undefined {
    return this.get('Unique-ID')
  }

  /** `{event, …}`, encoded once for all who want it in the same form. */
  encoded(form: EventForm): RawTerm {
    if (this.#encoded === undefined || this.#form !== form) {
      this.#encoded = encodedText((as) => tuple(eventTag, this.#list(as, form)), form)
      this.#form = form
    }
    return this.#encoded
  }

  /** The list in it, which is also what parameters of a fetch are. */
  encodedList(form: EventForm): RawTerm {
    return encodedText((as) => this.#list(as, form), form)
  }

  #list(as: (text: string) => string, { eventShape }: EventForm): TermInput[] {
    const { uuid, body } = this
    const list: TermInput[] = []
    if (eventShape === 'list') list.push(uuid === undefined ? undefinedAtom : as(uuid))
    for (const [name, value] of this.headers) list.push(tuple(as(name), as(value)))
    if (body !== undefined) list.push(tuple(bodyName, as(body)))
    return list
  }

  /** Undefined for what is no event. Elements that are no pairs of text are passed over. */
  static fromTerm(term: Term): SwitchEvent | undefined {
    return isTagged(term, 'event', 2) ? SwitchEvent.fromList(term[1]) : undefined
  }

  /** Reads the list of an `{event, List}`; undefined when it is none. */
  static fromList(list: Term): SwitchEvent | undefined {
    if (!Array.isArray(list)) return undefined
    const headers: Header[] = []
    let body: string | undefined
    for (const element of list) {
      // The id in front is none.
      if (!isTuple(element, 2)) continue
      const name = readSentText(element[0])
      const value = readSentText(element[1])
      if (name === undefined || value === undefined) continue
      // A header of that name and the body look alike; the body comes last.
      if (name === bodyName && element === list.at(-1)) body = value
      else headers.push([name, value])
    }
    return new SwitchEvent(headers, body)
  }
}

/** A term of texts, encoded. Most are well-formed, and asking each of them costs as much again. */
function encodedText(
  make: (as: (text: string) => string) => TermInput,
  { encoding }: EventForm,
): RawTerm {
  const options = encoding === 'string' ? asByteLists : asBinaries
  try {
    return encodedTerm(
      make((text) => text),
      options,
    )
  } catch {
    return encodedTerm(make(wellFormed), options)
  }
}

function encodedTerm(term: TermInput, options: EncodeOptions): RawTerm {
  return new RawTerm(encode(term, options).subarray(1))
}
