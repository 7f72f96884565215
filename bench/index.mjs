/**
 * npm run bench [-- --only PART,…] [--quick] [--rounds N] [--ms N]
 *               [--warm-ms N] [--columns a,b,dir/mine.mjs] [--cases x,y] [--messages N] [--write-docs]
 *
 * Measures beamlink beside its peers and prints one table of figures and one of ratios per part;
 * writes all samples to results/ as JSON lines. See docs/performance.md.
 */
import { parseArgs } from 'node:util'
import { buildAll } from './lib/build.mjs'
import { printGoals } from './lib/goals.mjs'
import { runCodec } from './parts/codec.mjs'
import { runDist } from './parts/dist.mjs'
import { runFreeswitch } from './parts/freeswitch.mjs'
import { runGrowth } from './parts/growth.mjs'
import { runKamailio } from './parts/kamailio.mjs'
import { runKamailioDb } from './parts/kamailio-db.mjs'
import { runMemory } from './parts/memory.mjs'
import { runProcesses } from './parts/processes.mjs'
import { runScale } from './parts/scale.mjs'
import { runTasks } from './parts/tasks.mjs'
import { runTls } from './parts/tls.mjs'

const PARTS = {
  codec: { run: runCodec, rounds: 4, ms: 60, quick: { rounds: 2, ms: 15 } },
  dist: {
    run: runDist,
    rounds: 5,
    ms: 200,
    warmMs: 1000,
    quick: { rounds: 2, ms: 80, warmMs: 80 },
  },
  memory: { run: runMemory, rounds: 5, ms: 0, quick: { rounds: 1, ms: 0 } },
  processes: {
    run: runProcesses,
    rounds: 3,
    ms: 0,
    messages: 10_000_000,
    quick: { rounds: 1, ms: 0, messages: 1_000_000 },
  },
  scale: {
    run: runScale,
    rounds: 3,
    ms: 500,
    warmMs: 500,
    quick: { rounds: 1, ms: 100, warmMs: 100 },
  },
  growth: {
    run: runGrowth,
    rounds: 3,
    ms: 300,
    each: 1000,
    quick: { rounds: 1, ms: 60, each: 100 },
  },
  freeswitch: { run: runFreeswitch, rounds: 3, ms: 2000, quick: { rounds: 1, ms: 300 } },
  kamailio: {
    run: runKamailio,
    rounds: 31,
    ms: 0,
    messages: 2_000,
    quick: { rounds: 5, ms: 0, messages: 1_000 },
  },
  'kamailio-db': {
    run: runKamailioDb,
    rounds: 3,
    ms: 0,
    messages: 20_000,
    quick: { rounds: 1, ms: 0, messages: 10_000 },
  },
  tasks: { run: runTasks, rounds: 5, ms: 2000, quick: { rounds: 1, ms: 500 } },
  tls: { run: runTls, rounds: 3, ms: 500, warmMs: 500, quick: { rounds: 1, ms: 100, warmMs: 100 } },
}

/** These can measure others alone; the rest is about beamlink. */
const TAKES_COLUMNS = new Set(['codec', 'dist'])

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    'warm-ms': { type: 'string' },
    columns: { type: 'string' },
    cases: { type: 'string' },
    messages: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
})

function positive(name, fallback) {
  const text = given[name]
  if (text === undefined) return fallback
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new RangeError(`--${name} must be an integer above 0, got "${text}"`)
}

const parts = given.only === undefined ? Object.keys(PARTS) : given.only.split(',')
for (const name of parts) {
  if (PARTS[name] === undefined) {
    throw new RangeError(`--only takes ${Object.keys(PARTS).join(', ')}, got "${name}"`)
  }
}

const goals = []
const measuresUs = given.columns === undefined || given.columns.split(',').includes('beamlink')
const alwaysUs = parts.some((name) => !TAKES_COLUMNS.has(name))
buildAll({
  peers: parts.includes('codec') || parts.includes('growth'),
  beamlink: measuresUs || alwaysUs,
})
for (const name of parts) {
  const { run, quick, ...full } = PARTS[name]
  const size = given.quick ? quick : full
  console.log(`\n${name}`)
  const reached = await run({
    rounds: positive('rounds', size.rounds),
    ms: positive('ms', size.ms),
    warmMs: positive('warm-ms', size.warmMs),
    messages: positive('messages', size.messages),
    each: size.each,
    columns: given.columns,
    cases: given.cases,
    writeDocs: given['write-docs'],
  })
  goals.push(...reached)
}
printGoals(goals)
