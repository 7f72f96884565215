/** From the start of a process to what it prints first, beside bare Node. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { context } from '../lib/context.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'

const STATES = ['bare', 'loaded', 'delivered']
const LINES = {
  bare: 'bare Node, until it prints',
  loaded: 'with beamlink loaded',
  delivered: 'until a message is delivered and answered',
}

async function startOf(servers, state) {
  const connection = JSON.stringify({ ...servers.plain, self: servers.nodeName(`first_${state}`) })
  const start = performance.now()
  const child = spawn(process.execPath, ['scale/first-message.mjs', state, connection], {
    cwd: context.root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [''])])
  const ms = performance.now() - start
  await ended
  if (String(line).trim() !== state) throw new Error(`first-message.mjs ${state} failed`)
  return ms
}

export async function measureStart(servers, { rounds }) {
  const rows = STATES.map((state) => ({ case: `start ${state}`, state, samples: [] }))
  for (let round = -1; round < rounds; round++) {
    for (const row of rows) {
      const ms = await startOf(servers, row.state)
      // The first has the files to read.
      if (round >= 0) row.samples.push(ms)
    }
  }
  const bare = rows[0].samples
  for (const row of rows) {
    row.ms = median(row.samples)
    row.overBare = median(row.samples.map((ms, round) => ms - bare[round]))
  }
  printTable(
    `from the start of the process, medians of ${rounds}`,
    ['', 'ms', 'over bare'],
    rows.map((row) => [LINES[row.state], figure(row.ms), figure(row.overBare)]),
  )
  return rows
}
