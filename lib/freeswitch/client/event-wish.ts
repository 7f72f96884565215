import { checkNames, checkObject, checkSignal } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import { atom } from '../../term/atom.js'
import type { TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { type EventName, eventNames } from '../protocol/event-names.js'
import type { SwitchEvent } from '../protocol/switch-event.js'
import { checkLatin1Atom } from './checks.js'
import { checkQueueLimit } from './options.js'
import type { Gap, StreamOptions } from './stream.js'

/** What a header must be: one of these texts, or match. */
export type HeaderFilter = string | RegExp | readonly (string | RegExp)[]

/**
 * Headers that an event must have, each with one of its values; or a function that says whether the
 * event is wanted.
 */
export type EventFilter = Readonly<Record<string, HeaderFilter>> | ((event: SwitchEvent) => boolean)

/** Which events are wanted. Without names and subclasses: all of them. */
export interface EventOptions {
  /** `'ALL'` for all; `'CUSTOM'` for those without subclass. */
  readonly names?: readonly EventName[]
  /** Of CUSTOM events, those with one of these subclasses; upper and lower case differ. */
  readonly subclasses?: readonly string[]
  /** Looked at here, so that it is this reader's own affair. */
  readonly filter?: EventFilter
  /** Closes the stream when it aborts. */
  readonly signal?: AbortSignal
  /** Events that may wait; the client's by default. */
  readonly queueLimit?: number
  /** Told where events are missing: after a lost connection, or when too many were waiting. */
  readonly onGap?: (gap: Gap) => void
}

const eventOptionNames = ['names', 'subclasses', 'filter', 'signal', 'queueLimit', 'onGap']

const byUpperCase = new Map<string, EventName>(eventNames.map((name) => [name, name]))

/** The events that a reader wants, or that several together want. */
export class EventWish {
  readonly names: ReadonlySet<EventName>
  readonly subclasses: ReadonlySet<string>
  readonly #filter: ((event: SwitchEvent) => boolean) | undefined

  constructor(
    names: ReadonlySet<EventName>,
    subclasses: ReadonlySet<string>,
    filter?: (event: SwitchEvent) => boolean,
  ) {
    this.names = names
    this.subclasses = subclasses
    this.#filter = filter
  }

  /** Everything that at least one of them wants, without their filters. */
  static union(wishes: Iterable<EventWish>): EventWish {
    const names = new Set<EventName>()
    const subclasses = new Set<string>()
    for (const wish of wishes) {
      for (const name of wish.names) names.add(name)
      for (const subclass of wish.subclasses) subclasses.add(subclass)
    }
    return new EventWish(names, subclasses)
  }

  get isAll(): boolean {
    return this.names.has('ALL')
  }

  /** Of two Event-Names of an event FreeSWITCH itself goes by one or the other: either will do. */
  wants(event: SwitchEvent): boolean {
    return this.#isNamed(event) && (this.#filter === undefined || this.#filter(event))
  }

  /** Whether FreeSWITCH, told of `other`, sends everything that is in this. */
  isWithin(other: EventWish): boolean {
    if (other.isAll) return true
    return (
      Array.from(this.names).every((name) => other.names.has(name)) &&
      Array.from(this.subclasses).every((subclass) => other.subclasses.has(subclass))
    )
  }

  equals(other: EventWish | undefined): boolean {
    if (other === undefined) return false
    if (this.isAll || other.isAll) return this.isAll && other.isAll
    return this.isWithin(other) && other.isWithin(this)
  }

  /**
   * `{Command, Name, …, 'CUSTOM', Subclass, …}`: after CUSTOM FreeSWITCH takes every atom for a
   * subclass, so it comes last.
   */
  toTerm(command: string): TermInput {
    if (this.isAll) return tuple(atom(command), atom('ALL'))
    const hasCustom = this.names.has('CUSTOM') || this.subclasses.size > 0
    const names = Array.from(this.names).filter((name) => name !== 'CUSTOM')
    const custom = hasCustom ? ['CUSTOM', ...this.subclasses] : []
    return tuple(atom(command), ...[...names, ...custom].map((name) => atom(name)))
  }

  #isNamed(event: SwitchEvent): boolean {
    if (this.isAll) return true
    for (const name of event.getAll('Event-Name')) {
      if (name === 'CUSTOM') {
        const { subclass } = event
        const isWanted =
          subclass === undefined ? this.names.has('CUSTOM') : this.subclasses.has(subclass)
        if (isWanted) return true
      } else if (this.names.has(name as EventName)) return true
    }
    return false
  }
}

/** Errors: TypeError and RangeError that name option, rule and value. */
export function resolveEvents(
  method: string,
  options: EventOptions,
  defaultQueueLimit: number,
): { readonly wish: EventWish; readonly stream: StreamOptions } {
  checkNames(method, checkObject('options', options), eventOptionNames)
  const { names, subclasses, filter, signal, queueLimit = defaultQueueLimit, onGap } = options
  const isEverything = names === undefined && subclasses === undefined
  if (onGap !== undefined && typeof onGap !== 'function') {
    throw invalidArgument('onGap', 'a function', onGap)
  }
  const wish = new EventWish(
    isEverything ? new Set(['ALL']) : checkEventNames('names', names ?? []),
    checkSubclasses(subclasses ?? []),
    filter === undefined ? undefined : resolveFilter(filter),
  )
  if (wish.names.size + wish.subclasses.size === 0) {
    throw outOfRange('names', 'at least one name, or subclasses', names)
  }
  return {
    wish,
    stream: {
      queueLimit: checkQueueLimit(queueLimit),
      signal: signal === undefined ? undefined : checkSignal(signal),
      onGap,
    },
  }
}

function checkEventNames(argument: string, names: readonly string[]): Set<EventName> {
  if (!Array.isArray(names)) throw invalidArgument(argument, 'an array of event names', names)
  return new Set(names.map((name, i) => checkEventName(`${argument}[${i}]`, name)))
}

/** The event of that name, in any case. FreeSWITCH itself says nothing of names that it does not know. */
export function checkEventName(argument: string, name: unknown): EventName {
  if (typeof name !== 'string') throw invalidArgument(argument, 'the name of an event', name)
  const known = byUpperCase.get(name.toUpperCase())
  if (known === undefined) {
    throw outOfRange(argument, 'the name of an event of FreeSWITCH, as in eventNames', name)
  }
  return known
}

function checkSubclasses(subclasses: readonly string[]): Set<string> {
  if (!Array.isArray(subclasses)) {
    throw invalidArgument('subclasses', 'an array of subclasses', subclasses)
  }
  return new Set(subclasses.map((name, i) => checkLatin1Atom(`subclasses[${i}]`, name)))
}

function resolveFilter(filter: EventFilter): (event: SwitchEvent) => boolean {
  if (typeof filter === 'function') return filter
  if (typeof filter !== 'object' || filter === null) {
    throw invalidArgument('filter', 'a function, or an object of headers and their values', filter)
  }
  const tests = Object.entries(filter).map(([header, wanted]) => {
    const tests = (Array.isArray(wanted) ? wanted : [wanted]).map((one) =>
      resolveValue(`filter['${header}']`, one),
    )
    return { header, matches: (value: string) => tests.some((test) => test(value)) }
  })
  return (event) =>
    tests.every(({ header, matches }) => {
      const value = event.get(header)
      return value !== undefined && matches(value)
    })
}

function resolveValue(argument: string, wanted: unknown): (value: string) => boolean {
  if (typeof wanted === 'string') return (value) => value === wanted
  // A pattern with the flag g or y goes on where it stopped before.
  if (wanted instanceof RegExp) return (value) => value.search(wanted) >= 0
  throw invalidArgument(argument, 'a string, a RegExp or an array of them', wanted)
}
