/**
 * Whether time grows as what it is spent on: decoding and encoding by the size of the term, a round of
 * messages by the number of peers. Draws the curves; `writeDocs` puts them and their figures into docs/.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { askChild } from '../lib/child.mjs'
import { context } from '../lib/context.mjs'
import { atLeast, atMost, markOf } from '../lib/goals.mjs'
import { canDraw, pictureOf } from '../lib/growth-picture.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { exponentOf } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'
import { EXPONENT } from './growth-goals.mjs'
import { measurePeers } from './scale-peers.mjs'

const COUNTS = [1, 3, 10, 30, 100, 300, 1000]
const NAME = 'performance-growth'

const curve = (name, rows, x, y) => ({
  name,
  points: rows.map((row) => ({ x: row[x], y: row[y] })),
})

async function measureSizes(servers, { ms }) {
  const { rows } = await askChild(servers, 'sizes', ['growth/sizes.mjs', ms])
  return {
    title: 'milliseconds for one term, by its size',
    xLabel: 'bytes',
    curves: [
      curve('decode', rows, 'bytes', 'decodeMs'),
      curve('encode', rows, 'bytes', 'encodeMs'),
    ],
  }
}

/** `each` is how many messages go to each peer, and come from it. */
async function measureCounts(servers, { rounds, each }) {
  const rows = []
  for (const count of COUNTS) {
    const row = await measurePeers(servers, { count, messages: each, rounds })
    rows.push({ count, outMs: Math.min(...row.outMs), inMs: Math.min(...row.inMs) })
  }
  return {
    title: `milliseconds for ${each} messages with each peer`,
    xLabel: 'peers',
    curves: [curve('out', rows, 'count', 'outMs'), curve('in', rows, 'count', 'inMs')],
  }
}

/** Two goals for each curve: that it grows no faster, and no slower, which would be fixed cost. */
function goalsOf({ name, points }) {
  const exponent = exponentOf(points)
  const what = `${name}: exponent of growth`
  return [
    atMost('growth', `${what}, at most`, exponent, EXPONENT.most),
    atLeast('growth', `${what}, at least`, exponent, EXPONENT.least),
  ]
}

function verdictOf(goals) {
  const missed = goals.find((goal) => !goal.reached)
  return missed === undefined ? 'linear' : markOf(missed)
}

function printPanel({ title, xLabel, curves }, goals) {
  const [first] = curves
  printTable(
    `${title} (linear: exponent between ${EXPONENT.least} and ${EXPONENT.most})`,
    [xLabel, ...curves.map(({ name }) => name)],
    [
      ...first.points.map(({ x }, at) => [
        String(x),
        ...curves.map(({ points }) => points[at].y.toPrecision(3)),
      ]),
      ['exponent', ...goals.map(([goal]) => figure(goal.measured))],
      ['', ...goals.map(verdictOf)],
    ],
  )
}

function csvOf(panels) {
  const lines = panels.flatMap(({ xLabel, curves }) =>
    curves.flatMap(({ name, points }) =>
      points.map(({ x, y }) => `${name},${xLabel},${x},${y.toPrecision(4)}`),
    ),
  )
  return `${['curve,of,x,milliseconds', ...lines].join('\n')}\n`
}

async function writePicture(panels, folder) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, `${NAME}.csv`), csvOf(panels))
  const can = canDraw()
  if (can === true) writeFileSync(path.join(folder, `${NAME}.svg`), await pictureOf(panels))
  else console.log(`  no picture: ${can}`)
}

/** Returns the goals. */
export async function runGrowth({ rounds, ms, each, writeDocs }) {
  const servers = await startServers({ floors: false })
  const panels = []
  try {
    panels.push(await measureSizes(servers, { ms }))
    panels.push(await measureCounts(servers, { rounds, each }))
  } finally {
    await servers.close()
  }
  const goals = panels.map(({ curves }) => curves.map(goalsOf))
  for (const [index, panel] of panels.entries()) printPanel(panel, goals[index])
  await writePicture(panels, context.resultsDir)
  if (writeDocs) await writePicture(panels, path.join(context.project, 'docs'))
  writeResults('growth', panels)
  return goals.flat(2)
}
