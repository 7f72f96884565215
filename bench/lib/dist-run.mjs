/**
 * Runs cases against one Erlang node with every peer in adapters/, interleaved.
 *
 * Peers take turns (case, round, peer). Before the rounds that count each peer runs each case for
 * `warmMs`, so that compilers have seen it. CPU time is read from the scheduler's accounts of the two
 * processes, kernel time included, and divided by the operations.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { LineProcess } from './line-process.mjs'
import { startServers } from './servers.mjs'
import { median, spreadOf } from './statistics.mjs'
import { startAll } from './workers.mjs'

const ORDER = [
  ...['beamlink', 'ei', 'ei-buffered', 'ei-spawn', 'beam', 'jinterface'],
  ...['tcp-c-c', 'tcp-node-c', 'tcp-node-node'],
]
const ANSWER_MS = 60_000

/** Nanoseconds that all threads of a process have run, in user and kernel mode. */
function cpuOf(pid) {
  const folder = `/proc/${pid}/task`
  const ran = (task) => Number(readFileSync(`${folder}/${task}/schedstat`, 'utf8').split(' ')[0])
  try {
    return readdirSync(folder).reduce((sum, task) => sum + ran(task), 0)
  } catch {
    return Number.NaN
  }
}

function startAdapter(servers) {
  return (name, module, url) => {
    const connection = JSON.stringify({ ...servers.plain, self: servers.nodeName(name) })
    const own = {
      cmd: process.execPath,
      args: [...(module.execArgv ?? []), 'lib/dist-worker.mjs', url, connection],
    }
    const peer = new LineProcess(name, module.command?.(servers.environment) ?? own)
    peer.serverPid = servers.pids[module.server ?? 'erlang']
    return peer
  }
}

async function sample(peer, row, { ms, counted, notes }) {
  if (row.skip || row.error) return
  const ours = cpuOf(peer.child.pid)
  const theirs = cpuOf(peer.serverPid)
  const got = await peer.ask(`${row.case} ${ms}`, ms + ANSWER_MS)
  if (got.skip) row.skip = got.skip
  else if (got.error) {
    row.error = got.error
    notes[`${peer.name} ${row.case}`] = got.error
  } else if (counted) {
    const cpu = (cpuOf(peer.child.pid) - ours) / got.n / 1000
    const serverCpu = (cpuOf(peer.serverPid) - theirs) / got.n / 1000
    row.samples.push({ ...got, cpu, serverCpu })
  }
}

async function measureCase(peers, name, { rounds, ms, warmMs, notes }) {
  const rows = peers.map((peer) => ({ peer: peer.name, case: name, samples: [] }))
  for (let round = -1; round < rounds; round++) {
    const counted = round >= 0
    for (const [index, peer] of peers.entries()) {
      await sample(peer, rows[index], { ms: counted ? ms : warmMs, counted, notes })
    }
  }
  return rows
}

const FIGURES = ['p50', 'p99', 'ops', 'cpu', 'serverCpu', 'loopP99', 'loopMost']

function summarise(row) {
  if (row.samples.length === 0) return
  const all = (key) => row.samples.map((one) => one[key])
  for (const key of FIGURES) {
    if (row.samples[0][key] !== undefined) row[key] = median(all(key))
  }
  row.spread = spreadOf(all('ops'))
  if (row.p50 !== undefined) row.p50Range = [Math.min(...all('p50')), Math.max(...all('p50'))]
}

/** One row for each case and peer, with its samples; and why some peers have none. */
export async function runCases({ names, columns, floors, optfile, ...size }) {
  const rows = []
  const servers = await startServers({ floors, optfile })
  let peers = []
  let notes = {}
  try {
    const all = await startAll({
      folder: 'adapters',
      given: columns,
      order: ORDER,
      environment: servers.environment,
      start: startAdapter(servers),
    })
    peers = all.started
    notes = all.notes
    for (const name of names) rows.push(...(await measureCase(peers, name, { ...size, notes })))
  } finally {
    await Promise.all(peers.map((peer) => peer.close()))
    await servers.close()
  }
  for (const row of rows) summarise(row)
  return { rows, notes }
}
