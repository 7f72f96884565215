import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type Condition,
  MemoryStore,
  type Operator,
  Schema,
  SqliteStore,
  type Store,
  type StoredValue,
} from 'beamlink/kamailio'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sipSchema } from '../helpers/kamailio/sip-schema.js'

const schema = Schema.of(sipSchema)
const location = schema.table('location')
const subscriber = schema.table('subscriber')

function where(name: string, operator: Operator, value: StoredValue): Condition {
  return { column: location.column(name), operator, value }
}

const stores: [string, () => Store][] = [
  ['MemoryStore', () => new MemoryStore()],
  ['SqliteStore', () => new SqliteStore(':memory:')],
]

describe.each(stores)('%s', (_, make) => {
  let store: Store
  beforeEach(async () => {
    store = make()
    await store.open(schema)
  })
  afterEach(() => store.close?.())

  const insert = async (row: Record<string, StoredValue>) =>
    await store.insert(location, location.filled(row))
  const ruids = async (...match: Condition[]) => {
    const rows = await store.select(location, [location.column('ruid')], match)
    return rows.map(([ruid]) => ruid).sort()
  }

  it('refuses a second row with the same key, and keeps the first', async () => {
    await insert({ ruid: 'a', username: 'ann' })
    await expect((async () => insert({ ruid: 'a', username: 'bob' }))()).rejects.toThrow(/uni/i)
    const rows = await store.select(location, [location.column('username')], [])
    expect(rows).toEqual([['ann']])
  })

  it('changes nothing when an update of several rows would break a key', async () => {
    await insert({ ruid: 'a' })
    await insert({ ruid: 'b' })
    await expect((async () => await store.update(location, { ruid: 'c' }, []))()).rejects.toThrow(
      /uni/i,
    )
    expect(await ruids()).toEqual(['a', 'b'])
  })

  it('keeps the replaced row when the new one would break a key', async () => {
    await insert({ ruid: 'a', username: 'ann' })
    await insert({ ruid: 'b', username: 'bob' })
    const row = location.filled({ ruid: 'b', username: 'ann' })
    const replacing = async () =>
      await store.replace(location, row, [where('username', '=', 'ann')])
    await expect(replacing()).rejects.toThrow(/uni/i)
    expect(await ruids()).toEqual(['a', 'b'])
  })

  it('gives back every type as it was put in', async () => {
    const row = {
      ruid: 'é€😀',
      username: '',
      contact: null,
      flags: -5,
      total: 9007199254740993n,
      q: 0.25,
      expires: '2026-11-28 05:54:17',
      body: Buffer.from([0, 255, 1]),
    }
    await insert(row)
    const [values] = await store.select(location, location.columns, [])
    expect(
      values?.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)),
    ).toEqual(Object.values(row))
  })

  it('gives back small integers of a bigint column as numbers', async () => {
    await insert({ ruid: 'a', total: 7 })
    expect(await store.select(location, [location.column('total')], [])).toEqual([[7]])
  })

  it.each<[Operator, StoredValue, string[]]>([
    ['=', 2, ['b']],
    ['!=', 2, ['a', 'c']],
    ['<', 2, ['a']],
    ['<=', 2, ['a', 'b']],
    ['>', 2, ['c']],
    ['>=', 2, ['b', 'c']],
    ['&', 1, ['a', 'c']],
  ])('compares with %s', async (operator, value, expected) => {
    for (const [at, ruid] of ['a', 'b', 'c'].entries()) await insert({ ruid, flags: at + 1 })
    expect(await ruids(where('flags', operator, value))).toEqual(expected)
  })

  it('finds NULL with = and everything else with !=, and never with other comparisons', async () => {
    await insert({ ruid: 'a', contact: null })
    await insert({ ruid: 'b', contact: 'sip:b' })
    expect(await ruids(where('contact', '=', null))).toEqual(['a'])
    expect(await ruids(where('contact', '!=', null))).toEqual(['b'])
    expect(await ruids(where('contact', '!=', 'x'))).toEqual(['b'])
    expect(await ruids(where('contact', '<', null))).toEqual([])
    expect(await ruids(where('contact', '<', 'x'))).toEqual(['b'])
  })

  it('compares text, datetimes and blobs by their bytes, and needs all conditions', async () => {
    await insert({ ruid: 'Z', expires: '2026-01-01 00:00:00', body: Buffer.from([1]) })
    await insert({ ruid: 'a', expires: '2026-02-01 00:00:00', body: Buffer.from([200]) })
    expect(await ruids(where('ruid', '<', 'a'))).toEqual(['Z'])
    expect(await ruids(where('expires', '>', '2026-01-31 23:59:59'))).toEqual(['a'])
    expect(await ruids(where('body', '>=', Buffer.from([200])))).toEqual(['a'])
    expect(await ruids(where('ruid', '=', 'a'), where('body', '=', Buffer.from([1])))).toEqual([])
  })

  it('takes text that looks like SQL for text', async () => {
    const ruid = `'; DROP TABLE "location"; --`
    await insert({ ruid })
    expect(await ruids(where('ruid', '=', ruid))).toEqual([ruid])
  })

  it('tells how many rows an update and a delete were about', async () => {
    for (const ruid of ['a', 'b', 'c']) await insert({ ruid })
    expect(await store.update(location, { flags: 9 }, [where('ruid', '!=', 'c')])).toBe(2)
    expect(await ruids(where('flags', '=', 9))).toEqual(['a', 'b'])
    expect(await store.delete(location, [where('flags', '=', 9)])).toBe(2)
    expect(await store.delete(location, [])).toBe(1)
    expect(await store.delete(location, [])).toBe(0)
  })

  it('replaces the whole row, and puts one in where there is none', async () => {
    await insert({ ruid: 'a', username: 'ann', contact: 'sip:ann' })
    const match = [where('ruid', '=', 'a')]
    await store.replace(location, location.filled({ ruid: 'a', username: 'eve' }), match)
    const columns = [location.column('username'), location.column('contact')]
    expect(await store.select(location, columns, match)).toEqual([['eve', null]])
    await store.replace(location, location.filled({ ruid: 'b' }), [where('ruid', '=', 'b')])
    expect(await ruids()).toEqual(['a', 'b'])
  })

  it('inserts or updates, leaving other columns of an existing row alone', async () => {
    const put = async (values: Record<string, StoredValue>) =>
      await store.insertOrUpdate(location, values, location.filled(values), [
        where('ruid', '=', 'a'),
      ])
    await put({ ruid: 'a', contact: 'sip:one' })
    await put({ ruid: 'a', flags: 3 })
    const columns = [location.column('contact'), location.column('flags')]
    expect(await store.select(location, columns, [])).toEqual([['sip:one', 3]])
  })

  it('numbers the rows of a column that does so by itself, and takes a number that is given', async () => {
    for (const values of [{ username: 'a' }, { username: 'b', id: 10 }, { username: 'c' }]) {
      await store.insert(subscriber, subscriber.filled(values))
    }
    const rows = await store.select(subscriber, [subscriber.column('id')], [])
    expect(rows.map(([id]) => id)).toEqual([1, 10, 11])
  })
})

describe('SqliteStore with a file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kamailio-db-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('refuses bad options and a file that lacks a column', async () => {
    expect(() => new SqliteStore('')).toThrow(RangeError)
    expect(() => new SqliteStore(':memory:', { durable: 1 as never })).toThrow(TypeError)
    const file = path.join(folder, 'sip.sqlite')
    const before = new SqliteStore(file)
    before.open(Schema.of({ location: { columns: { ruid: 'string' } } }))
    before.close()
    const after = new SqliteStore(file)
    expect(() => after.open(schema)).toThrow(/with username, contact/)
    after.close()
  })

  it.each([true, false])(
    'keeps rows when it is closed and opened, durable: %s',
    async (durable) => {
      const file = path.join(folder, 'sip.sqlite')
      const before = new SqliteStore(file, { durable })
      before.open(schema)
      before.insert(location, location.filled({ ruid: 'a' }))
      before.close()
      const after = new SqliteStore(file, { durable })
      after.open(schema)
      expect(after.select(location, [location.column('ruid')], [])).toEqual([['a']])
      after.close()
    },
  )
})
