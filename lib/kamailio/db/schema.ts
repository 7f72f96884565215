import { checkBoolean, checkInteger, checkNames, checkObject } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import { isDatetime } from './datetime.js'

/** What a store keeps in a column. A datetime is text, `2026-11-28 05:54:17`, in local time. */
export type StoredValue = number | bigint | string | Uint8Array | null

/** A row, or some of its columns, by column name. */
export type StoredValues = Readonly<Record<string, StoredValue>>

/** `int` has 32 bits in Kamailio, `bigint` 64. */
export type ColumnType = 'int' | 'bigint' | 'double' | 'string' | 'datetime' | 'blob'

const columnTypes: readonly ColumnType[] = ['int', 'bigint', 'double', 'string', 'datetime', 'blob']

/** A column as it is written in a `TableDefinition`. */
export interface ColumnDefinition {
  /** What its values are. */
  readonly type: ColumnType
  /** The size that a select tells with the column. Nothing is cut to it. */
  readonly size?: number
  /** Whether the column can be NULL. True by default. */
  readonly nullable?: boolean
  /** What an insert without this column puts there. */
  readonly default?: StoredValue
  /** An int column that the store numbers by itself. */
  readonly autoIncrement?: boolean
}

/** A table as it is written in a `DatabaseSchema`. */
export interface TableDefinition {
  /** The columns by their names, in order; a type alone is a column that can be NULL. */
  readonly columns: Readonly<Record<string, ColumnType | ColumnDefinition>>
  /** What Kamailio's modules find in the table `version`; 1 by default. */
  readonly version?: number
  /** Columns whose values together are unique, the most telling key first. */
  readonly keys?: readonly (readonly string[])[]
  /** Columns that are searched often. */
  readonly indexes?: readonly (readonly string[])[]
  /**
   * By which columns `replace` and `insert_update` find the row when a request names every column, as
   * db_erlang's do. By default those of the first key that the request has values for.
   */
  readonly rowKey?: readonly string[]
}

/** Tables by name. */
export type DatabaseSchema = Readonly<Record<string, TableDefinition>>

/** A column of a checked `Table`, with what its definition left out. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly size: number
  readonly nullable: boolean
  readonly default: StoredValue | undefined
  readonly autoIncrement: boolean
  /** Its place in the table, from 0. */
  readonly position: number
}

/** A table as a request may name it: what is not in it is refused. */
export class Table {
  readonly name: string
  readonly version: number
  readonly columns: readonly Column[]
  readonly keys: readonly (readonly string[])[]
  readonly indexes: readonly (readonly string[])[]
  readonly rowKey: readonly string[] | undefined
  readonly #byName: ReadonlyMap<string, Column>

  constructor(name: string, definition: TableDefinition) {
    const where = `table ${name}`
    checkNames(where, checkObject(where, definition), tableNames)
    this.name = checkName('table', name)
    this.version = checkInteger(`version of ${name}`, definition.version ?? 1, 0, 2 ** 31 - 1)
    const columns = Object.entries(checkObject(`columns of ${name}`, definition.columns))
    this.columns = columns.map(([column, type], at) => columnOf(name, column, type, at))
    if (columns.length === 0) throw outOfRange(`columns of ${name}`, 'one or more', 0)
    checkDistinct(`columns of ${name}`, Object.keys(definition.columns))
    const numbered = this.columns.filter(({ autoIncrement }) => autoIncrement)
    if (numbered.length > 1) {
      throw outOfRange(`autoIncrement of ${name}`, 'in one column at most', numbered.length)
    }
    this.#byName = new Map(this.columns.map((column) => [column.name, column]))
    this.keys = this.#columnLists('keys', definition.keys)
    this.indexes = this.#columnLists('indexes', definition.indexes)
    this.rowKey = definition.rowKey && this.#columnList('rowKey', definition.rowKey)
  }

  /** Errors: RangeError for a column that the table does not have. */
  column(name: string): Column {
    const column = this.#byName.get(name)
    if (column !== undefined) return column
    throw outOfRange(
      `column of ${this.name}`,
      `one of ${[...this.#byName.keys()].join(', ')}`,
      name,
    )
  }

  /**
   * A whole row: `values`, and the defaults of the columns that it leaves out.
   *
   * Errors: RangeError for a NULL, or nothing, where a column can be neither.
   */
  filled(values: StoredValues): StoredValues {
    const row: [string, StoredValue][] = this.columns.map((column) => {
      const value = values[column.name] ?? (Object.hasOwn(values, column.name) ? null : undefined)
      return [column.name, value === undefined ? this.#default(column) : value]
    })
    for (const [name, value] of row) this.checkNull(this.column(name), value)
    return Object.fromEntries(row)
  }

  /** Errors: RangeError for NULL in a column that cannot be NULL. */
  checkNull(column: Column, value: StoredValue): void {
    if (value !== null || column.nullable || column.autoIncrement) return
    throw outOfRange(`column ${column.name} of ${this.name}`, 'other than NULL', value)
  }

  #default(column: Column): StoredValue {
    if (column.default !== undefined) return column.default
    if (column.nullable || column.autoIncrement) return null
    throw outOfRange(`column ${column.name} of ${this.name}`, 'given: it has no default', undefined)
  }

  #columnLists(what: string, lists: readonly (readonly string[])[] = []) {
    if (!Array.isArray(lists)) throw invalidArgument(`${what} of ${this.name}`, 'an array', lists)
    return lists.map((list) => this.#columnList(what, list))
  }

  #columnList(what: string, list: readonly string[]): readonly string[] {
    const name = `${what} of ${this.name}`
    if (!Array.isArray(list)) throw invalidArgument(name, 'an array of column names', list)
    if (list.length === 0) throw outOfRange(name, 'one or more columns', 0)
    return list.map((column: string) => this.column(column).name)
  }
}

/** The tables that a database has; there are no others. */
export class Schema {
  readonly tables: readonly Table[]
  readonly #byName: ReadonlyMap<string, Table>

  constructor(tables: readonly Table[]) {
    this.tables = tables
    this.#byName = new Map(tables.map((table) => [table.name, table]))
  }

  /** Errors: TypeError and RangeError name the table, the rule and the value. */
  static of(definition: DatabaseSchema): Schema {
    const entries = Object.entries(checkObject('schema', definition))
    if (entries.length === 0) throw outOfRange('schema', 'one table or more', 0)
    checkDistinct('tables of the schema', Object.keys(definition))
    return new Schema(entries.map(([name, table]) => new Table(name, table)))
  }

  /** Errors: RangeError for a table that is not there. */
  table(name: string): Table {
    const table = this.#byName.get(name)
    if (table !== undefined) return table
    throw outOfRange('table', `one of ${[...this.#byName.keys()].join(', ')}`, name)
  }
}

const tableNames: readonly (keyof TableDefinition)[] = [
  'columns',
  'version',
  'keys',
  'indexes',
  'rowKey',
]
const columnNames: readonly (keyof ColumnDefinition)[] = [
  'type',
  'size',
  'nullable',
  'default',
  'autoIncrement',
]

function columnOf(
  table: string,
  name: string,
  given: ColumnType | ColumnDefinition,
  position: number,
): Column {
  const where = `column ${name} of ${table}`
  const definition = typeof given === 'string' ? { type: given } : given
  checkNames(where, checkObject(where, definition), columnNames)
  const { type, size = 0, nullable = true, autoIncrement = false } = definition
  if (!columnTypes.includes(type)) {
    throw outOfRange(`type of ${where}`, `one of ${columnTypes.join(', ')}`, type)
  }
  if (autoIncrement && type !== 'int' && type !== 'bigint') {
    throw outOfRange(`type of ${where}`, 'int or bigint, since it numbers itself', type)
  }
  return {
    name: checkName(`column of ${table}`, name),
    type,
    size: checkInteger(`size of ${where}`, size, 0, 2 ** 31 - 1),
    nullable: checkBoolean(`nullable of ${where}`, nullable),
    default: checkDefault(`default of ${where}`, type, definition.default),
    autoIncrement: checkBoolean(`autoIncrement of ${where}`, autoIncrement),
    position,
  }
}

/** What a default can be, besides NULL. */
const defaults: Readonly<
  Record<ColumnType, readonly [rule: string, holds: (value: unknown) => boolean]>
> = {
  int: ['an integer of 32 bits', (value) => isIntegerOf(value, -(2n ** 31n), 2n ** 32n)],
  bigint: ['an integer of 64 bits', (value) => isIntegerOf(value, -(2n ** 63n), 2n ** 63n)],
  double: ['a finite number', Number.isFinite],
  string: ['text', (value) => typeof value === 'string'],
  datetime: ["text such as '2026-11-28 05:54:17'", isDatetime],
  blob: ['bytes', (value) => value instanceof Uint8Array],
}

function checkDefault(
  name: string,
  type: ColumnType,
  value: StoredValue | undefined,
): StoredValue | undefined {
  const [rule, holds] = defaults[type]
  if (value === undefined || value === null || holds(value)) return value
  throw invalidArgument(name, `${rule}, or null`, value)
}

function isIntegerOf(value: unknown, least: bigint, above: bigint): boolean {
  const isWhole = typeof value === 'bigint' || Number.isInteger(value)
  if (!isWhole) return false
  const integer = BigInt(value as number | bigint)
  return integer >= least && integer < above
}

/** Names go into SQL between quotes, and into atoms; these need neither escapes nor thought. */
function checkName(what: string, name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) return name
  throw outOfRange(`name of a ${what}`, 'a letter, then letters, digits and _, 64 at most', name)
}

/** SQL does not tell `User` from `user`. */
function checkDistinct(what: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name.toLowerCase())) throw outOfRange(what, 'different, whatever the case', name)
    seen.add(name.toLowerCase())
  }
}
