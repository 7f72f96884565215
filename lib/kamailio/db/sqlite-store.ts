import { checkBoolean, checkNames, checkObject, checkText } from '../../base/validate.js'
import { outOfRange } from '../../errors.js'
import type { Column, ColumnType, Schema, StoredValue, StoredValues, Table } from './schema.js'
import type { Match, Operator, Store, StoredRow } from './store.js'

/** Options of `SqliteStore`. */
export interface SqliteOptions {
  /**
   * Whether a write waits until the disk has it. True by default; without, a power cut can take the
   * last writes, but never breaks the file.
   */
  readonly durable?: boolean
}

/** What is used of better-sqlite3. */
interface Statement {
  all(...values: readonly StoredValue[]): unknown[]
  run(...values: readonly StoredValue[]): { readonly changes: number }
  raw(isRaw: boolean): Statement
  safeIntegers(areSafe: boolean): Statement
}
interface Connection {
  prepare(sql: string): Statement
  exec(sql: string): void
  pragma(text: string): unknown
  transaction<Arguments extends unknown[]>(
    work: (...args: Arguments) => void,
  ): (...args: Arguments) => void
  close(): void
}
type OpenConnection = new (file: string, options: { readonly timeout: number }) => Connection

/** More shapes of requests than this are prepared anew each time. */
const MAX_STATEMENTS = 500

/**
 * How long to wait for another program that writes to the file. It blocks this process; longer, and
 * Kamailio would have given up.
 */
const BUSY_MS = 1_000

/** Whether better-sqlite3, an optional peer of this package, is installed. */
export function hasSqlite(): boolean {
  try {
    require.resolve('better-sqlite3')
    return true
  } catch {
    return false
  }
}

/**
 * Keeps rows in a file of SQLite, by the package better-sqlite3 (`npm install better-sqlite3`). The
 * file may be `:memory:`.
 *
 * Errors: those of better-sqlite3, `SQLITE_BUSY` after a second where another program holds the file;
 *         an Error that says what to do where that package cannot be loaded.
 */
export class SqliteStore implements Store {
  readonly #connection: Connection
  readonly #statements = new Map<string, Statement>()
  readonly #replace: (table: Table, row: StoredValues, match: Match) => void
  readonly #insertOrUpdate: Store['insertOrUpdate']

  constructor(file: string, options: SqliteOptions = {}) {
    checkText('file', file)
    checkNames('SqliteStore', checkObject('options', options), ['durable'])
    const isDurable = checkBoolean('durable', options.durable ?? true)
    this.#connection = connect(file)
    this.#connection.pragma('journal_mode = WAL')
    this.#connection.pragma(`synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`)
    this.#replace = this.#connection.transaction(
      (table: Table, row: StoredValues, match: Match) => {
        this.delete(table, match)
        this.insert(table, row)
      },
    )
    this.#insertOrUpdate = this.#connection.transaction(
      (table: Table, values: StoredValues, row: StoredValues, match: Match) => {
        if (this.update(table, values, match) === 0) this.insert(table, row)
      },
    )
  }

  /** Errors: RangeError for a table of the file that lacks a column of the schema. */
  open(schema: Schema): void {
    this.#connection.transaction(() => {
      for (const table of schema.tables) this.#openTable(table)
    })()
  }

  select(table: Table, columns: readonly Column[], match: Match): StoredRow[] {
    const names = columns.map(({ name }) => quoted(name)).join(', ')
    const sql = `SELECT ${names} FROM ${quoted(table.name)}${whereOf(match)}`
    const hasLarge = columns.some(({ type }) => type === 'bigint')
    const statement = this.#statement(sql, (made) => made.raw(true).safeIntegers(hasLarge))
    const rows = statement.all(...valuesOf(match)) as StoredRow[]
    return hasLarge ? rows.map((row) => row.map(asNumber)) : rows
  }

  insert(table: Table, row: StoredValues): void {
    const names = Object.keys(row)
    const places = names.map(() => '?').join(', ')
    const columns = names.map(quoted).join(', ')
    const sql = `INSERT INTO ${quoted(table.name)} (${columns}) VALUES (${places})`
    this.#statement(sql).run(...Object.values(row))
  }

  update(table: Table, values: StoredValues, match: Match): number {
    const names = Object.keys(values)
    const sets = names.map((name) => `${quoted(name)} = ?`).join(', ')
    const sql = `UPDATE ${quoted(table.name)} SET ${sets}${whereOf(match)}`
    return this.#statement(sql).run(...Object.values(values), ...valuesOf(match)).changes
  }

  delete(table: Table, match: Match): number {
    const sql = `DELETE FROM ${quoted(table.name)}${whereOf(match)}`
    return this.#statement(sql).run(...valuesOf(match)).changes
  }

  replace(table: Table, row: StoredValues, match: Match): void {
    this.#replace(table, row, match)
  }

  insertOrUpdate(table: Table, values: StoredValues, row: StoredValues, match: Match): void {
    this.#insertOrUpdate(table, values, row, match)
  }

  close(): void {
    this.#statements.clear()
    this.#connection.close()
  }

  /** SQLite compiles a statement once for each shape of a request. */
  #statement(sql: string, shaped: (statement: Statement) => Statement = asItIs): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = shaped(this.#connection.prepare(sql))
    if (this.#statements.size < MAX_STATEMENTS) this.#statements.set(sql, statement)
    return statement
  }

  #openTable(table: Table): void {
    this.#connection.exec(tableSql(table))
    const there = this.#connection
      .prepare(`SELECT name FROM pragma_table_info(?)`)
      .raw(true)
      .all(table.name)
      .map((row) => String((row as StoredRow)[0]))
    const missing = table.columns.filter(({ name }) => !there.includes(name))
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(', ')
      throw outOfRange(`columns of ${table.name} in the file`, `with ${names}`, there.join(', '))
    }
    for (const sql of indexesSql(table)) this.#connection.exec(sql)
  }
}

function connect(file: string): Connection {
  let Database: OpenConnection
  try {
    Database = require('better-sqlite3') as OpenConnection
  } catch (cause) {
    const what = 'SqliteStore needs the package better-sqlite3: npm install better-sqlite3'
    throw new Error(what, { cause })
  }
  return new Database(file, { timeout: BUSY_MS })
}

function asItIs(statement: Statement): Statement {
  return statement
}

/** The schema lets no name pass that has a quote. */
function quoted(name: string): string {
  return `"${name}"`
}

const comparisons: Readonly<Record<Operator, (column: string) => string>> = {
  '=': (column) => `${column} = ?`,
  '!=': (column) => `${column} <> ?`,
  '<': (column) => `${column} < ?`,
  '>': (column) => `${column} > ?`,
  '<=': (column) => `${column} <= ?`,
  '>=': (column) => `${column} >= ?`,
  '&': (column) => `(${column} & ?) <> 0`,
}

function whereOf(match: Match): string {
  if (match.length === 0) return ''
  const conditions = match.map(({ column, operator, value }) => {
    const name = quoted(column.name)
    if (value === null && operator === '=') return `${name} IS NULL`
    if (value === null && operator === '!=') return `${name} IS NOT NULL`
    return comparisons[operator](name)
  })
  return ` WHERE ${conditions.join(' AND ')}`
}

function valuesOf(match: Match): StoredValue[] {
  const asked = match.filter(
    ({ operator, value }) => value !== null || (operator !== '=' && operator !== '!='),
  )
  return asked.map(({ value }) => value)
}

const affinities: Readonly<Record<ColumnType, string>> = {
  int: 'INTEGER',
  bigint: 'INTEGER',
  double: 'REAL',
  string: 'TEXT',
  datetime: 'TEXT',
  blob: 'BLOB',
}

function tableSql(table: Table): string {
  const columns = table.columns.map(({ name, type, nullable, autoIncrement }) => {
    if (autoIncrement) return `${quoted(name)} INTEGER PRIMARY KEY AUTOINCREMENT`
    return `${quoted(name)} ${affinities[type]}${nullable ? '' : ' NOT NULL'}`
  })
  return `CREATE TABLE IF NOT EXISTS ${quoted(table.name)} (${columns.join(', ')})`
}

function indexesSql(table: Table): string[] {
  const index = (kind: string, columns: readonly string[]) => {
    const name = quoted([table.name, ...columns].join('__'))
    const list = columns.map(quoted).join(', ')
    return `CREATE ${kind} IF NOT EXISTS ${name} ON ${quoted(table.name)} (${list})`
  }
  const numbered = table.columns.find(({ autoIncrement }) => autoIncrement)?.name
  // What numbers itself is the primary key of the table already.
  const keys = table.keys.filter((columns) => columns.length > 1 || columns[0] !== numbered)
  return [
    ...keys.map((columns) => index('UNIQUE INDEX', columns)),
    ...table.indexes.map((columns) => index('INDEX', columns)),
  ]
}

function asNumber(value: StoredValue): StoredValue {
  const number = Number(value)
  return typeof value === 'bigint' && Number.isSafeInteger(number) ? number : value
}
