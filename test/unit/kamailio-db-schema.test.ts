import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type DatabaseSchema,
  parseKamailioTable,
  readKamailioSchema,
  Schema,
} from 'beamlink/kamailio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const samples = path.join(__dirname, '../fixtures/kamailio-schema')

describe('a schema', () => {
  it.each<[string, unknown, RegExp]>([
    ['that is none', 'location', /schema must be an object, got "location"/],
    ['without tables', {}, /schema must be one table or more/],
    ['with a bad table name', { 'a b': { columns: { a: 'int' } } }, /name of a table must be/],
    ['with a quote in a column name', { t: { columns: { 'a"': 'int' } } }, /name of a column of t/],
    ['with two columns that SQL takes for one', { t: { columns: { a: 'int', A: 'int' } } }, /"A"/],
    [
      'with a default of another type',
      { t: { columns: { a: { type: 'int', default: 'abc' } } } },
      /default of column a of t must be an integer of 32 bits, or null, got "abc"/,
    ],
    [
      'with a default that is no time',
      { t: { columns: { a: { type: 'datetime', default: 'now' } } } },
      /default of column a of t must be text such as '2026-11-28 05:54:17'/,
    ],
    ['without columns', { t: { columns: {} } }, /columns of t must be one or more/],
    [
      'with an unknown type',
      { t: { columns: { a: 'varchar' } } },
      /type of column a of t .*"varchar"/,
    ],
    [
      'with an unknown option',
      { t: { columns: { a: { type: 'int', nul: true } } } },
      /unknown option "nul"/,
    ],
    ['with a misspelt part', { t: { colums: {} } }, /did you mean "columns"/],
    [
      'with a key of unknown columns',
      { t: { columns: { a: 'int' }, keys: [['b']] } },
      /column of t .*"b"/,
    ],
    [
      'with a key that is no list',
      { t: { columns: { a: 'int' }, keys: ['a'] } },
      /keys of t must be an array/,
    ],
    [
      'with text that numbers itself',
      { t: { columns: { a: { type: 'string', autoIncrement: true } } } },
      /numbers itself/,
    ],
    [
      'with a bad default',
      { t: { columns: { a: { type: 'int', default: Number.NaN } } } },
      /default of column a/,
    ],
    ['with a version below zero', { t: { version: -1, columns: { a: 'int' } } }, /version of t/],
  ])('%s is refused', (_, schema, message) => {
    expect(() => Schema.of(schema as DatabaseSchema)).toThrow(message)
  })

  it('fills a row with defaults, and refuses what has none and cannot be NULL', () => {
    const table = Schema.of({
      t: {
        columns: {
          a: { type: 'string', nullable: false },
          b: { type: 'int', default: 7 },
          c: 'double',
        },
      },
    }).table('t')
    expect(table.filled({ a: 'x' })).toEqual({ a: 'x', b: 7, c: null })
    expect(table.filled({ a: 'x', b: null })).toEqual({ a: 'x', b: null, c: null })
    expect(() => table.filled({ b: 1 })).toThrow(/column a of t must be given/)
    expect(() => table.filled({ a: null })).toThrow(/column a of t must be other than NULL/)
  })
})

describe("Kamailio's XML", () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kamailio-schema-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const column = (inner: string) =>
    `<table><name>t</name><version>1</version><column><name>a</name>${inner}</column></table>`

  it.each<[string, string, RegExp]>([
    [
      'that is not well-formed, with the line',
      '<!DOCTYPE table [\n<!ENTITY a "b">\n]>\n<table>\n<name></table>',
      /line 5/,
    ],
    ['with another root', '<database/>', /well-formed XML with <table>, got "<database>"/],
    ['without a name', '<table/>', /<name> of the document must be there/],
    ['with an unknown type', column('<type>blurb</type>'), /type of a of t .*"blurb"/],
    [
      'with an entity that nobody declares',
      column('<type>&what;</type>'),
      /declared, got "&what;"/,
    ],
    [
      'with an index of no column',
      `${column('<type>int</type>').slice(0, -8)}<index><colref linkend="b"/></index></table>`,
      /colref .*"b"/,
    ],
  ])('%s is refused', (_, xml, message) => {
    expect(() => parseKamailioTable(xml)).toThrow(message)
  })

  it('is not followed out of its folder by entities, and needs their files', async () => {
    const file = path.join(folder, 'bad.xml')
    const doctype = (system: string) =>
      `<!DOCTYPE table [<!ENTITY % e SYSTEM "${system}"> %e;]>${column('<type>int</type>')}`
    writeFileSync(file, doctype('../entities.xml'))
    await expect(readKamailioSchema(file)).rejects.toThrow(/name without folder/)
    writeFileSync(file, doctype('absent.xml'))
    await expect(readKamailioSchema(file)).rejects.toThrow(/ENOENT/)
  })

  it('is refused when a folder holds no table', async () => {
    const empty = mkdtempSync(path.join(folder, 'empty-'))
    await expect(readKamailioSchema(empty)).rejects.toThrow(/table in XML/)
  })

  it('gives columns, types, sizes, defaults, keys and indexes, with its entities', async () => {
    const schema = await readKamailioSchema(path.join(samples, 'registration.xml'))
    const plain = { nullable: false, autoIncrement: false }
    expect(schema).toEqual({
      registration: {
        version: 3,
        columns: {
          id: { type: 'int', size: 10, nullable: false, autoIncrement: true },
          username: { ...plain, type: 'string', size: 64, default: '' },
          contact: { ...plain, type: 'string', size: 512, nullable: true, default: null },
          tag: { ...plain, type: 'string', size: 16, default: 'a<b' },
          expires: { ...plain, type: 'datetime', size: 0, default: '2030-05-28 21:32:15' },
          q: { ...plain, type: 'double', size: 10, default: 1 },
          flags: { ...plain, type: 'int', size: 11, default: 0 },
          sent: { ...plain, type: 'bigint', size: 0, nullable: true },
          body: { ...plain, type: 'blob', size: 0, nullable: true },
        },
        keys: [['id']],
        indexes: [['expires', 'username']],
        rowKey: ['username'],
      },
    })
    expect(() => Schema.of(schema)).not.toThrow()
  })

  it('gives every table of a folder, and leaves lists of tables and entities aside', async () => {
    const schema = await readKamailioSchema(samples)
    expect(Object.keys(schema)).toEqual(['account', 'registration', 'version'])
    expect(schema.account?.keys).toEqual([['username']])
  })

  it('takes entities as an object where there are no files', () => {
    const schema = parseKamailioTable(column('<type>int</type><size>&len;</size>'), { len: '5' })
    expect(schema.t?.columns.a).toMatchObject({ type: 'int', size: 5 })
  })
})
