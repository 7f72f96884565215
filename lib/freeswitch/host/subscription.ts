import { atomName } from '../../node/atom-name.js'
import type { Term } from '../../term/term.js'
import { type EventName, eventNameOf, eventNames } from '../protocol/event-names.js'
import type { SwitchEvent } from '../protocol/switch-event.js'

/**
 * Which events are wanted: by an event handler, or by the handler of one call. The elements that
 * change it are read as FreeSWITCH reads them: names in any case; every atom after `CUSTOM` is a
 * subclass; unknown names are passed over; the first element that is no atom ends it.
 *
 * Source: mod_erlang_event, handle_msg.c, handle_msg_event; seed-systems 2.5.
 */
export class Subscription {
  #names: Set<EventName>
  #subclasses = new Set<string>()

  constructor(names: Iterable<EventName> = []) {
    this.#names = new Set(names)
  }

  /** `event`: adds. */
  add(elements: readonly Term[]): void {
    read(elements, this.#names, this.#subclasses)
  }

  /**
   * `nixevent`: takes away. Of `ALL` one name can be taken: all others stay, and then subclasses must
   * have been named. `ALL` takes every name and leaves the subclasses; `CUSTOM` stays on.
   */
  remove(elements: readonly Term[]): void {
    let afterCustom = false
    for (const text of atomsOf(elements)) {
      const name = afterCustom ? undefined : eventNameOf(text)
      if (afterCustom) this.#subclasses.delete(text)
      else if (name === 'CUSTOM') afterCustom = true
      else if (name === 'ALL') this.#names.clear()
      else if (name !== undefined) this.#removeName(name)
    }
  }

  /**
   * `setevent`: replaces the whole. False when `ALL` is among the elements, which it must not be: what
   * stands before it replaces the old all the same.
   */
  replace(elements: readonly Term[]): boolean {
    const names = new Set<EventName>()
    const subclasses = new Set<string>()
    const isComplete = read(elements, names, subclasses, true)
    this.#names = names
    this.#subclasses = subclasses
    return isComplete
  }

  /** `noevents`. */
  clear(): void {
    this.#names.clear()
    this.#subclasses.clear()
  }

  matches(event: SwitchEvent): boolean {
    if (this.#names.has('ALL')) return true
    const { type } = event
    if (type === undefined || !this.#names.has(type)) return false
    if (type !== 'CUSTOM') return true
    const { subclass } = event
    return subclass === undefined || this.#subclasses.has(subclass)
  }

  /** What is subscribed by name, in FreeSWITCH's order, without `CUSTOM` and `ALL`. */
  get names(): EventName[] {
    return eventNames.filter((name) => !isCollective(name) && this.#has(name))
  }

  get subclasses(): string[] {
    return [...this.#subclasses].sort()
  }

  #has(name: EventName): boolean {
    return this.#names.has('ALL') || this.#names.has(name)
  }

  #removeName(name: EventName): void {
    if (this.#names.has('ALL')) this.#names = new Set(eventNames.filter((each) => each !== 'ALL'))
    this.#names.delete(name)
  }
}

/** False when `ALL` ended it. */
function read(
  elements: readonly Term[],
  names: Set<EventName>,
  subclasses: Set<string>,
  refusesAll = false,
): boolean {
  let afterCustom = false
  for (const text of atomsOf(elements)) {
    const name = afterCustom ? undefined : eventNameOf(text)
    if (name === 'ALL' && refusesAll) return false
    if (name !== undefined) names.add(name)
    if (afterCustom) subclasses.add(text)
    else if (name === 'CUSTOM') afterCustom = true
  }
  return true
}

function* atomsOf(elements: readonly Term[]): Generator<string> {
  for (const element of elements) {
    const text = atomName(element)
    if (text === undefined) return
    yield text
  }
}

function isCollective(name: EventName): boolean {
  return name === 'CUSTOM' || name === 'ALL'
}
