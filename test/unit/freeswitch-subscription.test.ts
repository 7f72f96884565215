import { describe, expect, it } from 'vitest'
import { Subscription } from '../../lib/freeswitch/host/subscription.js'
import { type EventName, eventNames } from '../../lib/freeswitch/protocol/event-names.js'
import { SwitchEvent } from '../../lib/freeswitch/protocol/switch-event.js'
import { atom } from '../../lib/term/atom.js'
import type { Term } from '../../lib/term/term.js'

const atoms = (...names: string[]): Term[] => names.map((name) => atom(name))

function event(name: string, subclass?: string): SwitchEvent {
  const headers: [string, string][] = [['Event-Name', name]]
  return new SwitchEvent(
    subclass === undefined ? headers : [['Event-Subclass', subclass], ...headers],
  )
}

function subscribed(...names: string[]): Subscription {
  const subscription = new Subscription()
  subscription.add(atoms(...names))
  return subscription
}

describe('a subscription', () => {
  it('wants nothing at first', () => {
    expect(new Subscription().matches(event('API'))).toBe(false)
  })

  it('passes over unknown names', () => {
    expect(subscribed('nosuchevent', 'API').names).toEqual(['API'])
  })

  it('ends at the first element that is no atom', () => {
    const subscription = new Subscription()
    subscription.add([atom('HEARTBEAT'), [65, 80, 73], atom('TRAP')])
    expect(subscription.names).toEqual(['HEARTBEAT'])
  })

  it.each(['API', 'api', 'SWITCH_EVENT_API', 'ABCDEFGHIJKLMAPI'])('takes %s for API', (name) => {
    expect(subscribed(name).matches(event('API'))).toBe(true)
  })

  it('takes every atom after CUSTOM for a subclass, compared exactly', () => {
    const subscription = subscribed('CUSTOM', 'a::b', 'API')
    expect(subscription.names).toEqual([])
    expect(subscription.subclasses).toEqual(['API', 'a::b'])
    expect(subscription.matches(event('CUSTOM', 'a::b'))).toBe(true)
    expect(subscription.matches(event('CUSTOM', 'A::B'))).toBe(false)
    expect(subscription.matches(event('API'))).toBe(false)
  })

  it('wants events without subclass only, for CUSTOM alone', () => {
    const subscription = subscribed('CUSTOM')
    expect(subscription.matches(event('CUSTOM'))).toBe(true)
    expect(subscription.matches(event('CUSTOM', 'a::b'))).toBe(false)
  })

  it('wants everything, and any subclass, for ALL', () => {
    const subscription = subscribed('all')
    expect(subscription.matches(event('CUSTOM', 'n::m'))).toBe(true)
    expect(subscription.matches(new SwitchEvent([]))).toBe(true)
    expect(subscription.names).toHaveLength(eventNames.length - 2)
  })

  it('wants all but one after that one was taken from ALL, and then only named subclasses', () => {
    const subscription = subscribed('CUSTOM', 'a::b')
    subscription.add(atoms('ALL'))
    subscription.remove(atoms('API'))
    expect(subscription.matches(event('API'))).toBe(false)
    expect(subscription.matches(event('TRAP'))).toBe(true)
    expect(subscription.matches(event('CUSTOM', 'a::b'))).toBe(true)
    expect(subscription.matches(event('CUSTOM', 'n::m'))).toBe(false)
  })

  it('keeps its subclasses when ALL is taken, and CUSTOM when subclasses are', () => {
    const subscription = subscribed('CUSTOM', 'a::b', 'c::d', 'e::f')
    subscription.remove(atoms('CUSTOM', 'a::b'))
    expect(subscription.matches(event('CUSTOM', 'c::d'))).toBe(true)
    subscription.remove(atoms('ALL'))
    expect(subscription.subclasses).toEqual(['c::d', 'e::f'])
    expect(subscription.matches(event('CUSTOM', 'c::d'))).toBe(false)
  })

  it('is replaced by what stands before an ALL, which is refused', () => {
    const subscription = subscribed('API', 'CUSTOM', 'a::b')
    expect(subscription.replace(atoms('HEARTBEAT', 'ALL', 'TRAP'))).toBe(false)
    expect(subscription.names).toEqual(['HEARTBEAT'])
    expect(subscription.subclasses).toEqual([])
    expect(subscription.replace(atoms('CUSTOM', 'ALL'))).toBe(true)
    expect(subscription.subclasses).toEqual(['ALL'])
  })

  it('forgets everything when it is cleared', () => {
    const subscription = subscribed('API', 'CUSTOM', 'a::b')
    subscription.clear()
    expect([subscription.names, subscription.subclasses]).toEqual([[], []])
  })

  it('goes by the type of an event with two names', () => {
    const headers: [string, string][] = [
      ['Event-Name', 'SEND_MESSAGE'],
      ['Event-Name', 'PRIVATE_COMMAND'],
    ]
    const both = new SwitchEvent(headers, undefined, 'PRIVATE_COMMAND' satisfies EventName)
    expect(subscribed('PRIVATE_COMMAND').matches(both)).toBe(true)
    expect(subscribed('SEND_MESSAGE').matches(both)).toBe(false)
  })
})
