import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ErlangNode } from 'beamlink'
import {
  type DatabaseFailure,
  type DatabaseServer,
  type DatabaseServerOptions,
  MemoryStore,
  type Schema,
  SqliteStore,
  type Store,
  serveDatabase,
} from 'beamlink/kamailio'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { sipSchema } from '../helpers/kamailio/sip-schema.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, until } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
let server: DatabaseServer

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  await erl.load(readFileSync(path.join(__dirname, '../helpers/kamailio/old_caller.erl'), 'utf8'))
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})
afterEach(() => server.stop())

async function serve(store: Store | string, options?: DatabaseServerOptions): Promise<void> {
  server = await serveDatabase(node, 'db_mock_server', store, sipSchema, options)
}

/** What db_erlang would be answered, as Erlang prints it. */
function ask(request: string, timeoutMs = 5_000): Promise<string> {
  return erl.eval(`old_caller:ask({db_mock_server, '${node.name}'}, ${request}, ${timeoutMs})`)
}

async function rowsOf(columns: string, keys = '[]'): Promise<string> {
  return await erl.eval(`element(2, old_caller:ask({db_mock_server, '${node.name}'},
    {select, location, ${columns}, ${keys}, []}))`)
}

function failures(): Arrivals<DatabaseFailure> {
  const arrivals = new Arrivals<DatabaseFailure>()
  server.on('databaseError', arrivals.push)
  return arrivals
}

const stores: [string, () => Store][] = [
  ['memory', () => new MemoryStore()],
  ['SQLite', () => new SqliteStore(':memory:')],
]

describe.each(stores)('a database in %s, asked as db_erlang asks', (_, make) => {
  it('answers a select that is wrong at once with what is no result, and tells', async () => {
    await serve(make())
    const failed = failures()
    for (const request of [
      '{select, users, all, [], []}',
      '{select, location, [nick], [], []}',
      `{select, location, all, [{ruid, like, "a"}], []}`,
      `{select, location, all, [{flags, '=', "many"}], []}`,
      '{select, location, all}',
    ]) {
      expect(await ask(request)).toMatch(/^\{error,"/)
      const { operation, peer, isAnswered, error } = await failed.next(request)
      expect({ operation, peer, isAnswered }).toEqual({
        operation: 'select',
        peer: erl.name,
        isAnswered: true,
      })
      expect(error.message).toMatch(/must be/)
    }
    expect(server.stats()).toMatchObject({ select: 0, errors: 5 })
  })

  it('does not answer a write that fails, since any answer means success, and tells', async () => {
    await serve(make())
    const failed = failures()
    expect(await ask(`{insert, location, [], [], [{nick, "a"}]}`, 50)).toBe('timeout')
    expect(await failed.next()).toMatchObject({
      operation: 'insert',
      table: 'location',
      isAnswered: false,
    })
    expect(await ask('{drop, location, [], [], []}', 50)).toBe('timeout')
    expect(await failed.next()).toMatchObject({ operation: 'drop' })
    expect(await ask('nonsense', 50)).toBe('timeout')
    expect(await failed.next()).toMatchObject({ operation: 'unknown', table: undefined })
  })

  it('answers a write that fails to a caller that can read it', async () => {
    await serve(make())
    const failed = failures()
    const request = '{insert, location, [], [], [{nick, "a"}]}'
    const call = `gen_server:call({db_mock_server, '${node.name}'}, ${request})`
    expect(await erl.eval(call)).toMatch(/^\{error,"column of location must be one of/)
    expect(await failed.next()).toMatchObject({ operation: 'insert', isAnswered: true })
  })

  it('tells of messages that are no calls, and goes on', async () => {
    await serve(make())
    const failed = failures()
    await erl.eval(`{db_mock_server, '${node.name}'} ! hello`)
    await erl.eval(`gen_server:cast({db_mock_server, '${node.name}'}, hello)`)
    for (const _ of [1, 2]) expect(await failed.next()).toMatchObject({ operation: 'message' })
    expect(await rowsOf('all')).toBe('[]')
  })

  it('has the version of each table', async () => {
    await serve(make())
    const version = (table: string) =>
      ask(`{select, version, [table_version], [{table_name,'=',"${table}"}], []}`)
    const field = '{table_version,int,0,undefined,notnull}'
    expect(await version('location')).toBe(`{[${field}],[{9}]}`)
    expect(await version('subscriber')).toBe(`{[${field}],[{7}]}`)
    expect(await version('users')).toBe(`{[${field}],[]}`)
    const failed = failures()
    expect(await ask('{delete, version, [], [], []}', 50)).toBe('timeout')
    expect((await failed.next()).error.message).toMatch(/only be read/)
  })

  it('inserts with defaults and selects what was asked for', async () => {
    await serve(make())
    expect(await ask(`{insert, location, [], [], [{ruid, "a"}, {contact, "sip:a"}]}`)).toBe(
      '{[],ok}',
    )
    expect(await ask('{select, location, [contact, flags, ruid], [], []}')).toBe(
      '{[{contact,string,0,undefined,nullok},{flags,int,0,undefined,notnull},' +
        '{ruid,string,64,undefined,notnull}],[{"sip:a",0,"a"}]}',
    )
    expect(await rowsOf('all')).toBe(
      `[{"a"," ","sip:a",0,0,1.0,{{2030,5,28},{21,32,15}},'<null>'}]`,
    )
  })

  it('takes every type that db_erlang sends, and gives it back as db_erlang can read it', async () => {
    await serve(make())
    const values = `[{ruid, "a"}, {username, []}, {contact, undefined},
      {flags, 18446744073709551615}, {total, -9223372036854775808}, {q, 0.5},
      {expires, {{2026,11,28},{5,54,17}}}, {body, <<1,2,255>>}]`
    expect(await ask(`{insert, location, [], [], ${values}}`)).toBe('{[],ok}')
    expect(await rowsOf('all')).toBe(
      `[{"a"," ",'<null>',-1,"-9223372036854775808",0.5,{{2026,11,28},{5,54,17}},[1,2,255]}]`,
    )
    // The bytes of UTF-8, as Kamailio has them.
    const text = 'binary_to_list(<<"é€"/utf8>>)'
    await ask(`{update, location, [], [{flags,'=',18446744073709551615}], [{contact, ${text}}]}`)
    const same = `old_caller:ask({db_mock_server, '${node.name}'},
      {select, location, [contact], [{contact,'=',${text}}], []})`
    expect(await erl.eval(`{_, [{Text}]} = ${same}, Text =:= ${text}`)).toBe('true')
  })

  it('matches by every operator', async () => {
    await serve(make())
    for (const at of [1, 2, 3]) {
      await ask(`{insert, location, [], [], [{ruid, [$${at}]}, {flags, ${at}}]}`)
    }
    const found = (operator: string, value: string) =>
      rowsOf('[flags]', `[{flags, '${operator}', ${value}}]`)
    expect(await found('=', '2')).toBe('[{2}]')
    expect(await found('!=', '2')).toBe('[{1},{3}]')
    expect(await found('<', '2')).toBe('[{1}]')
    expect(await found('<=', '2')).toBe('[{1},{2}]')
    expect(await found('>', '2')).toBe('[{3}]')
    expect(await found('>=', '2')).toBe('[{2},{3}]')
    expect(await found('=', 'undefined')).toBe('[]')
  })

  it('updates, replaces, inserts or updates, and deletes', async () => {
    await serve(make())
    const all = () => rowsOf('[ruid, contact, flags]')
    const insert = `{insert, location, [], [], [{ruid, "a"}, {contact, "sip:a"}, {flags, 1}]}`
    expect(await ask(insert)).toBe('{[],ok}')
    expect(await ask(`{update, location, [], [{ruid,'=',"a"}], [{flags, 2}]}`)).toBe('{[],1}')
    expect(await all()).toBe('[{"a","sip:a",2}]')
    // As db_erlang sends it: the keys are all that the values are.
    const row = (flags: number) =>
      `[{ruid,'=',"a"}, {flags,'=',${flags}}], [{ruid,"a"}, {flags,${flags}}]`
    expect(await ask(`{insert_update, location, [], ${row(3)}}`)).toBe('{[],ok}')
    expect(await all()).toBe('[{"a","sip:a",3}]')
    expect(await ask(`{replace, location, [], ${row(4)}}`)).toBe('{[],ok}')
    expect(await all()).toBe(`[{"a",'<null>',4}]`)
    expect(await ask(`{delete, location, [], [{flags,'=',9}], []}`)).toBe('{[],0}')
    expect(await ask(`{delete, location, [], [{flags,'=',4}], []}`)).toBe('{[],1}')
    expect(await all()).toBe('[]')
    expect(server.stats()).toMatchObject({ insert: 1, update: 1, replace: 1, delete: 2 })
  })

  it('serves many callers at once, each with its own answers', async () => {
    await serve(make())
    const to = `{db_mock_server, '${node.name}'}`
    const ruid = 'integer_to_list(C * 1000 + N)'
    const inserting = `fun(C, N) -> {insert, location, [], [], [{ruid, ${ruid}}, {flags, N}]} end`
    await erl.eval(`old_caller:many(${to}, 20, 25, ${inserting}), ok`)
    const selecting = `fun(C, N) -> {select, location, [ruid, flags], [{ruid,'=',${ruid}}], []} end`
    const answers = `[[Rows || {_, Rows} <- A] || A <- old_caller:many(${to}, 20, 25, ${selecting})]`
    const expected = `[[[{integer_to_list(C * 1000 + N), N}] || N <- lists:seq(1, 25)] || C <- lists:seq(1, 20)]`
    expect(await erl.eval(`${answers} =:= ${expected}`)).toBe('true')
  })
})

describe('a database', () => {
  it('refuses bad arguments, and leaves the name free', async () => {
    const refused = (store: unknown, schema: unknown, options?: unknown) =>
      expect(serveDatabase(node, 'refused', store as Store, schema as never, options as never))
        .rejects
    await refused(7, sipSchema).toThrow(/store must be a file name or an object with open, select/)
    await refused({ open() {} }, sipSchema).toThrow(/store.select must be a function/)
    await refused(new MemoryStore(), {}).toThrow(/schema must be/)
    await refused(new MemoryStore(), sipSchema, { nulText: 'x' }).toThrow(/did you mean "nullText"/)
    await refused(new MemoryStore(), sipSchema, { nullText: ' ' }).toThrow(/another than nullText/)
    await refused(new MemoryStore(), sipSchema, { emptyText: '' }).toThrow(/not empty/)
    await refused('/nowhere/at/all.sqlite', sipSchema).toThrow(/directory does not exist/)
    expect(node.whereis('refused')).toBeUndefined()
    await serve(new MemoryStore())
    const closed = deferred<void>()
    const store = Object.assign(new MemoryStore(), { close: () => closed.resolve() })
    await expect(serveDatabase(node, 'db_mock_server', store, sipSchema)).rejects.toThrow(
      RangeError,
    )
    await closed.promise
  })

  it('warns of what nobody listens for', async () => {
    await serve(new MemoryStore())
    const warned = until<[Error]>(process, 'warning', ({ name }) => name === 'DatabaseWarning')
    await ask('{select, users, all, [], []}')
    const [{ message }] = await warned
    expect(message).toMatch(/^select on users for \S+ failed: table must be one of/)
  })

  it('answers an asynchronous store, and gives up on one that never answers', async () => {
    const memory = new MemoryStore()
    let isStuck = false
    const store: Store = {
      open: (schema) => memory.open(schema),
      select: async (...args) =>
        isStuck ? await new Promise(() => undefined) : memory.select(...args),
      insert: async (...args) => memory.insert(...args),
      update: async (...args) => memory.update(...args),
      delete: async (...args) => memory.delete(...args),
      replace: async (...args) => memory.replace(...args),
      insertOrUpdate: async (...args) => memory.insertOrUpdate(...args),
    }
    await serve(store, { storeTimeoutMs: 100 })
    expect(await ask(`{insert, location, [], [], [{ruid, "a"}]}`)).toBe('{[],ok}')
    expect(await rowsOf('[ruid]')).toBe('[{"a"}]')
    isStuck = true
    const failed = failures()
    expect(await ask('{select, location, [ruid], [], []}')).toBe(
      '{error,"the store took over 100 ms"}',
    )
    expect(await failed.next()).toMatchObject({ operation: 'select', table: 'location' })
    isStuck = false
    expect(await rowsOf('[ruid]')).toBe('[{"a"}]')
  })

  it('answers a store that gives promises of another kind, such as those of a query builder', async () => {
    const memory = new MemoryStore()
    const later = (give: () => unknown) => ({
      // biome-ignore lint/suspicious/noThenProperty: a promise that is none of JavaScript's own
      then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
        try {
          resolve(give())
        } catch (error) {
          reject(error)
        }
      },
    })
    const store = Object.assign(new MemoryStore(), {
      open: (schema: Schema) => memory.open(schema),
      select: (...args: Parameters<MemoryStore['select']>) => later(() => memory.select(...args)),
      insert: (...args: Parameters<MemoryStore['insert']>) => later(() => memory.insert(...args)),
    })
    await serve(store as unknown as Store, { failedWrites: 'answer' })
    const insert = '{insert, location, [], [], [{ruid, "a"}]}'
    expect(await ask(insert)).toBe('{[],ok}')
    expect(await rowsOf('[ruid]')).toBe('[{"a"}]')
    const failed = failures()
    expect(await ask(insert)).toContain('ruid of location must be unique')
    await failed.next()
  })

  it('tells what a store throws, whatever that is', async () => {
    const store = Object.assign(new MemoryStore(), {
      select() {
        throw 'no disk'
      },
    })
    await serve(store)
    const failed = failures()
    expect(await ask('{select, location, [ruid], [], []}')).toBe('{error,"no disk"}')
    expect((await failed.next()).error.message).toBe('no disk')
  })

  it('keeps to what was said about NULL, empty text and failed writes', async () => {
    const agreed = { nullText: 'NULL', emptyText: '(none)', nullNumbers: 'text' } as const
    await serve(new MemoryStore(), { ...agreed, failedWrites: 'answer' })
    const values = `[{ruid, "a"}, {contact, "NULL"}, {username, "(none)"}, {total, undefined}]`
    await ask(`{insert, location, [], [], ${values}}`)
    expect(
      await rowsOf('[contact, username, total]', `[{contact,'=',undefined}, {username,'=',[]}]`),
    ).toBe(`[{'NULL',"(none)",'NULL'}]`)
    const failed = failures()
    expect(await ask(`{insert, location, [], [], [{ruid, "a"}]}`)).toMatch(/^\{error,/)
    await failed.next()
  })

  it('keeps the rows of a file when its node is started again', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kamailio-db-'))
    const file = path.join(folder, 'sip.sqlite')
    const first = await startBeside(erl)
    const before = await serveDatabase(first, 'db', file, sipSchema)
    const ask2 = (name: string, request: string) =>
      erl.eval(`old_caller:ask({db, '${name}'}, ${request})`)
    await ask2(first.name, `{insert, location, [], [], [{ruid, "a"}, {flags, 5}]}`)
    await first.stop()
    await before.stop()
    const second = await startBeside(erl)
    server = await serveDatabase(second, 'db', file, sipSchema)
    expect(await ask2(second.name, '{select, location, [ruid, flags], [], []}')).toMatch(
      /\[\{"a",5\}\]\}$/,
    )
    await second.stop()
    await server.stop()
    rmSync(folder, { recursive: true })
  })
})
