import { describe, expect, it } from 'vitest'
import { atom, charlist, float, type Term, type TermInput, tuple } from '../../lib/index.js'
import { matchOfRow, RequestReader } from '../../lib/kamailio/db/request.js'
import { Schema, type StoredValue } from '../../lib/kamailio/index.js'
import { sipSchema } from '../helpers/kamailio/sip-schema.js'

const schema = Schema.of(sipSchema)
const reader = new RequestReader(schema, { nullText: '<null>', emptyText: ' ' })

function read(...parts: readonly TermInput[]) {
  return reader.read(tuple(...parts) as Term)
}

function bytes(text: string): TermInput {
  return [...Buffer.from(text)]
}

/** What the store would get for a value in an insert. */
function stored(column: string, value: TermInput): StoredValue | undefined {
  const pairs = [tuple(atom(column), value)]
  return read(atom('insert'), atom('location'), [], [], pairs).values[column]
}

const select = (columns: TermInput, keys: TermInput) =>
  read(atom('select'), atom('location'), columns, keys, [])

describe('a request', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['that is no tuple', () => reader.read(7), /request must be \{Operation, Table/],
    ['of four elements', () => read(1, 2, 3, 4), /request must be/],
    ['of six elements', () => read(1, 2, 3, 4, 5, 6), /request must be/],
    [
      'of an unknown operation',
      () => read(atom('drop'), atom('location'), [], [], []),
      /operation must be one of select, .*"drop"/,
    ],
    ['of no operation', () => read('select', atom('location'), [], [], []), /operation must be/],
    [
      'on an unknown table',
      () => read(atom('select'), atom('users'), [], [], []),
      /table must be one of subscriber, location, got "users"/,
    ],
    ['on no table', () => read(atom('select'), 'location', [], [], []), /table must be an atom/],
    [
      'for an unknown column',
      () => select([atom('nick')], []),
      /column of location must be one of .*"nick"/,
    ],
    [
      'for a column that is no atom',
      () => select([bytes('ruid')], []),
      /column of location must be an atom/,
    ],
    ['for no list of columns', () => select(7, []), /columns must be a list/],
    ['with keys that are no list', () => select([], 7), /keys must be a list/],
    [
      'with a key that is a pair',
      () => select([], [tuple(atom('ruid'), bytes('a'))]),
      /keys must be/,
    ],
    [
      'with an unknown operator',
      () => select([], [tuple(atom('ruid'), atom('like'), bytes('a'))]),
      /operator must be one of = < .*"like"/,
    ],
    [
      'with bits of a text',
      () => select([], [tuple(atom('ruid'), atom('&'), bytes('a'))]),
      /operator of ruid/,
    ],
    [
      'with an injected column',
      () => select([atom('ruid" FROM location; --')], []),
      /column of location/,
    ],
    [
      'with no values',
      () => read(atom('insert'), atom('location'), [], [], []),
      /values of insert must be one or more/,
    ],
    [
      'with values that are triples',
      () => read(atom('update'), atom('location'), [], [], [tuple(1, 2, 3)]),
      /values must be a list of \{Column, Value\}/,
    ],
    [
      'with one column twice',
      () =>
        read(
          atom('insert'),
          atom('location'),
          [],
          [],
          [tuple(atom('ruid'), bytes('a')), tuple(atom('ruid'), bytes('b'))],
        ),
      /different columns/,
    ],
    [
      'with NULL where it cannot be',
      () => stored('flags', atom('undefined')),
      /flags of location must be other than NULL/,
    ],
    [
      'with text for an integer',
      () => stored('flags', bytes('many')),
      /column flags of location must be an integer/,
    ],
    ['with a fraction for an integer', () => stored('flags', 1.5), /must be an integer/],
    ['with 33 bits for an integer', () => stored('flags', 2 ** 32), /an integer of 32 bits/],
    [
      'with 65 bits for a bigint',
      () => stored('total', 2n ** 64n),
      /an integer of 64 bits, got 18446744073709551616n/,
    ],
    [
      'with text for a float',
      () => stored('q', bytes('high')),
      /column q of location must be a number/,
    ],
    ['with a tuple for text', () => stored('contact', tuple(1)), /must be text/],
    ['with an atom for text', () => stored('contact', atom('sip')), /must be text/],
    ['with a list of what is no character', () => stored('contact', [1, -1]), /must be text/],
    [
      'with an impossible datetime',
      () => stored('expires', tuple(tuple(2026, 13, 1), tuple(0, 0, 0))),
      /column expires of location must be \{\{Y,Mo,D\}/,
    ],
    ['with a number for a datetime', () => stored('expires', 5), /column expires/],
    ['with a number for a blob', () => stored('body', 5), /must be a binary/],
  ])('%s is refused', (_, reading, message) => {
    expect(reading).toThrow(message)
  })

  it.each<[string, TermInput, StoredValue]>([
    ['flags', 5, 5],
    ['flags', 2n ** 64n - 1n, -1],
    ['flags', 2n ** 64n - 2n ** 31n, -(2 ** 31)],
    ['flags', 4_294_967_295, 4_294_967_295],
    ['flags', float(3), 3],
    ['flags', bytes('-12'), -12],
    ['total', 2n ** 64n - 1n, -1],
    ['total', -(2n ** 63n), -(2n ** 63n)],
    ['total', 9_007_199_254_740_993n, 9_007_199_254_740_993n],
    ['total', atom('undefined'), null],
    ['total', bytes('<null>'), null],
    ['q', 1, 1],
    ['q', float(1), 1],
    ['q', 0.5, 0.5],
    ['q', bytes('1e-3'), 0.001],
    ['contact', bytes('sip:é'), 'sip:é'],
    ['contact', [0xe9], 'é'],
    ['contact', charlist('€'), '€'],
    ['contact', Buffer.from('sip:b'), 'sip:b'],
    ['contact', [], ''],
    ['contact', bytes(' '), ''],
    ['contact', bytes('<null>'), null],
    ['contact', atom('undefined'), null],
    ['contact', 42, '42'],
    ['expires', tuple(tuple(2026, 1, 2), tuple(3, 4, 5)), '2026-01-02 03:04:05'],
    ['expires', tuple(tuple(0, 0, 0), tuple(0, 0, 0)), '0000-00-00 00:00:00'],
    ['expires', bytes('2026-01-02T03:04:05'), '2026-01-02 03:04:05'],
    ['expires', bytes('2026-01-02'), '2026-01-02 00:00:00'],
    ['body', Buffer.from([0, 255]), Buffer.from([0, 255])],
    ['body', [0, 255], Buffer.from([0, 255])],
    ['body', [], Buffer.alloc(0)],
  ])('stores in column %s of %s: %s', (column, term, expected) => {
    expect(stored(column, term)).toEqual(expected)
  })

  it('asks for all columns by the atom all, and by an empty list', () => {
    const all = sipSchema.location.columns
    for (const columns of [atom('all'), []]) {
      expect(select(columns, []).columns.map(({ name }) => name)).toEqual(Object.keys(all))
    }
  })

  const replace = (keys: string[], values: Record<string, TermInput>, table = 'location') => {
    const pairs = Object.entries(values).map(([name, value]) => tuple(atom(name), value))
    const triples = keys.map((name) => tuple(atom(name), atom('='), values[name] ?? []))
    return matchOfRow(read(atom('replace'), atom(table), [], triples, pairs)).map(
      ({ column, value }) => [column.name, value],
    )
  }

  it('finds the row to replace by a key of the schema when it names every column', () => {
    const row = { ruid: bytes('a'), flags: 1 }
    expect(replace(['ruid', 'flags'], row)).toEqual([['ruid', 'a']])
    expect(replace([], row)).toEqual([['ruid', 'a']])
  })

  it('takes an equal row for the one to replace when no key has values', () => {
    expect(replace(['flags'], { flags: 1 })).toEqual([['flags', 1]])
    expect(replace([], { flags: 1, contact: [] })).toEqual([
      ['flags', 1],
      ['contact', ''],
    ])
  })

  it('finds the row to replace by the columns that it names when these are some', () => {
    expect(replace(['flags'], { ruid: bytes('a'), flags: 1 })).toEqual([['flags', 1]])
  })
})
