import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { atom, type ErlangNode, float, type TermInput, tuple } from 'beamlink'
import {
  type DatabaseClient,
  type DatabaseServer,
  MemoryStore,
  openDatabase,
  serveDatabase,
} from 'beamlink/kamailio'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { sipSchema } from '../helpers/kamailio/sip-schema.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

describe('openDatabase', () => {
  it.each<[string, string, object, RegExp]>([
    ['no address', 'conn', {}, /url must be erlang:\/\/connection\/process, got "conn"/],
    ['another protocol', 'mysql://conn/db', {}, /url must be erlang/],
    ['no process', 'erlang://conn/', {}, /url must be erlang/],
    [
      'a connection that nobody knows',
      'erlang://conn/db',
      {},
      /connection of the url must be one of/,
    ],
    [
      'a connection that another is',
      'erlang://conn/db',
      { connections: { other: 'a@b' } },
      /one of other/,
    ],
    ['a connection to no node', 'erlang://conn/db', { connections: { conn: 'shop' } }, /node/],
    ['a bad time limit', 'erlang://a@b/db', { timeoutMs: -1 }, /timeoutMs must be/],
    ['an unknown option', 'erlang://a@b/db', { conections: {} }, /did you mean "connections"/],
  ])('refuses %s', (_, url, options, message) => {
    expect(() => openDatabase(url, { node, ...options })).toThrow(message)
  })

  it('refuses what is no node', () => {
    expect(() => openDatabase('erlang://a@b/db', { node: {} as ErlangNode })).toThrow(/ErlangNode/)
  })

  it('finds the node by connection name, and ignores user, password and port as db_erlang', async () => {
    const server = await serveDatabase(node, 'here', new MemoryStore(), sipSchema)
    for (const url of ['erlang://conn/here', 'erlang://me:secret@conn:1/here']) {
      const db = openDatabase(url, { node, connections: { conn: node.name } })
      expect(await db.query('location')).toEqual([])
    }
    expect(await openDatabase(`erlang://${node.name}/here`, { node }).query('location')).toEqual([])
    await server.stop()
  })
})

/** The tables of `sipSchema` that these tests use, for the server on DETS. */
const detsSchema = `[{location, 9, [{ruid, string, 64, "", notnull}, {username, string, 64, "", notnull},
  {contact, string, any, undefined, nullok}, {flags, int, 11, 0, notnull},
  {total, long, any, undefined, nullok}, {q, double, {10,2}, 1.0, nullok},
  {expires, datetime, any, {{2030,5,28},{21,32,15}}, nullok}, {body, binary, any, undefined, nullok}]}]`

interface Kind {
  readonly name: string
  start(): Promise<{ readonly at: ErlangNode | ErlNode; stop(): Promise<unknown> }>
  /** Whether numbers have NULL. */
  readonly hasNullNumbers: boolean
}

const kinds: Kind[] = [
  {
    name: 'our server',
    hasNullNumbers: false,
    async start() {
      const theirs = await startBeside(erl)
      await serveDatabase(theirs, 'database', new MemoryStore(), sipSchema)
      return { at: theirs, stop: () => theirs.stop() }
    },
  },
  {
    name: 'our server, with NULL in numbers',
    hasNullNumbers: true,
    async start() {
      const theirs = await startBeside(erl)
      const options = { nullNumbers: 'text' } as const
      await serveDatabase(theirs, 'database', new MemoryStore(), sipSchema, options)
      return { at: theirs, stop: () => theirs.stop() }
    },
  },
  {
    name: 'a gen_server on DETS',
    hasNullNumbers: true,
    async start() {
      const folder = mkdtempSync(path.join(tmpdir(), 'kamailio-dets-'))
      const source = path.join(__dirname, '../helpers/kamailio/dets_db.erl')
      await erl.load(readFileSync(source, 'utf8'))
      const file = path.join(folder, 'mock_db.dets')
      // The folder need not be there for the node, which may live in another root.
      await erl.eval(`
        ok = filelib:ensure_dir("${file}"), {ok, _} = dets_db:start(database, "${file}", ${detsSchema}), ok`)
      const stopping = `M = monitor(process, database), gen_server:cast(database, stop),
        receive {'DOWN', M, _, _, _} -> ok end`
      return {
        at: erl,
        async stop() {
          await erl.eval(stopping)
          rmSync(folder, { recursive: true })
        },
      }
    },
  },
]

describe.each(kinds)('a database behind $name', ({ start, hasNullNumbers }) => {
  let db: DatabaseClient
  let url: string
  let stop: () => Promise<unknown>
  beforeAll(async () => {
    const served = await start()
    stop = () => served.stop()
    url = `erlang://${served.at.name}/database`
    db = openDatabase(url, { node })
  })
  afterAll(() => stop())
  beforeEach(async () => {
    await db.delete('location', {})
  })

  it('refuses bad arguments before anything is sent', async () => {
    const refusals: [() => Promise<unknown>, RegExp][] = [
      [() => db.query(''), /table must be/],
      [() => db.query('location', { columns: [] }), /columns must be one or more/],
      [() => db.query('location', { columns: 'ruid' as never }), /columns must be an array/],
      [() => db.query('location', { order: 'ruid' } as never), /did you mean "orderBy"/],
      [() => db.query('location', { orderBy: { colum: 'x' } as never }), /orderBy must be/],
      [() => db.query('location', { limit: -1 }), /limit must be/],
      [() => db.query('location', { offset: 0.5 }), /offset must be/],
      [() => db.query('location', { where: [['ruid', 'like', 'a']] }), /operator must be/],
      [() => db.query('location', { where: [['ruid', 'a']] as never }), /where must be/],
      [() => db.query('location', { where: { ruid: {} as never } }), /ruid must be a finite/],
      [() => db.insert('location', {}), /row must be one or more columns/],
      [() => db.insert('location', { q: Number.NaN }), /q must be a finite number/],
      [() => db.insert('location', { expires: new Date(Number.NaN) }), /expires must be/],
      [() => db.update('location', {}, {}), /values must be one or more/],
      [() => db.delete('location', undefined as never), /where must be an object/],
      [() => db.replace('location', { ruid: 'a' }, { key: ['flags'] }), /key must be columns of/],
    ]
    for (const [refused, message] of refusals) await expect(refused()).rejects.toThrow(message)
  })

  it('gives back every type of value', async () => {
    const row = {
      ruid: 'é€',
      username: '',
      contact: null,
      flags: -7,
      total: 12_345_678_901n,
      q: 0.25,
      expires: new Date(2026, 10, 28, 5, 54, 17),
      body: Buffer.from([1, 2, 255]),
    }
    await db.insert('location', row)
    const [found] = await db.query('location')
    expect({ ...found, body: undefined }).toEqual({
      ...row,
      total: 12_345_678_901,
      body: undefined,
    })
    // Our server cannot say that a column holds bytes: they come as text.
    const { body } = found ?? {}
    expect(typeof body === 'string' ? Buffer.from(body, 'latin1') : body).toEqual(row.body)
  })

  it('has the defaults of columns that are left out or undefined', async () => {
    await db.insert('location', { ruid: 'a', contact: undefined, total: undefined })
    const columns = ['contact', 'flags', 'total', 'expires']
    expect(await db.query('location', { columns })).toEqual([
      {
        contact: null,
        flags: 0,
        total: hasNullNumbers ? null : 0,
        expires: new Date(2030, 4, 28, 21, 32, 15),
      },
    ])
  })

  it('finds rows by values and by operators', async () => {
    for (const flags of [1, 2, 3]) {
      await db.insert('location', { ruid: `r${flags}`, flags, contact: flags === 2 ? null : 'c' })
    }
    const flags = async (where: object) => {
      const rows = await db.query('location', {
        columns: ['flags'],
        where: where as never,
        orderBy: 'flags',
      })
      return rows.map((row) => row.flags)
    }
    expect(await flags({ ruid: 'r2' })).toEqual([2])
    expect(await flags({ ruid: 'r2', flags: 3 })).toEqual([])
    expect(await flags({ contact: null })).toEqual([2])
    expect(await flags([['contact', '!=', undefined]])).toEqual([1, 3])
    expect(await flags([['flags', '>=', 2]])).toEqual([2, 3])
    expect(
      await flags([
        ['flags', '>', 1],
        ['ruid', '<', 'r3'],
      ]),
    ).toEqual([2])
  })

  it('sorts rows itself, by columns that were asked for and by others', async () => {
    const rows = [
      ['b', 2, null],
      ['a', 2, 'x'],
      ['é', 10, 'y'],
      ['c', 1, 'z'],
    ] as const
    for (const [ruid, flags, contact] of rows) await db.insert('location', { ruid, flags, contact })
    const sorted = async (orderBy: object, options: object = {}) => {
      const found = await db.query('location', {
        columns: ['ruid'],
        orderBy: orderBy as never,
        ...options,
      })
      return found.map((row) => Object.values(row).join())
    }
    expect(await sorted(['ruid'])).toEqual(['a', 'b', 'c', 'é'])
    expect(await sorted([{ column: 'flags', descending: true }, 'ruid'])).toEqual([
      'é',
      'a',
      'b',
      'c',
    ])
    expect(await sorted(['contact'])).toEqual(['b', 'a', 'é', 'c'])
    expect(await sorted(['ruid'], { limit: 2, offset: 1 })).toEqual(['b', 'c'])
    expect(await sorted(['ruid'], { limit: 0 })).toEqual([])
  })

  it('updates and deletes, and tells how many', async () => {
    for (const ruid of ['a', 'b', 'c']) await db.insert('location', { ruid })
    expect(await db.update('location', { flags: 5, q: float(2) }, [['ruid', '!=', 'a']])).toBe(2)
    expect(await db.query('location', { columns: ['q'], where: { flags: 5, ruid: 'b' } })).toEqual([
      { q: 2 },
    ])
    expect(await db.delete('location', { flags: 5 })).toBe(2)
    expect(await db.delete('location', { flags: 5 })).toBe(0)
    expect(await db.query('location', { columns: ['ruid'] })).toEqual([{ ruid: 'a' }])
  })

  it('replaces a row, and inserts or updates one', async () => {
    const key = ['ruid']
    const rows = () => db.query('location', { columns: ['ruid', 'contact', 'flags'] })
    await db.insertOrUpdate('location', { ruid: 'a', contact: 'one' }, { key })
    await db.insertOrUpdate('location', { ruid: 'a', flags: 2 }, { key })
    expect(await rows()).toEqual([{ ruid: 'a', contact: 'one', flags: 2 }])
    await db.replace('location', { ruid: 'a', flags: 3 }, { key })
    expect(await rows()).toEqual([{ ruid: 'a', contact: null, flags: 3 }])
    // Without keys, as db_erlang sends it, an equal row is the one.
    await db.replace('location', { ruid: 'a', flags: 3 })
    expect(await rows()).toHaveLength(1)
  })

  it('knows the types of a schema, and refuses what is not in it', async () => {
    const typed = openDatabase(url, { node, schema: sipSchema })
    await expect(typed.query('users')).rejects.toThrow(/table must be one of/)
    await expect(typed.query('location', { columns: ['nick'] })).rejects.toThrow(/"nick"/)
    await expect(typed.query('location', { where: { nick: 1 } })).rejects.toThrow(/"nick"/)
    await expect(typed.insert('location', { nick: 1 })).rejects.toThrow(/"nick"/)
    await typed.insert('location', { ruid: 'a', q: 2, body: Buffer.from([97, 98]) })
    const where = { q: 2 }
    const row = { q: 2, body: Buffer.from([97, 98]) }
    expect(await typed.query('location', { columns: ['q', 'body'], where })).toEqual([row])
    expect(await typed.tableVersion('location')).toBe(9)
  })

  it('has the version of a table', async () => {
    expect(await db.tableVersion('location')).toBe(9)
  })

  it('keeps operations that overlap apart', async () => {
    const numbers = Array.from({ length: 50 }, (_, at) => at)
    await Promise.all(numbers.map((at) => db.insert('location', { ruid: `r${at}`, flags: at })))
    const found = await Promise.all(
      numbers.map((at) => db.query('location', { columns: ['flags'], where: { ruid: `r${at}` } })),
    )
    expect(found).toEqual(numbers.map((flags) => [{ flags }]))
  })
})

describe('a client', () => {
  const answers = new Map<string, TermInput>()
  let db: DatabaseClient
  beforeAll(() => {
    node.serve('odd', { call: () => answers.get('next') })
    db = openDatabase(`erlang://${node.name}/odd`, { node })
  })

  function query(answer: TermInput) {
    answers.set('next', answer)
    return db.query('t')
  }

  it('rejects with the reason that a server gives', async () => {
    const server: DatabaseServer = await serveDatabase(node, 'ours', new MemoryStore(), sipSchema)
    const failed = new Arrivals()
    server.on('databaseError', failed.push)
    const ours = openDatabase(`erlang://${node.name}/ours`, { node })
    const refused = {
      code: 'ERR_ERL_REMOTE',
      message: expect.stringMatching(/failed: table must be/),
    }
    await expect(ours.query('users')).rejects.toMatchObject(refused)
    await expect(ours.insert('users', { a: 1 })).rejects.toMatchObject(refused)
    await expect(ours.insert('location', { contact: 'x' })).rejects.toThrow(
      'insert on location failed: column ruid of location must be given: it has no default',
    )
    expect(failed.waiting).toBe(3)
    await server.stop()
    answers.set('next', tuple([], tuple(atom('error'), atom('full'))))
    await expect(db.insert('t', { a: 1 })).rejects.toMatchObject({ reason: atom('full') })
  })

  it.each<[string, TermInput]>([
    ['no tuple', atom('ok')],
    ['no rows', tuple([], atom('ok'))],
    ['a field without name', tuple([7], [])],
    ['a row of another length', tuple([atom('a')], [tuple(1, 2)])],
    ['a row that is none', tuple([atom('a')], [7])],
  ])('rejects an answer with %s', async (_, answer) => {
    await expect(query(answer)).rejects.toMatchObject({ code: 'ERR_ERL_PROTOCOL' })
  })

  it('rejects when there is no such process, and when the time is over', async () => {
    const nobody = openDatabase(`erlang://${erl.name}/nobody`, { node })
    await expect(nobody.query('t')).rejects.toMatchObject({ code: 'ERR_ERL_NOPROC' })
    await erl.eval('register(mute, spawn(fun() -> receive stop -> ok end end)), ok')
    const mute = openDatabase(`erlang://${erl.name}/mute`, { node, timeoutMs: 20 })
    await expect(mute.query('t')).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
  })

  it('reads what db_erlang cannot', async () => {
    const field = (name: string, type: string) => tuple(atom(name), atom(type))
    const fields = [
      field('a', 'string'),
      tuple('b', atom('int')),
      atom('c'),
      field('d', 'datetime'),
    ]
    const rows = [
      tuple([], 2n ** 70n, atom('null'), tuple(tuple(2026, 1, 2), tuple(3, 4, 5))),
      [
        Buffer.from('ü'),
        [...Buffer.from('12')],
        atom('undefined'),
        [...Buffer.from('2026-01-02 03:04:05')],
      ],
      tuple(atom('<null>'), true, tuple(1, 2), tuple(tuple(0, 0, 0), tuple(0, 0, 0))),
    ]
    const date = new Date(2026, 0, 2, 3, 4, 5)
    expect(await query(tuple(fields, rows))).toEqual([
      { a: '', b: 2n ** 70n, c: null, d: date },
      { a: 'ü', b: 12, c: null, d: date },
      { a: null, b: 'true', c: '{1,2}', d: null },
    ])
    expect(await query(tuple([], []))).toEqual([])
  })
})
