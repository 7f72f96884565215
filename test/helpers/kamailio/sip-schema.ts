import type { DatabaseSchema } from 'beamlink/kamailio'

/** Tables with every type of column, a key, and columns with and without defaults. */
export const sipSchema = {
  subscriber: {
    version: 7,
    columns: {
      id: { type: 'int', autoIncrement: true },
      username: { type: 'string', size: 64, nullable: false, default: '' },
      domain: { type: 'string', size: 64, nullable: false, default: '' },
      password: { type: 'string', size: 64, nullable: false, default: '' },
    },
    keys: [['username', 'domain']],
  },
  location: {
    version: 9,
    columns: {
      ruid: { type: 'string', size: 64, nullable: false },
      username: { type: 'string', size: 64, nullable: false, default: '' },
      contact: 'string',
      flags: { type: 'int', nullable: false, default: 0 },
      total: 'bigint',
      q: { type: 'double', default: 1 },
      expires: { type: 'datetime', default: '2030-05-28 21:32:15' },
      body: 'blob',
    },
    keys: [['ruid']],
    indexes: [['username']],
  },
} as const satisfies DatabaseSchema
