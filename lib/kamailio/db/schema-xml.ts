import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkText } from '../../base/validate.js'
import { outOfRange } from '../../errors.js'
import { isDatetime } from './datetime.js'
import type {
  ColumnDefinition,
  ColumnType,
  DatabaseSchema,
  StoredValue,
  TableDefinition,
} from './schema.js'
import {
  type Entities,
  entitiesIn,
  parseTableXml,
  rootOf,
  type XmlElement,
} from './xml-document.js'

/**
 * Reads tables from the XML files from which Kamailio makes its own databases
 * (`lib/srdb1/schema/*.xml` of its source): one file, some, or all tables of a folder. Entities, and
 * the files of entities that a document names, are looked up beside it.
 *
 * What is meant for one kind of database only (`<type db="mysql">`) is left aside.
 *
 * Errors: RangeError names the file, the rule and the value; those of reading files.
 */
export async function readKamailioSchema(
  ...paths: readonly [string, ...string[]]
): Promise<DatabaseSchema> {
  const tables: [string, TableDefinition][] = []
  for (const given of paths) {
    const single = given.endsWith('.xml')
    const files = single ? [checkText('path', given)] : await filesIn(checkText('path', given))
    for (const file of files) tables.push(...(await readTable(file, single)))
  }
  if (tables.length === 0) throw outOfRange('path', 'of a table in XML', paths.join(', '))
  return Object.fromEntries(tables)
}

async function filesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder)
  return files
    .filter((file) => file.endsWith('.xml'))
    .sort()
    .map((file) => path.join(folder, file))
}

/** Nothing for a file of a folder that holds no table: Kamailio's lists of tables, and entities. */
async function readTable(file: string, isAsked: boolean): Promise<[string, TableDefinition][]> {
  const xml = await readFile(file, 'utf8')
  if (rootOf(xml) !== 'table' && !isAsked) return []
  const entities = await entitiesIn(xml, (system) => readBeside(file, system))
  const table = parseTableXml(xml, entities, file)
  return [tableOf(table, file)]
}

/** Errors: RangeError for a file that is not beside the document. */
async function readBeside(file: string, system: string): Promise<string> {
  if (system !== path.basename(system) || system === '..') {
    throw outOfRange(`file of entities in ${file}`, 'a name without folder', system)
  }
  return await readFile(path.join(path.dirname(file), system), 'utf8')
}

/** The same from text, `entities` being the entities that its DOCTYPE does not hold itself. */
export function parseKamailioTable(xml: string, entities: Entities = {}): DatabaseSchema {
  return Object.fromEntries([tableOf(parseTableXml(xml, entities, 'the document'), 'the document')])
}

function tableOf(table: XmlElement, file: string): [string, TableDefinition] {
  const name = textIn(table, 'name', file)
  const columns = table.all('column').map((column) => readColumn(column, `${name} in ${file}`))
  const byId = new Map(columns.map(({ id, name: column }) => [id, column]))
  const indexes = table.all('index').map((index) => ({
    isKey: index.has('unique') || index.has('primary'),
    columns: index.all('colref').map((reference) => columnFor(byId, reference, file)),
  }))
  const named = (holds: (column: ReadColumn) => boolean) =>
    columns.filter(holds).map((column) => column.name)
  const natural = named(({ isNatural }) => isNatural)
  const keys = [
    ...indexes.filter(({ isKey }) => isKey).map((index) => index.columns),
    ...named(({ isPrimary }) => isPrimary).map((column) => [column]),
  ]
  const hasOwnKey = indexes.some(({ isKey }) => isKey)
  return [
    name,
    {
      version: Number(textIn(table, 'version', file)),
      columns: Object.fromEntries(columns.map((column) => [column.name, column.definition])),
      keys,
      indexes: indexes.filter(({ isKey }) => !isKey).map((index) => index.columns),
      ...(natural.length > 0 && !hasOwnKey ? { rowKey: natural } : {}),
    },
  ]
}

interface ReadColumn {
  readonly id: string
  readonly name: string
  readonly definition: ColumnDefinition
  readonly isPrimary: boolean
  readonly isNatural: boolean
}

function readColumn(column: XmlElement, where: string): ReadColumn {
  const name = textIn(column, 'name', where)
  const kamailioType = textIn(column, 'type', `${name} of ${where}`)
  const type = types.get(kamailioType.replace(/^unsigned /, ''))
  if (type === undefined) {
    throw outOfRange(
      `type of ${name} of ${where}`,
      `one of ${[...types.keys()].join(', ')}`,
      kamailioType,
    )
  }
  const size = Number.parseInt(column.text('size') ?? '0', 10)
  const value = defaultOf(column, type)
  return {
    id: column.attribute('id') ?? name,
    name,
    definition: {
      type,
      size: Number.isInteger(size) ? size : 0,
      nullable: column.has('null'),
      autoIncrement: column.has('autoincrement'),
      ...(value === undefined ? {} : { default: value }),
    },
    isPrimary: column.has('primary'),
    isNatural: column.has('natural'),
  }
}

/** Kamailio's types, each with the one that keeps its values. */
const types: ReadonlyMap<string, ColumnType> = new Map([
  ['char', 'string'],
  ['short', 'int'],
  ['int', 'int'],
  ['autoint', 'int'],
  ['long', 'bigint'],
  ['bigint', 'bigint'],
  ['datetime', 'datetime'],
  ['time', 'datetime'],
  ['double', 'double'],
  ['float', 'double'],
  ['string', 'string'],
  ['text', 'string'],
  ['largetext', 'string'],
  ['binary', 'blob'],
  ['largebinary', 'blob'],
])

function defaultOf(column: XmlElement, type: ColumnType): StoredValue | undefined {
  const [element] = column.all('default').filter((one) => one.attribute('db') === undefined)
  if (element === undefined) return undefined
  if (element.has('null')) return null
  const text = element.content
  if (type === 'string') return text
  if (type === 'datetime') return isDatetime(text) ? text : undefined
  if (type === 'blob') return Buffer.from(text)
  const number = Number(text)
  return text === '' || !Number.isFinite(number) ? undefined : number
}

function columnFor(byId: ReadonlyMap<string, string>, reference: XmlElement, file: string): string {
  const id = reference.attribute('linkend') ?? ''
  const column = byId.get(id)
  if (column !== undefined) return column
  throw outOfRange(`colref in ${file}`, `the id of a column: ${[...byId.keys()].join(', ')}`, id)
}

function textIn(element: XmlElement, name: string, where: string): string {
  const text = element.text(name)
  if (text !== undefined && text !== '') return text
  throw outOfRange(`<${name}> of ${where}`, 'there, with a text', text)
}
