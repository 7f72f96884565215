/**
 * Memory, each figure from fresh child processes: an idle node beside bare Node, and the peak while
 * one large binary goes out, comes in, and both. Medians over the rounds.
 */
import { askChild } from '../lib/child.mjs'
import { atMost, markOf } from '../lib/goals.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'

const LARGE_MIB = 64
const LARGE_BYTES = LARGE_MIB << 20
const LARGE_GOAL = 3
const IDLE_GOAL_MIB = 15
const STATES = ['bare', 'loaded', 'node']
const DIRECTIONS = ['out', 'in', 'both']

async function measureIdle(servers, rounds) {
  const rows = STATES.map((state) => ({ case: `idle ${state}`, samples: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const [index, state] of STATES.entries()) {
      const { resident } = await askChild(servers, `idle_${state}`, ['memory/idle.mjs', state])
      rows[index].samples.push(resident)
    }
  }
  const bare = rows[0].samples
  for (const row of rows) {
    row.mebibytes = median(row.samples)
    row.overBare = median(row.samples.map((value, round) => value - bare[round]))
  }
  return rows
}

async function measureLarge(servers, rounds) {
  const rows = DIRECTIONS.map((direction) => ({ case: `64 MiB ${direction}`, samples: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const [index, direction] of DIRECTIONS.entries()) {
      const script = ['memory/large-binary.mjs', direction, LARGE_BYTES]
      rows[index].samples.push(await askChild(servers, `large_${direction}`, script))
    }
  }
  for (const row of rows) {
    row.before = median(row.samples.map((sample) => sample.before))
    row.peak = median(row.samples.map((sample) => sample.peak))
    row.times = median(row.samples.map((sample) => (sample.peak - sample.before) / LARGE_MIB))
  }
  return rows
}

const idleGoal = (row) =>
  atMost('memory', 'idle node, MiB over bare Node', row.overBare, IDLE_GOAL_MIB)
const largeGoal = (row) =>
  atMost('memory', `growth of the peak over the size, ${row.case}`, row.times, LARGE_GOAL)

function goalsOf(idle, large) {
  return [idleGoal(idle.at(-1)), ...large.map(largeGoal)]
}

function printMemory(idle, large, rounds) {
  printTable(
    `idle process, MiB resident, medians of ${rounds} (goal: node below ${IDLE_GOAL_MIB} over bare)`,
    ['state', 'MiB', 'over bare', ''],
    idle.map((row) => [
      row.case,
      figure(row.mebibytes),
      figure(row.overBare),
      markOf(idleGoal(row)),
    ]),
  )
  printTable(
    `a binary of ${LARGE_MIB} MiB, MiB (goal: growth of the peak below ${LARGE_GOAL} times its size)`,
    ['direction', 'peak before', 'peak after', 'growth/size', ''],
    large.map((row) => [
      row.case,
      figure(row.before),
      figure(row.peak),
      figure(row.times),
      markOf(largeGoal(row)),
    ]),
  )
}

/** Returns the goals. */
export async function runMemory({ rounds }) {
  const servers = await startServers({ floors: false })
  try {
    const idle = await measureIdle(servers, rounds)
    const large = await measureLarge(servers, rounds)
    printMemory(idle, large, rounds)
    writeResults('memory', [...idle, ...large])
    return goalsOf(idle, large)
  } finally {
    await servers.close()
  }
}
