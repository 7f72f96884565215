/** beamlink's rates, latencies and CPU time over those of its peers, beside what is wanted. */
import { atLeast, atMost, markOf } from '../lib/goals.mjs'
import { medianRatio } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'
import { CPU, LATENCIES, LOOP, RATES } from './dist-goals.mjs'

const OURS = 'beamlink'

const isLatency = (name) => name.endsWith('_1')
const COMPARISONS = [
  {
    title: `${OURS}'s rate over theirs, median of the rounds (MISSED: below the goal)`,
    key: 'ops',
    peers: ['ei', 'ei-buffered', 'ei-spawn', 'beam'],
    takes: (name) => !isLatency(name),
    wanted: RATES,
    judge: (what, ratio, { least }) => atLeast('dist', `${what}, rate`, ratio, least),
  },
  {
    title: `${OURS}'s p50 over theirs, median of the rounds (MISSED: above the goal)`,
    key: 'p50',
    peers: ['ei', 'ei-buffered', 'ei-spawn', 'beam'],
    takes: isLatency,
    wanted: LATENCIES,
    judge: (what, ratio, { most }) => atMost('dist', `${what}, p50`, ratio, most),
  },
  {
    title: `${OURS}'s CPU time for each message over theirs (MISSED: above the goal)`,
    key: 'cpu',
    peers: ['ei', 'ei-buffered', 'beam', 'jinterface'],
    takes: (name) => CPU.some((goal) => goal.case === name),
    wanted: CPU,
    judge: (what, ratio, { most }) => atMost('dist', `${what}, CPU time`, ratio, most),
  },
]

function ratioOf(rows, name, peer, key) {
  const samples = (who) => {
    const row = rows.find((one) => one.peer === who && one.case === name)
    return row?.samples.map((sample) => sample[key]) ?? []
  }
  return medianRatio(samples(OURS), samples(peer))
}

function goalsOf(rows, { key, wanted, judge }) {
  return wanted.map((goal) => {
    const ratio = ratioOf(rows, goal.case, goal.peer, key)
    return { ...judge(`${goal.case} over ${goal.peer}`, ratio, goal), pair: goal }
  })
}

/** A ratio with its hardest goal. */
function cells(ratio, goals) {
  if (ratio === undefined) return ['-', '', '']
  const missed = goals.find((goal) => !goal.reached)
  const shown = missed ?? goals.at(-1)
  return [figure(ratio), shown === undefined ? '' : figure(shown.target), markOf(missed)]
}

function compare(rows, comparison) {
  const { title, key, peers, takes } = comparison
  const goals = goalsOf(rows, comparison)
  const mine = rows.filter((row) => row.peer === OURS && row.samples.length > 0 && takes(row.case))
  const ratios = mine.map((row) => ({
    case: row.case,
    of: key,
    ratios: Object.fromEntries(peers.map((peer) => [peer, ratioOf(rows, row.case, peer, key)])),
  }))
  const goalsAt = (name, peer) =>
    goals.filter(({ pair }) => pair.case === name && pair.peer === peer)
  if (ratios.length > 0) {
    printTable(
      title,
      ['case', ...peers.flatMap((peer) => [`/${peer}`, 'goal', ''])],
      ratios.map((row) => [
        row.case,
        ...peers.flatMap((peer) => cells(row.ratios[peer], goalsAt(row.case, peer))),
      ]),
    )
  }
  return { ratios, goals }
}

function loopGoal(rows) {
  const row = rows.find((one) => one.peer === OURS && one.case === LOOP.case)
  const goal = atMost('dist', `${LOOP.case}: event loop late, p99, ms`, row?.loopP99, LOOP.mostMs)
  if (row?.loopP99 === undefined) return goal
  printTable(
    `the event loop of ${OURS} under a flood: how late it is, in milliseconds`,
    ['case', 'p99', 'most', 'goal of p99', ''],
    [[row.case, figure(row.loopP99), figure(row.loopMost), figure(LOOP.mostMs), markOf(goal)]],
  )
  return goal
}

/** Prints the tables; returns the rows for the results, and the goals. */
export function printDistRatios(rows) {
  if (!rows.some((row) => row.peer === OURS && row.samples.length > 0)) {
    return { ratios: [], goals: [] }
  }
  const compared = COMPARISONS.map((comparison) => compare(rows, comparison))
  return {
    ratios: compared.flatMap(({ ratios }) => ratios),
    goals: [...compared.flatMap(({ goals }) => goals), loopGoal(rows)],
  }
}
