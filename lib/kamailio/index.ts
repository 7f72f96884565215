export {
  DatabaseClient,
  type KeyOptions,
  type OpenDatabaseOptions,
  openDatabase,
  type QueryOptions,
  type RowInput,
  type Where,
} from './db/client.js'
export type { DatabaseRow } from './db/client-answer.js'
export type { DatabaseInput, DatabaseValue } from './db/client-value.js'
export type { DatabaseEvents, DatabaseFailure } from './db/database-events.js'
export { MemoryStore } from './db/memory-store.js'
export type { OrderBy } from './db/row-order.js'
export {
  type Column,
  type ColumnDefinition,
  type ColumnType,
  type DatabaseSchema,
  Schema,
  type StoredValue,
  type StoredValues,
  Table,
  type TableDefinition,
} from './db/schema.js'
export { parseKamailioTable, readKamailioSchema } from './db/schema-xml.js'
export { DatabaseServer, type DatabaseStats, serveDatabase } from './db/server.js'
export type { DatabaseServerOptions } from './db/server-options.js'
export { hasSqlite, type SqliteOptions, SqliteStore } from './db/sqlite-store.js'
export type { Awaitable, Condition, Match, Operator, Store, StoredRow } from './db/store.js'
