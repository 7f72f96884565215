import { MemoryStore } from './memory-store.js'
import { Schema, Table } from './schema.js'

/** The table in which Kamailio's modules look up which version of their table there is. */
export const versionTable = new Table('version', {
  columns: {
    table_name: { type: 'string', size: 32, nullable: false },
    table_version: { type: 'int', nullable: false, default: 0 },
  },
  keys: [['table_name']],
})

export function withoutVersions(schema: Schema): Schema {
  return new Schema(schema.tables.filter(({ name }) => name !== versionTable.name))
}

/** A schema with that table, in place of one of that name. */
export function withVersions(schema: Schema): Schema {
  return new Schema([...withoutVersions(schema).tables, versionTable])
}

/** Its rows, one for each table of a schema. */
export function versionsOf(schema: Schema): MemoryStore {
  const store = new MemoryStore()
  store.open(new Schema([versionTable]))
  for (const { name, version } of [...schema.tables, versionTable]) {
    store.insert(versionTable, { table_name: name, table_version: version })
  }
  return store
}
