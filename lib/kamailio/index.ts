/**
 * Behind Kamailio's `erlang` and `db_erlang`: {@link Kamailio} decides for its scripts,
 * {@link serveDatabase} keeps its tables, {@link KamailioStandIn} takes its place in tests.
 *
 * @module beamlink/kamailio
 */
export type { KamailioStats } from './c-node/c-node.js'
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
export type { Operation } from './db/request.js'
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
export type { Entities } from './db/xml-document.js'
export {
  Kamailio,
  type KamailioCallOptions,
  type KamailioEvents,
  type KamailioOptions,
  type KamailioSendOptions,
} from './kamailio.js'
export type { SipHandler } from './router/router.js'
export type { ChallengeBy, Credentials, RelayOptions, SipReply } from './router/sip-reply.js'
export type { SipParty, SipRequest, SipSource } from './router/sip-request.js'
export { KamailioFault } from './rpc/fault.js'
export type { KamailioParameter, KamailioStructParameter } from './rpc/parameters.js'
export type { KamailioStruct, KamailioValue } from './rpc/values.js'
export { kamailioSafe, type SafeOptions } from './safe.js'
export {
  routeTo,
  type ScriptHandlers,
  SipRouterModule,
  type SipRouterStats,
} from './sip-router-module.js'
export type { Method, MethodParameter } from './stand-in/methods.js'
export type { MethodValue } from './stand-in/reply-terms.js'
export {
  type EventHandler,
  type EventRoute,
  KamailioStandIn,
  type KamailioStandInOptions,
  type StandInStats,
} from './stand-in/stand-in.js'
