import { describe, expect, it } from 'vitest'
import { FilterPattern, readPattern } from '../../lib/freeswitch/host/events/filter-pattern.js'
import { Filters } from '../../lib/freeswitch/host/events/filters.js'
import { SwitchEvent } from '../../lib/freeswitch/protocol/switch-event.js'
import { atom } from '../../lib/term/atom.js'
import { format } from '../../lib/term/format.js'
import { Tuple } from '../../lib/term/tuple.js'

const filters = (...texts: string[]): Filters => {
  const made = new Filters()
  made.apply(
    texts.map((text) => atom(text)),
    'binary',
  )
  return made
}
const event = (...headers: [string, string][]) =>
  new SwitchEvent([['Event-Name', 'GENERAL'], ...headers])
const one = event(['X-Test', 'one'], ['k', 'v'])

/** What is answered to one element, without quotes. */
function answerTo(element: unknown): string {
  const [item] = new Filters().apply([element as never], 'binary')
  return Tuple.is(item) ? item.elements.join('|') : format(item as never)
}

describe('a filter command', () => {
  it.each(['X-Test', 'delete', 'add', '', ' ', 'add X-Test', 'delete  '])(
    'refuses %j, the server would die of some',
    (text) => expect(answerTo(atom(text))).toMatch(/ERR invalid syntax/),
  )

  it('refuses what is no atom, and takes the rest', () => {
    const made = new Filters()
    const items = made.apply([atom('A 1'), 'B 2', atom('C 3')], 'binary')
    expect(items.map((item) => Tuple.is(item))).toEqual([true, false, true])
    expect(made.size).toBe(2)
  })

  it('refuses more filters than anybody needs', () => {
    const made = filters(...Array.from({ length: 1_001 }, (_, at) => `h${at} v`))
    expect(made.size).toBe(1_000)
  })

  it.each([
    ['X-Test one', 'added|X-Test|one'],
    ['ADD X-Test three four', 'added|X-Test|three four'],
    ['X-Test ', 'added|X-Test|'],
    ['X-Test  one', 'added|X-Test| one'],
    [' X-Test one', 'added|X-Test one|X-Test one'],
    ['delete X-Test two', 'deleted|X-Test|two'],
    ['delete X-Test', 'deleted|X-Test|'],
    ['DELETE ALL', 'deleted|ALL|'],
  ])('answers %j with %s', (text, answer) => {
    expect(answerTo(atom(text))).toBe(answer)
  })

  it('deletes by header in any case, by value exactly, or all', () => {
    const made = filters('A 1', 'a 2', 'B 1')
    made.apply([atom('delete a 3')], 'binary')
    expect(made.size).toBe(3)
    made.apply([atom('delete a 1')], 'binary')
    expect(made.size).toBe(2)
    made.apply([atom('delete A')], 'binary')
    expect(made.size).toBe(1)
    made.apply([atom('delete all')], 'binary')
    expect(made.size).toBe(0)
  })
})

describe('an event', () => {
  it.each([
    [['X-Test ONE'], true],
    [['x-test one'], true],
    [['X-Test two'], false],
    [['Absent one'], true],
    [['X-Test one', 'X-Test two'], false],
    [['X-Test one', 'k v'], true],
    [['X-Test one', 'k w'], false],
    [['X-Test -one'], false],
    [['X-Test -two'], true],
    [['X-Test +one'], true],
    [['X-Test +'], true],
    [['X-Test -'], false],
    [['X-Test +-one'], false],
    [['X-Test on'], false],
    [['X-Test  one'], true],
    [['X-Test -two', 'X-Test one'], true],
    [['X-Test /^o.e$/'], true],
    [['X-Test /^ONE$/'], false],
    [['X-Test /^ONE$/i'], true],
    [['X-Test -/^o.e$/'], true],
    [['X-Test /(/'], false],
    [['Event-Name HEARTBEAT'], false],
  ] as const)('with filters %j passes: %s', (texts, passes) => {
    expect(filters(...texts).passes(one)).toBe(passes)
  })

  it('is not held up by a pattern that takes for ever', () => {
    const made = filters('X-Test /^(a+)+$/', 'k /(x+x+)+y/')
    const long = event(['X-Test', `${'a'.repeat(50)}b`], ['k', 'x'.repeat(50)])
    const before = process.cpuUsage()
    for (let n = 0; n < 20; n += 1) expect(made.passes(long)).toBe(false)
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
  })

  it('meets patterns of several parts as well', () => {
    const pattern = readPattern('/^sip:[0-9]+@(a|b)+\\.org$/i')
    expect(pattern).toBeInstanceOf(FilterPattern)
    expect(pattern?.matches('SIP:100@ab.org')).toBe(true)
    expect(pattern?.matches('sip:100@c.org')).toBe(false)
  })
})
