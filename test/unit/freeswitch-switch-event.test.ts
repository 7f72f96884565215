import { atom, charlist, decode, encode, tuple } from 'beamlink'
import { SwitchEvent } from 'beamlink/freeswitch'
import { describe, expect, it } from 'vitest'

/** What arrives when Erlang sends this event. */
function arrived(
  pairs: readonly (readonly [string | Buffer, string | Buffer])[],
  asLists: boolean,
) {
  const text = (value: string | Buffer) =>
    asLists ? charlist(Buffer.from(value).toString('latin1')) : Buffer.from(value)
  const list = [atom('undefined'), ...pairs.map(([name, value]) => tuple(text(name), text(value)))]
  const event = SwitchEvent.fromTerm(decode(encode(tuple(atom('event'), list))))
  if (event === undefined) throw new Error('no event')
  return event
}

describe('an event of FreeSWITCH', () => {
  it('is not read from what is no event', () => {
    expect(SwitchEvent.fromTerm(tuple(atom('event')))).toBeUndefined()
    expect(SwitchEvent.fromTerm(tuple(atom('event'), atom('x')))).toBeUndefined()
    expect(SwitchEvent.fromTerm(atom('event'))).toBeUndefined()
  })

  it('finds the same headers however often it is asked', () => {
    const event = new SwitchEvent([
      ['Event-Name', 'SEND_MESSAGE'],
      ['event-name', 'PRIVATE_COMMAND'],
      ['k', ''],
    ])
    for (let time = 0; time < 20; time += 1) {
      expect(['EVENT-NAME', 'K', 'Event-Nam', 'toString'].map((name) => event.get(name))).toEqual([
        'SEND_MESSAGE',
        '',
        undefined,
        undefined,
      ])
    }
  })

  it.each([true, false])('gives the first of two values under one name (lists: %s)', (asLists) => {
    const pairs = [
      ['Event-Name', 'SEND_MESSAGE'],
      ['Event-Name', 'PRIVATE_COMMAND'],
      ['variable_a', '1'],
      ['variable_a', '2'],
    ] as const
    const event = arrived(pairs, asLists)
    expect(event.name).toBe('SEND_MESSAGE')
    expect(event.get('event-name')).toBe('SEND_MESSAGE')
    expect(event.getAll('event-name')).toEqual(['SEND_MESSAGE', 'PRIVATE_COMMAND'])
    expect(event.variable('a')).toBe('1')
    expect(event.variables).toEqual(new Map([['a', '1']]))
    expect(event.get('Event-Subclass')).toBeUndefined()
  })

  it.each([true, false])('takes a multi-valued header apart (lists: %s)', (asLists) => {
    const event = arrived(
      [
        ['X', 'ARRAY::a|:b'],
        ['Y', 'ARRAY'],
        ['Z', ''],
      ],
      asLists,
    )
    expect(event.values('x')).toEqual(['a', 'b'])
    expect(event.values('y')).toEqual(['ARRAY'])
    expect(event.values('z')).toEqual([''])
    expect(event.values('none')).toEqual([])
  })

  it.each([true, false])('reads UTF-8, and other bytes as Latin-1 (lists: %s)', (asLists) => {
    const event = arrived(
      [
        ['a', 'café ☎'],
        ['b', Buffer.from([0x63, 0xe9])],
      ],
      asLists,
    )
    expect(event.get('a')).toBe('café ☎')
    expect(event.get('b')).toBe('cé')
  })

  it('reads text that is too long for a string of Erlang', () => {
    expect(arrived([['a', 'x'.repeat(70_000)]], true).get('a')).toHaveLength(70_000)
  })

  it('says when it happened', () => {
    expect(arrived([['Event-Date-Timestamp', '1795210103665757']], true).date).toEqual(
      new Date(1_795_210_103_665),
    )
    expect(arrived([['Event-Date-Timestamp', 'now']], true).date).toBeUndefined()
    expect(arrived([], true).date).toBeUndefined()
  })
})
