import { describe, expect, it } from 'vitest'
import { encode } from '../../lib/index.js'
import { type AnswerRules, selectAnswer } from '../../lib/kamailio/db/answer.js'
import { Schema, type StoredValue } from '../../lib/kamailio/index.js'
import { readAsDbErlang } from '../helpers/kamailio/db-erlang-reader.js'
import { sipSchema } from '../helpers/kamailio/sip-schema.js'

const location = Schema.of(sipSchema).table('location')
const rules: AnswerRules = { nullText: '<null>', emptyText: ' ', nullNumbers: 'zero' }

/** What db_erlang reads of a value that is selected. */
function asRead(column: string, value: StoredValue, changed: Partial<AnswerRules> = {}): unknown {
  const answer = selectAnswer([location.column(column)], [[value]], { ...rules, ...changed })
  return readAsDbErlang(encode(answer)).rows[0]?.[0]
}

describe('the answer to a select', () => {
  it('refuses text of more bytes than db_erlang reads', () => {
    expect(() => asRead('contact', 'é'.repeat(32_768))).toThrow(/text in contact must be 65535/)
    expect(asRead('contact', 'x'.repeat(65_535))).toHaveLength(65_535)
  })

  it('refuses what another program has put into a column of another type', () => {
    expect(() => asRead('flags', 'many')).toThrow(/value of flags must be an integer, got "many"/)
    expect(() => asRead('q', 'high')).toThrow(RangeError)
    expect(() => asRead('expires', 'soon')).toThrow(/datetime must be .*"soon"/)
  })

  it('names its fields with the four types that there are', () => {
    const { fields, rows } = readAsDbErlang(encode(selectAnswer(location.columns, [], rules)))
    expect(fields).toEqual(location.columns.map(({ name }) => name))
    expect(rows).toEqual([])
  })

  it.each<[string, StoredValue, unknown]>([
    ['flags', 0, 0],
    ['flags', 255, 255],
    ['flags', -1, -1],
    ['flags', 134_217_727, 134_217_727],
    ['flags', 134_217_728, 134_217_728],
    ['flags', 2_147_483_647, 2_147_483_647],
    ['flags', -2_147_483_648, -2_147_483_648],
    ['flags', 4_294_967_295, -1],
    ['total', 4_294_967_295, '4294967295'],
    ['total', -9_223_372_036_854_775_808n, '-9223372036854775808'],
    ['total', 5, 5],
    ['q', 1, 1],
    ['q', 0.1, 0.1],
    ['contact', 'sip:ann@example.org', 'sip:ann@example.org'],
    ['contact', 'é€😀', 'é€😀'],
    ['contact', '', ' '],
    ['contact', null, '<null>'],
    ['body', Buffer.from([1, 2]), '\x01\x02'],
    ['body', Buffer.alloc(0), ' '],
    ['body', null, '<null>'],
    ['flags', null, 0],
    ['total', null, 0],
    ['q', null, 0],
    [
      'expires',
      '2026-11-28 05:54:17',
      [
        [2026, 11, 28],
        [5, 54, 17],
      ],
    ],
    [
      'expires',
      null,
      [
        [1970, 1, 1],
        [0, 0, 0],
      ],
    ],
  ])('in column %s is read by db_erlang: %s', (column, value, expected) => {
    expect(asRead(column, value)).toEqual(expected)
  })

  it('has the agreed texts, also for numbers when that is asked for', () => {
    expect(asRead('contact', '', { emptyText: '(none)' })).toBe('(none)')
    for (const column of ['contact', 'flags', 'q', 'expires']) {
      expect(asRead(column, null, { nullText: 'NULL', nullNumbers: 'text' })).toBe('NULL')
    }
  })

  it('has rows of many columns, each in its place', () => {
    const row = ['r', '', null, 1, 2, 0.5, '2026-01-02 03:04:05', Buffer.from('b')]
    const { rows } = readAsDbErlang(encode(selectAnswer(location.columns, [row, row], rules)))
    const read = [
      'r',
      ' ',
      '<null>',
      1,
      2,
      0.5,
      [
        [2026, 1, 2],
        [3, 4, 5],
      ],
      'b',
    ]
    expect(rows).toEqual([read, read])
  })
})
