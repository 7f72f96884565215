/**
 * Background tasks, each figure from processes of its own: runs on demand, how long many workers take
 * to begin, what an idle one takes over a bare worker of Node, and the main loop while all are busy.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { context } from '../lib/context.mjs'
import { atLeast, atMost, markOf, targetOf } from '../lib/goals.mjs'
import { writeResults } from '../lib/results.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable, rate } from '../lib/table.mjs'

const GOALS = { runs: 1_000, startMs: 3_000, idleMib: 2, delayMs: 10 }
const STARTED = 64
const IDLE = 32
const CHILD_MS = 120_000

const runProgram = promisify(execFile)

async function measure(...args) {
  const command = ['tasks/measure.mjs', ...args.map(String)]
  const options = { cwd: context.root, timeout: CHILD_MS }
  const { stdout } = await runProgram(process.execPath, command, options)
  return JSON.parse(stdout)
}

async function measureRound(ms) {
  const { resident: bare } = await measure('memory', 'bare', IDLE)
  const { resident: tasks } = await measure('memory', 'tasks', IDLE)
  return {
    runs: await measure('runs', ms),
    bareStart: await measure('start', 'bare', STARTED),
    start: await measure('start', 'tasks', STARTED),
    idleMib: (tasks - bare) / IDLE,
    delay: await measure('delay', ms),
  }
}

function goalsOf(row) {
  return [
    atLeast('tasks', 'runs on demand per second', row.perSecond, GOALS.runs),
    atMost('tasks', `ms until ${STARTED} workers have begun`, row.startMs, GOALS.startMs),
    atMost('tasks', 'idle worker, MiB over a bare one', row.idleMib, GOALS.idleMib),
    atMost('tasks', 'main loop p99 while all are busy, ms', row.delayMs, GOALS.delayMs),
  ]
}

/** Returns the goals. */
export async function runTasks({ rounds, ms }) {
  const samples = []
  for (let round = 0; round < rounds; round++) samples.push(await measureRound(ms))
  const of = (read) => median(samples.map(read))
  const row = {
    case: 'tasks',
    samples,
    perSecond: of(({ runs }) => runs.perSecond),
    startMs: of(({ start }) => start.ms),
    cpuMs: of(({ start }) => start.cpuMs),
    loopMost: of(({ start }) => start.loopMost),
    bareStartMs: of(({ bareStart }) => bareStart.ms),
    bareCpuMs: of(({ bareStart }) => bareStart.cpuMs),
    idleMib: of(({ idleMib }) => idleMib),
    delayMs: of(({ delay }) => delay.loopP99),
  }
  const goals = goalsOf(row)
  printTable(
    `background tasks, medians of ${rounds}`,
    ['', 'measured', 'goal', ''],
    goals.map((one, index) => [
      one.what,
      (index === 0 ? rate : figure)(one.measured),
      targetOf(one),
      markOf(one),
    ]),
  )
  printTable(
    `the start of ${STARTED} workers, beside bare ones of Node that wait for messages`,
    ['', 'ms', 'CPU, ms each'],
    [
      ['tasks', figure(row.startMs), figure(row.cpuMs)],
      ['bare workers', figure(row.bareStartMs), figure(row.bareCpuMs)],
    ],
  )
  writeResults('tasks', [row])
  return goals
}
