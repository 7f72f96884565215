/** Events to subscribers at one Erlang node, and round trips, of `beamlink/freeswitch`. */
import { askChild } from '../lib/child.mjs'
import { atLeast, atMost, markOf } from '../lib/goals.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServer, startServers, stopServer } from '../lib/servers.mjs'
import { median, medianRatio } from '../lib/statistics.mjs'
import { figure, printTable, rate } from '../lib/table.mjs'

const SUBSCRIBERS = [1, 10, 100]
const FILTERS = [0, 4]
const DELIVERIES_GOAL = 50_000
const ROUND_TRIP_GOAL = 1.2
const ROUND_TRIPS = 5000
const STEADY_MS = 10_000
const STEADY_MS_IN_ALL = 300_000
const MINUTE_MS = 60_000

const events = (servers, subscribers, filters, ms, rounds) =>
  askChild(
    servers,
    `switch_${subscribers}_${filters}`,
    ['freeswitch/events.mjs', subscribers, filters, ms, rounds],
    ['--expose-gc'],
    STEADY_MS_IN_ALL * 2,
  )

async function measureEvents(servers, { ms, rounds }) {
  const rows = []
  for (const filters of FILTERS) {
    for (const subscribers of SUBSCRIBERS) {
      const row = await events(servers, subscribers, filters, ms, rounds)
      rows.push({ case: `events_${subscribers}${filters ? '_filtered' : ''}`, ...row })
    }
  }
  return rows
}

/** Round trips from Erlang to a host, and from the client to a host in another process. */
async function measureRoundTrips(servers, { rounds }) {
  const fromErlang = await askChild(servers, 'round_trips', [
    'freeswitch/round-trips.mjs',
    ROUND_TRIPS,
    rounds,
  ])
  const self = servers.nodeName('switch')
  const context = JSON.stringify({ ...servers.plain, self })
  const { child } = await startServer(process.execPath, ['freeswitch/serve.mjs', context])
  try {
    const ofSwitch = { ...servers, plain: { ...servers.plain, peer: self } }
    const script = ['freeswitch/client.mjs', ROUND_TRIPS, rounds]
    const fromClient = await askChild(ofSwitch, 'client', script)
    return [
      { case: 'api, from Erlang', ...fromErlang },
      { case: 'api, by the client', ...fromClient },
    ]
  } finally {
    await stopServer(child)
  }
}

/** MiB a minute, by least squares over what is resident after each round. */
function slopeOf(memory, msEach) {
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length
  const times = memory.map((_, at) => (at * msEach) / MINUTE_MS)
  const [x, y] = [mean(times), mean(memory)]
  const products = memory.reduce((sum, value, at) => sum + (times[at] - x) * (value - y), 0)
  return products / times.reduce((sum, time) => sum + (time - x) ** 2, 0)
}

async function measureSteady(servers) {
  const rounds = STEADY_MS_IN_ALL / STEADY_MS
  const row = await events(servers, 1, 0, STEADY_MS, rounds)
  return { case: 'steady', ...row, slope: slopeOf(row.memory, STEADY_MS) }
}

const eventsGoal = (row) =>
  row.subscribers === 1 && row.filters === 0
    ? atLeast(
        'freeswitch',
        'deliveries a second to one handler',
        median(row.samples),
        DELIVERIES_GOAL,
      )
    : undefined

const ratioOf = ({ api, call }) => medianRatio(api, call)
const tripGoal = (row) =>
  atMost('freeswitch', `${row.case}, to a call`, ratioOf(row), ROUND_TRIP_GOAL)

function printEvents(rows) {
  printTable(
    'events of 60 headers to handlers at one Erlang node, deliveries a second',
    ['handlers', 'filters each', 'deliveries', 'MiB resident', ''],
    rows.map((row) => [
      String(row.subscribers),
      String(row.filters),
      rate(median(row.samples)),
      figure(row.memory.at(-1)),
      markOf(eventsGoal(row)),
    ]),
  )
}

function printTrips(rows) {
  printTable(
    'round trips one at a time, microseconds',
    ['', 'api', 'gen_server call', 'ratio', ''],
    rows.map((row) => [
      row.case,
      figure(median(row.api)),
      figure(median(row.call)),
      figure(ratioOf(row)),
      markOf(tripGoal(row)),
    ]),
  )
}

function printSteady({ samples, memory, held, slope }) {
  printTable(
    'five minutes to one handler',
    ['', 'measured'],
    [
      ['deliveries a second', rate(median(samples))],
      ['MiB resident after a minute', figure(memory[MINUTE_MS / STEADY_MS])],
      ['MiB resident at the end', figure(memory.at(-1))],
      ['MiB a minute, resident', figure(slope)],
      ['MiB that JavaScript holds after a minute', figure(held[MINUTE_MS / STEADY_MS])],
      ['MiB that JavaScript holds at the end', figure(held.at(-1))],
    ],
  )
}

/** `cases`: `events`, `trips`, and `steady`, which takes five minutes and runs only when named. */
export async function runFreeswitch({ cases = 'events,trips', ...size }) {
  const wanted = cases.split(',')
  const servers = await startServers({ floors: false })
  const rows = []
  const goals = []
  try {
    if (wanted.includes('events')) {
      const measured = await measureEvents(servers, size)
      printEvents(measured)
      rows.push(...measured)
      goals.push(...measured.map(eventsGoal).filter((goal) => goal !== undefined))
    }
    if (wanted.includes('trips')) {
      const measured = await measureRoundTrips(servers, size)
      printTrips(measured)
      rows.push(...measured)
      goals.push(...measured.map(tripGoal))
    }
    if (wanted.includes('steady')) {
      const measured = await measureSteady(servers)
      printSteady(measured)
      rows.push(measured)
    }
  } finally {
    await servers.close()
  }
  writeResults('freeswitch', rows)
  return goals
}
