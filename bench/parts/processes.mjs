/**
 * Processes, each figure from fresh child processes: 100,000 that are linked to one Erlang process,
 * and one that sleeps while ten million messages are sent to it.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { context } from '../lib/context.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable, rate } from '../lib/table.mjs'

const runProgram = promisify(execFile)

const COUNT = 100_000
const LIMIT_MIB = 64
const GOALS = { perSecond: 200_000, bytes: 1024, lostMs: 1000, overLimitMib: 64 }
/** A child that hangs fails the run instead of holding it. */
const CHILD_MS = 300_000

async function child(servers, name, ...args) {
  const connection = JSON.stringify({ ...servers.plain, self: servers.nodeName(name) })
  const command = ['--expose-gc', `processes/${name}.mjs`, ...args.map(String), connection]
  const options = { cwd: context.root, timeout: CHILD_MS }
  const { stdout } = await runProgram(process.execPath, command, options)
  return JSON.parse(stdout)
}

async function measureLinked(servers, rounds) {
  const samples = []
  for (let round = 0; round < rounds; round++) samples.push(await child(servers, 'linked', COUNT))
  const of = (read) => median(samples.map(read))
  return {
    case: 'linked',
    samples,
    made: of(({ made }) => (COUNT / made) * 1000),
    linked: of(({ linked }) => (COUNT / linked) * 1000),
    heap: of(({ bytes }) => bytes.heap),
    external: of(({ bytes }) => bytes.external),
    rss: of(({ bytes }) => bytes.rss),
    lost: of(({ lost }) => lost),
  }
}

async function measureFlood(servers, messages) {
  const sample = await child(servers, 'flood', messages, LIMIT_MIB << 20)
  return { case: 'flood', messages, ...sample, growth: sample.peak - sample.before }
}

const verdict = (holds) => (holds ? '' : 'MISSED')

function printLinked(row, rounds) {
  const bytes = row.heap + row.external + row.rss
  printTable(
    `${COUNT} processes linked to one Erlang process, medians of ${rounds}`,
    ['', 'measured', 'goal', ''],
    [
      [
        'created per second',
        rate(row.made),
        rate(GOALS.perSecond),
        verdict(row.made > GOALS.perSecond),
      ],
      ['until the peer has all links', rate(row.linked), '', ''],
      ['heap, bytes each', figure(row.heap), '', ''],
      ['external, bytes each', figure(row.external), '', ''],
      ['resident, bytes each', figure(row.rss), '', ''],
      ['their sum', figure(bytes), GOALS.bytes, verdict(bytes < GOALS.bytes)],
      ['ended at nodedown, ms', figure(row.lost), GOALS.lostMs, verdict(row.lost < GOALS.lostMs)],
    ],
  )
}

function printFlood(row) {
  const most = LIMIT_MIB + GOALS.overLimitMib
  printTable(
    `${row.messages} messages to a process that sleeps, maxQueuedBytes ${LIMIT_MIB} MiB`,
    ['', 'measured', 'goal', ''],
    [
      ['waiting after 3 s', rate(row.waiting), '', ''],
      ['growth then, MiB', figure(row.asleep - row.before), most, ''],
      ['growth at most, MiB', figure(row.growth), most, verdict(row.growth < most)],
      ['then read per second', rate(row.perSecond), '', ''],
      ['dropped', String(row.dropped), '0', verdict(row.dropped === 0)],
    ],
  )
}

export async function runProcesses({ rounds, messages }) {
  const servers = await startServers({ floors: false })
  try {
    const linked = await measureLinked(servers, rounds)
    printLinked(linked, rounds)
    const flood = await measureFlood(servers, messages)
    printFlood(flood)
    writeResults('processes', [linked, flood])
  } finally {
    await servers.close()
  }
}
