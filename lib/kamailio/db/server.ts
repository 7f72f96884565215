import { EventEmitter } from 'node:events'
import { ErlangError, invalidArgument } from '../../errors.js'
import type { ErlangNode } from '../../index.js'
import { isThenable } from '../../node/process/handler-process.js'
import type { GenFrom } from '../../otp/gen-reply.js'
import { noReply, type ServerCallbacks } from '../../otp/server/callbacks.js'
import type { ServerProcess } from '../../otp/server/server-process.js'
import { Atom, atom } from '../../term/atom.js'
import { Reference } from '../../term/reference.js'
import type { Term, TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { checkNode } from '../check-node.js'
import { selectAnswer } from './answer.js'
import { type DatabaseEvents, type DatabaseFailure, describeFailure } from './database-events.js'
import { MemoryStore } from './memory-store.js'
import {
  type DatabaseRequest,
  labelOf,
  matchOfRow,
  type Operation,
  RequestReader,
} from './request.js'
import { type DatabaseSchema, Schema } from './schema.js'
import {
  type DatabaseServerOptions,
  type ResolvedServerOptions,
  resolveServerOptions,
} from './server-options.js'
import { hasSqlite, SqliteStore } from './sqlite-store.js'
import type { Awaitable, Store } from './store.js'
import { byteList } from './text-bytes.js'
import { versionsOf, versionTable, withoutVersions, withVersions } from './version-table.js'

/** How often each operation was done, and how many requests and messages failed. */
export type DatabaseStats = Readonly<Record<Operation | 'errors', number>>

/** Every term as Erlang sent it, whatever the node prefers. */
const asSent = {
  integers: 'auto',
  floats: 'number',
  nil: 'atom',
  binaries: 'buffer',
  maps: 'map',
} as const

/**
 * Starts the database behind Kamailio's `erlang://connection/process`, `process` being `name`.
 *
 * The store is one of this module, or any object with its methods, or the name of a file for SQLite.
 * Without one it is the file `name.sqlite` in the working directory or, where better-sqlite3 is not
 * installed, memory, which a warning tells.
 *
 * The table `version` is made from the schema, also where that has one of its own.
 *
 * Shape:  `gen_server:call(Name, {Op, Table, Columns, Keys, Values})`; a select is answered with
 *         `{Fields, Rows}`, an update or a delete with `{[], Count}`, the others with `{[], ok}`.
 * Errors: TypeError and RangeError for bad arguments; what opening the store throws.
 */
export async function serveDatabase(
  node: ErlangNode,
  name: string | Atom,
  store: Store | string | undefined,
  schema: DatabaseSchema,
  options: DatabaseServerOptions = {},
): Promise<DatabaseServer> {
  checkNode(node)
  const tables = withoutVersions(Schema.of(schema))
  const resolved = resolveServerOptions(options)
  const opened = storeOf(name, store)
  await opened.open(tables)
  try {
    return new DatabaseServer(node, name, opened, tables, resolved)
  } catch (error) {
    await opened.close?.()
    throw error
  }
}

/** What `serveDatabase` starts. */
export class DatabaseServer extends EventEmitter<DatabaseEvents> implements AsyncDisposable {
  /** The gen_server. */
  readonly process: ServerProcess
  readonly #store: Store
  readonly #versions: MemoryStore
  readonly #reader: RequestReader
  readonly #options: ResolvedServerOptions
  readonly #counts: Record<Operation | 'errors', number> = {
    select: 0,
    insert: 0,
    update: 0,
    delete: 0,
    replace: 0,
    insert_update: 0,
    errors: 0,
  }
  readonly #closed: Promise<void>

  /** @internal Use `serveDatabase`. */
  constructor(
    node: ErlangNode,
    name: string | Atom,
    store: Store,
    schema: Schema,
    options: ResolvedServerOptions,
  ) {
    super()
    this.#store = store
    this.#options = options
    this.#versions = versionsOf(schema)
    this.#reader = new RequestReader(withVersions(schema), options)
    this.process = node.serve(name, this.#callbacks(), { decode: asSent })
    this.#closed = this.process.whenEnded.then(async () => {
      await store.close?.()
    })
    // `stop` tells; nobody else need hear of it.
    this.#closed.catch(() => undefined)
  }

  /** How many requests there were of each operation, and how many failed. */
  stats(): DatabaseStats {
    return { ...this.#counts }
  }

  /** Ends the gen_server and closes the store. Safe twice. Errors: what closing the store throws. */
  async stop(): Promise<void> {
    if (this.process.isAlive) this.process.stop()
    await this.#closed
  }

  /** As `stop`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #callbacks(): ServerCallbacks {
    const noCall = (message: Term) => {
      const error = invalidArgument('message', 'a call', message)
      this.#failed({
        operation: 'message',
        table: undefined,
        error,
        peer: undefined,
        isAnswered: false,
      })
    }
    return { call: (request, from) => this.#call(request, from), cast: noCall, info: noCall }
  }

  /** Answers at once where the store does, so that a call costs no turn of the event loop. */
  #call(request: Term, from: GenFrom): TermInput | typeof noReply | Promise<unknown> {
    try {
      const read = this.#reader.read(request)
      const answer = this.#perform(read)
      if (!(answer instanceof Promise)) return this.#done(read.operation, answer)
      return this.#inTime(answer)
        .then((later) => this.#done(read.operation, later))
        .catch((error: unknown) => this.#refused(request, from, error))
    } catch (error) {
      return this.#refused(request, from, error)
    }
  }

  #done(operation: Operation, answer: TermInput): TermInput {
    this.#counts[operation] += 1
    return answer
  }

  #perform(request: DatabaseRequest): TermInput | Promise<TermInput> {
    const { operation, table, columns, match, values } = request
    const store = this.#storeOf(request)
    switch (operation) {
      case 'select':
        return after(store.select(table, columns, match), (rows) =>
          selectAnswer(columns, rows, this.#options),
        )
      case 'insert':
        return after(store.insert(table, table.filled(values)), done)
      case 'update':
        return after(store.update(table, values, match), counted)
      case 'delete':
        return after(store.delete(table, match), counted)
      case 'replace':
        return after(store.replace(table, table.filled(values), matchOfRow(request)), done)
      case 'insert_update': {
        const row = table.filled(values)
        return after(store.insertOrUpdate(table, values, row, matchOfRow(request)), done)
      }
    }
  }

  #storeOf({ operation, table }: DatabaseRequest): Store {
    if (table !== versionTable) return this.#store
    if (operation === 'select') return this.#versions
    throw new RangeError('the table version is made from the schema; it can only be read')
  }

  async #inTime(answer: Promise<TermInput>): Promise<TermInput> {
    const { storeTimeoutMs } = this.#options
    if (storeTimeoutMs === Number.POSITIVE_INFINITY) return await answer
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new ErlangError('ERR_ERL_TIMEOUT', `the store took over ${storeTimeoutMs} ms`)
      timer = setTimeout(() => reject(error), storeTimeoutMs)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * A select is answered with what is no result, on which db_erlang fails at once. For the others it
   * knows no answer that means failure.
   */
  #refused(request: Term, { pid, tag }: GenFrom, thrown: unknown): TermInput | typeof noReply {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const label = labelOf(request)
    const { failedWrites } = this.#options
    const isSilent = failedWrites === 'silence' || (failedWrites === 'auto' && Reference.is(tag))
    const isAnswered = label.operation === 'select' || !isSilent
    this.#failed({ ...label, error, peer: pid.node.name, isAnswered })
    return isAnswered ? tuple(atom('error'), byteList(error.message)) : noReply
  }

  #failed(failure: DatabaseFailure): void {
    this.#counts.errors += 1
    if (this.listenerCount('databaseError') > 0) {
      try {
        this.emit('databaseError', failure)
      } catch (error) {
        // A listener must not end the database.
        process.nextTick(() => {
          throw error
        })
      }
    } else {
      process.emitWarning(describeFailure(failure), { type: 'DatabaseWarning' })
    }
  }
}

function storeOf(name: string | Atom, store: Store | string | undefined): Store {
  if (typeof store === 'string') return new SqliteStore(store)
  if (store !== undefined) return checkStore(store)
  if (hasSqlite()) return new SqliteStore(`${Atom.is(name) ? name.name : name}.sqlite`)
  const warning = 'better-sqlite3 is not installed: the database is in memory, and ends with it'
  process.emitWarning(warning, { type: 'DatabaseWarning' })
  return new MemoryStore()
}

const storeMethods = [
  'open',
  'select',
  'insert',
  'update',
  'delete',
  'replace',
  'insertOrUpdate',
] as const satisfies readonly (keyof Store)[]

function checkStore(store: Store): Store {
  const rule = `a file name or an object with ${storeMethods.join(', ')}`
  if (typeof store !== 'object' || store === null) throw invalidArgument('store', rule, store)
  for (const method of storeMethods) {
    if (typeof store[method] !== 'function')
      throw invalidArgument(`store.${method}`, 'a function', store[method])
  }
  return store
}

/** What comes of a value, now or when it is there. */
function after<Value>(
  value: Awaitable<Value>,
  next: (value: Value) => TermInput,
): TermInput | Promise<TermInput> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value as Value)
}

function done(): TermInput {
  return tuple([], atom('ok'))
}

function counted(count: number): TermInput {
  return tuple([], count)
}
