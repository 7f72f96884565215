/**
 * Selects by key, by callers of the Erlang node PEER: from our databases in this process, and from
 * gen_servers on DETS in an Erlang node of their own. Prints selects per second by database.
 * Usage: node database.mjs ROWS CALLERS SELECTS CONTEXT.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { atom, ErlangNode, tuple } from 'beamlink'
import { MemoryStore, openDatabase, SqliteStore, serveDatabase } from 'beamlink/kamailio'

const [rows, callers, selects] = process.argv.slice(2, 5).map(Number)
const { self, peer, cookie } = JSON.parse(process.argv[5])

const schema = {
  subscriber: {
    version: 7,
    columns: {
      username: { type: 'string', size: 64, nullable: false },
      password: { type: 'string', size: 64, nullable: false },
    },
    keys: [['username']],
  },
}

async function startDets() {
  const name = self.replace('@', '_dets@')
  const child = spawn(
    'erl',
    [
      ...['-noshell', '-hidden', '-name', name, '-setcookie', cookie, '-pa', 'build'],
      ...[
        '-kernel',
        'inet_dist_use_interface',
        '{127,0,0,1}',
        '-run',
        'bench_kamailio_db',
        'start',
      ],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  return { name, child }
}

const node = await ErlangNode.start({ name: self, cookie })

async function startOurs(name, store) {
  const server = await serveDatabase(node, name, store, schema)
  const db = openDatabase(`erlang://${self}/${name}`, { node })
  for (let row = 1; row <= rows; row++) {
    await db.insert('subscriber', { username: `user${row}`, password: 'secret' })
  }
  return server
}

/** Selects per second; the sample layout looks at each row, so it gets fewer. */
async function measure(name, at, each) {
  const args = [tuple(atom(name), atom(at)), callers, each, rows]
  const elapsed = await node.rpc(peer, 'bench_kamailio_db', 'selects', args, { timeoutMs: 120_000 })
  return (callers * each * 1e6) / elapsed
}

const folder = mkdtempSync(path.join(tmpdir(), 'bench-kamailio-'))
const dets = await startDets()
try {
  await startOurs(
    'bench_sqlite',
    new SqliteStore(path.join(folder, 'bench.sqlite'), { durable: false }),
  )
  await startOurs('bench_memory', new MemoryStore())
  await node.rpc(dets.name, 'bench_kamailio_db', 'fill', [rows], { timeoutMs: 60_000 })
  const each = Math.ceil(selects / callers)
  const databases = [
    ['sqlite', 'bench_sqlite', self, each],
    ['memory', 'bench_memory', self, each],
    ['dets', 'bench_dets', dets.name, each],
    ['sample', 'bench_dets_sample', dets.name, Math.ceil(each / 1000)],
  ]
  const result = {}
  for (const [database, name, at, count] of databases) {
    await measure(name, at, Math.ceil(count / 4)) // warm
    result[database] = await measure(name, at, count)
  }
  console.log(JSON.stringify(result))
} finally {
  dets.child.stdin.end()
  await node.stop()
  rmSync(folder, { recursive: true })
}
