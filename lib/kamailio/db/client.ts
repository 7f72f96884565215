import { checkNames, checkObject, checkText, checkTimeout } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import type { ErlangNode } from '../../index.js'
import { nodeNameOf } from '../../node/destination.js'
import { atom } from '../../term/atom.js'
import type { Term, TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { checkNode } from '../check-node.js'
import { countOf, type DatabaseRow, rowsOf } from './client-answer.js'
import { type DatabaseInput, termOfValue } from './client-value.js'
import type { AgreedTexts } from './column-value.js'
import { type OrderBy, resolveOrder, sliceRows, sortRows } from './row-order.js'
import { type DatabaseSchema, Schema, type Table } from './schema.js'
import { resolveTexts } from './server-options.js'
import { operators } from './store.js'
import { withVersions } from './version-table.js'

/** What `openDatabase` needs beside the address. */
export interface OpenDatabaseOptions extends Partial<AgreedTexts> {
  /** The node that asks. */
  readonly node: ErlangNode
  /** The nodes behind connection names: `{ conn: 'shop@127.0.0.1' }`. */
  readonly connections?: Readonly<Record<string, string>>
  /**
   * The tables, if they are known here: then names are checked before anything is sent, whole numbers
   * for a double column are floats, and bytes come back as a Buffer from a server that has no type for
   * them.
   */
  readonly schema?: DatabaseSchema
  /** For each operation, 5,000 by default, as long as db_erlang waits. */
  readonly timeoutMs?: number
}

/** Columns and the values they must have, or triples of column, operator and value. */
export type Where =
  | Readonly<Record<string, DatabaseInput>>
  | readonly (readonly [column: string, operator: string, value: DatabaseInput])[]

/** Which rows and columns `query` gives, and in which order. */
export interface QueryOptions {
  /** All columns by default. */
  readonly columns?: readonly string[]
  /** All rows by default. */
  readonly where?: Where
  /** The protocol has no order, so the rows are sorted here. */
  readonly orderBy?: OrderBy | readonly OrderBy[]
  /** At most so many rows, from the `offset`th on. All are sent, since the protocol has neither. */
  readonly limit?: number
  /** How many rows to leave out before the first; 0 by default. */
  readonly offset?: number
}

/** The values of a row by the names of their columns; null and undefined are NULL. */
export type RowInput = Readonly<Record<string, DatabaseInput>>

/** How `replace` and `insertOrUpdate` find the row. */
export interface KeyOptions {
  /**
   * The columns by which the row is found. By default all of the row's, as db_erlang sends them: a
   * server that knows the table's keys finds it by those.
   */
  readonly key?: readonly string[]
}

const asSent = { floats: 'number', nil: 'atom', binaries: 'buffer', integers: 'auto' } as const
const openNames = ['node', 'connections', 'schema', 'timeoutMs', 'nullText', 'emptyText']
const queryNames = ['columns', 'where', 'orderBy', 'limit', 'offset']

/**
 * Opens `erlang://connection/process`: the database that a gen_server at an Erlang node keeps. Nothing
 * is sent before the first operation. The connection is a name in `connections`, or a node:
 * `erlang://shop@127.0.0.1/db_mock_server`.
 *
 * Errors: TypeError and RangeError for what is no such address, or names no node.
 */
export function openDatabase(url: string, options: OpenDatabaseOptions): DatabaseClient {
  checkNames('openDatabase', checkObject('options', options), openNames)
  const { node, timeoutMs = 5_000 } = options
  return new DatabaseClient(checkNode(node), addressOf(url, options.connections ?? {}), {
    ...resolveTexts(options),
    timeoutMs: checkTimeout('timeoutMs', timeoutMs),
    schema: options.schema && withVersions(Schema.of(options.schema)),
  })
}

interface ClientOptions extends AgreedTexts {
  readonly timeoutMs: number
  readonly schema: Schema | undefined
}

interface Address {
  readonly name: string
  readonly node: string
}

/**
 * A database behind a gen_server, asked as db_erlang asks it. Every operation is one call.
 *
 * Errors: of each method: TypeError and RangeError for bad arguments; ERR_ERL_REMOTE with the
 *         `reason` of `{error, Reason}`; ERR_ERL_PROTOCOL for an answer that is none; those of
 *         `ErlangNode.call`.
 */
export class DatabaseClient {
  readonly #node: ErlangNode
  readonly #to: Address
  readonly #options: ClientOptions

  /** @internal Use `openDatabase`. */
  constructor(node: ErlangNode, to: Address, options: ClientOptions) {
    this.#node = node
    this.#to = to
    this.#options = options
  }

  /** The rows that match. */
  async query(table: string, options: QueryOptions = {}): Promise<DatabaseRow[]> {
    checkNames('query', checkObject('options', options), queryNames)
    const order = resolveOrder(options.orderBy)
    const asked = options.columns === undefined ? undefined : namesOf('columns', options.columns)
    const extra = order
      .map(({ column }) => column)
      .filter((name) => asked?.includes(name) === false)
    const columns = asked === undefined ? atom('all') : [...asked, ...new Set(extra)].map(atom)
    sliceRows([], options.limit, options.offset)
    const known = this.#table(table)
    for (const name of [...(asked ?? []), ...extra]) known?.column(name)
    const match = triplesOf(known, options.where ?? [])
    const answer = await this.#call('select', table, columns, match, [])
    const rows = sortRows(rowsOf(`select on ${table}`, answer, this.#options, known), order)
    for (const name of extra) for (const row of rows) delete row[name]
    return sliceRows(rows, options.limit, options.offset)
  }

  /** Puts in a row. Columns that are left out get the server's defaults. */
  async insert(table: string, row: RowInput): Promise<void> {
    await this.#write('insert', table, [], pairsOf(this.#table(table), 'row', row))
  }

  /** Sets `values` in the rows that match; tells how many, where the server does. */
  async update(table: string, values: RowInput, where: Where): Promise<number | undefined> {
    const known = this.#table(table)
    const keys = triplesOf(known, where)
    return await this.#write('update', table, keys, pairsOf(known, 'values', values))
  }

  /** Takes the rows that match away, all with `{}`; tells how many, where the server does. */
  async delete(table: string, where: Where): Promise<number | undefined> {
    return await this.#write('delete', table, triplesOf(this.#table(table), where), [])
  }

  /** Puts in a row in place of the one with its key. */
  async replace(table: string, row: RowInput, options: KeyOptions = {}): Promise<void> {
    const known = this.#table(table)
    const key = keyOf('replace', known, row, options)
    await this.#write('replace', table, key, pairsOf(known, 'row', row))
  }

  /** Sets the values of the row with this key or, when there is none, puts it in. */
  async insertOrUpdate(table: string, row: RowInput, options: KeyOptions = {}): Promise<void> {
    const known = this.#table(table)
    const key = keyOf('insertOrUpdate', known, row, options)
    await this.#write('insert_update', table, key, pairsOf(known, 'row', row))
  }

  /** The version of a table, as Kamailio's modules ask for it; undefined for one that has none. */
  async tableVersion(table: string): Promise<number | undefined> {
    const where = { table_name: checkText('table', table) }
    const [row] = await this.query('version', { columns: ['table_version'], where })
    return row === undefined ? undefined : Number(row.table_version)
  }

  /** Errors: RangeError for a table that the schema, if there is one, does not have. */
  #table(name: string): Table | undefined {
    return this.#options.schema?.table(checkText('table', name))
  }

  async #write(operation: string, table: string, keys: TermInput, values: TermInput) {
    return countOf(`${operation} on ${table}`, await this.#call(operation, table, [], keys, values))
  }

  /** Shape: `{Op, Table, Columns, Keys, Values}`. */
  async #call(
    operation: string,
    table: string,
    columns: TermInput,
    keys: TermInput,
    values: TermInput,
  ): Promise<Term> {
    const request = tuple(atom(operation), atom(checkText('table', table)), columns, keys, values)
    const { timeoutMs } = this.#options
    return await this.#node.call(this.#to, request, { timeoutMs, decode: asSent })
  }
}

const form = 'erlang://connection/process'

function addressOf(url: string, connections: Readonly<Record<string, string>>): Address {
  checkObject('connections', connections)
  const read = /^erlang:\/\/(?:([^/@:]+)(?::[^/@]*)?@)?([^/@:]+)(?::\d+)?\/([^/]+)$/.exec(
    checkText('url', url),
  )
  const [, user, host = '', name = ''] = read ?? []
  if (read === null) throw outOfRange('url', form, url)
  const known = Object.hasOwn(connections, host) ? connections[host] : undefined
  if (known !== undefined) return { name, node: nodeNameOf(known) }
  if (user !== undefined) return { name, node: nodeNameOf(`${user}@${host}`) }
  const rule = `one of ${Object.keys(connections).join(', ') || 'connections, which has none'}, or a node's name`
  throw outOfRange('connection of the url', rule, host)
}

function namesOf(argument: string, names: readonly string[]): string[] {
  if (!Array.isArray(names)) throw invalidArgument(argument, 'an array of column names', names)
  if (names.length === 0) throw outOfRange(argument, 'one or more', 0)
  return names.map((name: string) => checkText(argument, name))
}

/** `[{Column, Value}, …]` */
function pairsOf(table: Table | undefined, argument: string, row: RowInput): TermInput[] {
  const entries = Object.entries(checkObject(argument, row))
  if (entries.length === 0) throw outOfRange(argument, 'one or more columns', 0)
  return entries.map(([name, value]) =>
    tuple(atom(name), termOfValue(name, value, table?.column(name).type)),
  )
}

/** `[{Column, Operator, Value}, …]` */
function triplesOf(table: Table | undefined, where: Where): TermInput[] {
  checkObject('where', where)
  const all = Array.isArray(where)
    ? where
    : Object.entries(where).map(([name, value]) => [name, '=', value] as const)
  return all.map((one: unknown) => {
    const rule = 'an object, or an array of [column, operator, value]'
    if (!Array.isArray(one) || one.length !== 3) throw invalidArgument('where', rule, one)
    const [name, operator, value] = one
    if (!operators.includes(operator)) {
      throw outOfRange('operator', `one of ${operators.join(' ')}`, operator)
    }
    const type = table?.column(checkText('where', name)).type
    return tuple(atom(checkText('where', name)), atom(operator), termOfValue(name, value, type))
  })
}

function keyOf(
  method: string,
  table: Table | undefined,
  row: RowInput,
  options: KeyOptions,
): TermInput[] {
  checkNames(method, checkObject('options', options), ['key'])
  checkObject('row', row)
  const names = options.key === undefined ? Object.keys(row) : namesOf('key', options.key)
  return names.map((name) => {
    if (!Object.hasOwn(row, name)) throw outOfRange('key', 'columns of the row', name)
    return tuple(atom(name), atom('='), termOfValue(name, row[name], table?.column(name).type))
  })
}
