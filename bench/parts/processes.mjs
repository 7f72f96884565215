/**
 * Processes, each figure from fresh child processes: 100,000 that are linked to one Erlang process,
 * and one that sleeps while ten million messages are sent to it.
 */
import { askChild } from '../lib/child.mjs'
import { atLeast, atMost, markOf } from '../lib/goals.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable, rate } from '../lib/table.mjs'

const COUNT = 100_000
const LIMIT_MIB = 64
const GOALS = { perSecond: 200_000, bytes: 1024, lostMs: 1000, overLimitMib: 64 }

const child = (servers, name, ...args) =>
  askChild(servers, name, [`processes/${name}.mjs`, ...args], ['--expose-gc'])

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

function linkedGoals(row) {
  const bytes = row.heap + row.external + row.rss
  return {
    made: atLeast('processes', 'made per second', row.made, GOALS.perSecond),
    bytes: atMost('processes', 'bytes each', bytes, GOALS.bytes),
    lost: atMost('processes', 'ms until all have ended at nodedown', row.lost, GOALS.lostMs),
  }
}

function floodGoals(row) {
  const most = LIMIT_MIB + GOALS.overLimitMib
  return {
    growth: atMost('processes', 'MiB of growth while one sleeps', row.growth, most),
    dropped: atMost('processes', 'messages dropped', row.dropped, 0),
  }
}

function printLinked(row, goals, rounds) {
  printTable(
    `${COUNT} processes linked to one Erlang process, medians of ${rounds}`,
    ['', 'measured', 'goal', ''],
    [
      ['created per second', rate(row.made), rate(GOALS.perSecond), markOf(goals.made)],
      ['until the peer has all links', rate(row.linked), '', ''],
      ['heap, bytes each', figure(row.heap), '', ''],
      ['external, bytes each', figure(row.external), '', ''],
      ['resident, bytes each', figure(row.rss), '', ''],
      ['their sum', figure(goals.bytes.measured), GOALS.bytes, markOf(goals.bytes)],
      ['ended at nodedown, ms', figure(row.lost), GOALS.lostMs, markOf(goals.lost)],
    ],
  )
}

function printFlood(row, goals) {
  const most = goals.growth.target
  printTable(
    `${row.messages} messages to a process that sleeps, maxQueuedBytes ${LIMIT_MIB} MiB`,
    ['', 'measured', 'goal', ''],
    [
      ['waiting after 3 s', rate(row.waiting), '', ''],
      ['growth then, MiB', figure(row.asleep - row.before), most, ''],
      ['growth at most, MiB', figure(row.growth), most, markOf(goals.growth)],
      ['then read per second', rate(row.perSecond), '', ''],
      ['dropped', String(row.dropped), '0', markOf(goals.dropped)],
    ],
  )
}

/** Returns the goals. */
export async function runProcesses({ rounds, messages }) {
  const servers = await startServers({ floors: false })
  try {
    const linked = await measureLinked(servers, rounds)
    const ofLinked = linkedGoals(linked)
    printLinked(linked, ofLinked, rounds)
    const flood = await measureFlood(servers, messages)
    const ofFlood = floodGoals(flood)
    printFlood(flood, ofFlood)
    writeResults('processes', [linked, flood])
    return [...Object.values(ofLinked), ...Object.values(ofFlood)]
  } finally {
    await servers.close()
  }
}
