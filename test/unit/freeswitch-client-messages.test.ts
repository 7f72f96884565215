import { describe, expect, it } from 'vitest'
import { parseCallTarget } from '../../lib/freeswitch/client/call-names.js'
import { EventWish, resolveEvents } from '../../lib/freeswitch/client/event-wish.js'
import { resolveLogs } from '../../lib/freeswitch/client/log-hub.js'
import {
  apiMessage,
  bridgeArgument,
  commandMessage,
  eventMessage,
  executeHeaders,
  hangupHeaders,
  setArgument,
} from '../../lib/freeswitch/client/messages.js'
import { resolveClientOptions, resolveRequest } from '../../lib/freeswitch/client/options.js'
import { SwitchEvent } from '../../lib/freeswitch/protocol/switch-event.js'
import { format } from '../../lib/term/format.js'
import type { TermInput } from '../../lib/term/term.js'

const wishOf = (options: Parameters<typeof resolveEvents>[1]) =>
  resolveEvents('events', options, 10).wish
const shown = (term: TermInput) => format(term as never)
const eventOf = (...headers: [string, string][]) => new SwitchEvent(headers)

describe('the messages of a client', () => {
  it('refuses commands that are no word of Latin-1', () => {
    expect(() => apiMessage('api', '', '')).toThrow(RangeError)
    expect(() => apiMessage('api', 'uuid_kill abc', '')).toThrow('one word')
    expect(() => apiMessage('api', 'Ж', '')).toThrow('Latin-1')
    expect(() => apiMessage('api', 'x'.repeat(256), '')).toThrow(RangeError)
    expect(() => apiMessage('api', 'status', 5 as never)).toThrow('args must be a string')
    expect(() => apiMessage('api', 'echo', 'a\0b')).toThrow('zero bytes')
  })

  it('writes arguments as a string, and as a binary where a string would be too long', () => {
    expect(shown(apiMessage('api', 'echo', 'hello'))).toBe('{api,echo,"hello"}')
    expect(shown(apiMessage('bgapi', 'status', ''))).toBe('{bgapi,status,[]}')
    expect(shown(apiMessage('api', 'echo', 'x'.repeat(65_535)))).toMatch(/^\{api,echo,"/)
    expect(shown(apiMessage('api', 'echo', 'x'.repeat(65_536)))).toMatch(/^\{api,echo,<</)
  })

  it('refuses events that FreeSWITCH would not answer, or not fire', () => {
    expect(() => eventMessage({ name: 'NO_SUCH' as never })).toThrow('the name of an event')
    expect(() => eventMessage({ name: 'GENERAL', subclass: 'a::b' })).toThrow("'CUSTOM' only")
    expect(() => eventMessage({ name: 'GENERAL', headers: { body: 'x' } })).toThrow('body')
    expect(() => eventMessage({ name: 'GENERAL', headers: { '': 'x' } })).toThrow(RangeError)
    expect(() => eventMessage({ name: 'GENERAL', headers: { a: null as never } })).toThrow(
      "headers['a'] must be",
    )
    expect(() => eventMessage({ name: 'GENERAL', headers: new Map() as never })).toThrow(TypeError)
    expect(() => eventMessage({ name: 'GENERAL', headers: [['a']] as never })).toThrow(
      'headers[0] must be a pair',
    )
    expect(() =>
      eventMessage({ name: 'GENERAL', headers: { [`k${'x'.repeat(1023)}`]: '' } }),
    ).toThrow('1023 bytes')
    expect(() => eventMessage({ name: 'GENERAL', headers: { a: 'é'.repeat(40_000) } })).toThrow(
      '65535 bytes',
    )
    expect(() => eventMessage({ name: 'GENERAL', nmae: 1 } as never)).toThrow('unknown option')
  })

  it('writes headers as strings, in order, with arrays and the body', () => {
    const headers = [
      ['k', 'v'],
      ['n', 5],
      ['k', true],
      ['list', ['a', 'b']],
    ] as const
    expect(shown(eventMessage({ name: 'GENERAL', headers, body: 'text' }))).toBe(
      '{sendevent,\'GENERAL\',[{"k","v"},{"n","5"},{"k","true"},{"list","ARRAY::a|:b"},{"body","text"}]}',
    )
    expect(shown(eventMessage({ name: 'CUSTOM', subclass: 'my::sub', headers: { k: 'v' } }))).toBe(
      '{sendevent,\'CUSTOM\',\'my::sub\',[{"k","v"}]}',
    )
    expect(shown(eventMessage({ name: 'CUSTOM' }))).toBe("{sendevent,'CUSTOM','',[]}")
  })

  it('refuses commands to calls that would do nothing, or something else', () => {
    expect(() => commandMessage('', { 'call-command': 'hangup' })).toThrow(RangeError)
    expect(() => commandMessage('x'.repeat(257), { 'call-command': 'hangup' })).toThrow('256')
    expect(() => commandMessage('id', { command: 'hangup' })).toThrow("'call-command'")
    expect(() => hangupHeaders('BUSY' as never)).toThrow('a cause of FreeSWITCH')
    expect(() => hangupHeaders(4)).toThrow('a cause of FreeSWITCH')
    expect(() => executeHeaders('play back', 'x')).toThrow('one word')
    expect(() => executeHeaders('playback', 'x', { loops: 0 })).toThrow('loops')
    expect(() => bridgeArgument([])).toThrow('to must be')
    expect(() => setArgument('a=b', 'c')).toThrow('without =')
  })

  it('writes the commands of calls', () => {
    expect(executeHeaders('set', 'foo=bar', { eventUuid: 'my-id', loops: 2, lock: true })).toEqual([
      ['call-command', 'execute'],
      ['execute-app-name', 'set'],
      ['execute-app-arg', 'foo=bar'],
      ['loops', '2'],
      ['event-lock', 'true'],
      ['event-uuid', 'my-id'],
    ])
    expect(hangupHeaders()).toContainEqual(['hangup-cause', 'NORMAL_CLEARING'])
    expect(hangupHeaders(17)).toContainEqual(['hangup-cause', '17'])
    expect(bridgeArgument(['user/1', 'user/2'])).toBe('user/1,user/2')
    expect(setArgument('a', true)).toBe('a=true')
  })
})

describe('what a reader of events wants', () => {
  it('is refused when it names nothing, or what is not there', () => {
    expect(() => wishOf({ names: [] })).toThrow('at least one name')
    expect(() => wishOf({ names: ['HEARTBEET' as never] })).toThrow('names[0] must be')
    expect(() => wishOf({ names: 'HEARTBEAT' as never })).toThrow('an array of event names')
    expect(() => wishOf({ subclasses: [''] })).toThrow('subclasses[0]')
    expect(() => wishOf({ filter: { a: 5 as never } })).toThrow("filter['a'] must be")
    expect(() => wishOf({ subclass: ['a'] } as never)).toThrow('did you mean "subclasses"')
    expect(() => resolveEvents('events', { queueLimit: 0 }, 10)).toThrow('queueLimit')
    expect(() => resolveEvents('events', { onGap: 1 as never }, 10)).toThrow('onGap')
    expect(() => resolveEvents('events', { signal: 1 as never }, 10)).toThrow('signal')
  })

  it('is everything without names, and what comes after CUSTOM are subclasses', () => {
    expect(shown(wishOf({}).toTerm('event'))).toBe("{event,'ALL'}")
    expect(shown(wishOf({ names: ['heartbeat' as never] }).toTerm('event'))).toBe(
      "{event,'HEARTBEAT'}",
    )
    expect(shown(wishOf({ names: ['CUSTOM', 'API'], subclasses: ['a::b'] }).toTerm('event'))).toBe(
      "{event,'API','CUSTOM','a::b'}",
    )
  })

  it('tells CUSTOM events apart by their subclasses', () => {
    const plain = eventOf(['Event-Name', 'CUSTOM'])
    const ab = eventOf(['Event-Subclass', 'a::b'], ['Event-Name', 'CUSTOM'])
    expect(wishOf({ names: ['CUSTOM'] }).wants(plain)).toBe(true)
    expect(wishOf({ names: ['CUSTOM'] }).wants(ab)).toBe(false)
    expect(wishOf({ subclasses: ['a::b'] }).wants(ab)).toBe(true)
    expect(wishOf({ subclasses: ['A::B'] }).wants(ab)).toBe(false)
    expect(wishOf({ subclasses: ['a::b'] }).wants(plain)).toBe(false)
    expect(wishOf({}).wants(ab)).toBe(true)
  })

  it('takes an event of two names under either', () => {
    const event = eventOf(['Event-Name', 'SEND_MESSAGE'], ['Event-Name', 'PRIVATE_COMMAND'])
    expect(wishOf({ names: ['SEND_MESSAGE'] }).wants(event)).toBe(true)
    expect(wishOf({ names: ['PRIVATE_COMMAND'] }).wants(event)).toBe(true)
    expect(wishOf({ names: ['COMMAND'] }).wants(event)).toBe(false)
  })

  it('filters by headers that must be there, by patterns and by a function', () => {
    const event = eventOf(['Event-Name', 'API'], ['API-Command', 'status'])
    const passes = (filter: Parameters<typeof resolveEvents>[1]['filter'] & {}) =>
      wishOf({ filter }).wants(event)
    expect(passes({ 'api-command': 'status' })).toBe(true)
    expect(passes({ 'API-Command': 'STATUS' })).toBe(false)
    const sticky = /STAT/gi
    expect(passes({ 'API-Command': sticky })).toBe(true)
    expect(passes({ 'API-Command': sticky })).toBe(true)
    expect(passes({ 'API-Command': ['echo', /us$/] })).toBe(true)
    expect(passes({ 'API-Command': 'status', Other: /./ })).toBe(false)
    expect(passes((given) => given.name === 'API')).toBe(true)
  })

  it('is joined with what others want, and compared', () => {
    const both = EventWish.union([wishOf({ names: ['API'] }), wishOf({ subclasses: ['a'] })])
    expect(shown(both.toTerm('setevent'))).toBe("{setevent,'API','CUSTOM',a}")
    expect(wishOf({ names: ['API'] }).isWithin(both)).toBe(true)
    expect(both.isWithin(wishOf({ names: ['API'] }))).toBe(false)
    expect(both.isWithin(wishOf({}))).toBe(true)
    expect(wishOf({}).isWithin(both)).toBe(false)
    expect(wishOf({}).equals(wishOf({ names: ['ALL', 'API'] }))).toBe(true)
    expect(both.equals(undefined)).toBe(false)
  })
})

describe('the options of a client', () => {
  it('are refused when they are wrong', () => {
    expect(() => resolveClientOptions({ timeout: 5 } as never)).toThrow('timeoutMs')
    expect(() => resolveClientOptions({ timeoutMs: -1 })).toThrow(RangeError)
    expect(() => resolveClientOptions({ whenDown: 'never' as never })).toThrow(RangeError)
    expect(() => resolveClientOptions({ queueLimit: 0 })).toThrow(RangeError)
    expect(() => resolveClientOptions({ retry: { minMs: 10, maxMs: 5 } })).toThrow('retry.maxMs')
    expect(() => resolveClientOptions({ name: '' })).toThrow(RangeError)
    expect(() =>
      resolveRequest('api', { timeoutMs: 'x' as never }, resolveClientOptions({})),
    ).toThrow(TypeError)
    expect(() => resolveLogs({ level: 'error' as never }, 10)).toThrow('level')
    expect(() => resolveLogs({ level: 64 }, 10)).toThrow('level')
  })

  it('read the targets of the dialplan', () => {
    expect(() => parseCallTarget('name', 'a:b:c')).toThrow(RangeError)
    expect(() => parseCallTarget('name', 'a b')).toThrow(RangeError)
    expect(() => parseCallTarget('name', ':!')).toThrow(RangeError)
    expect(() => parseCallTarget('name', undefined)).toThrow(TypeError)
    expect(parseCallTarget('name', 'ivr')).toEqual({ kind: 'name', name: 'ivr' })
    expect(parseCallTarget('name', 'ivr:!')).toEqual({ kind: 'name', name: 'ivr' })
    expect(parseCallTarget('name', 'ivr:start')).toEqual({
      kind: 'function',
      module: 'ivr',
      name: 'start',
    })
  })
})
