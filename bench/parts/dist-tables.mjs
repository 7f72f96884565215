import { median } from '../lib/statistics.mjs'
import { printTable, rate } from '../lib/table.mjs'

const cpuOf = (row) => `[${row.cpu.toFixed(1)}+${row.serverCpu.toFixed(1)}]`
const showRate = (row) => `${rate(row.ops)} ${cpuOf(row)}`

function showLatency(row) {
  const [lowest, highest] = row.p50Range.map((value) => value.toFixed(0))
  return `${row.p50.toFixed(0)} (${lowest}-${highest}) / ${row.p99.toFixed(0)} ${cpuOf(row)}`
}

const showMegabytes = (row) => `${((row.ops * 65536) / 1e6).toFixed(0)} ${cpuOf(row)}`

const TABLES = [
  {
    title:
      'one at a time, 100 bytes: p50 (lowest-highest of the rounds) / p99 in microseconds ' +
      '[CPU microseconds per operation: this peer + the other side]',
    cases: ['rpc_1', 'erpc_1', 'gs_1', 'echo_1', 'called_1', 'served_1'],
    show: showLatency,
  },
  {
    title: '64 in flight, 100 bytes: operations per second [CPU]',
    cases: ['rpc_64', 'erpc_64', 'gs_64', 'echo_64', 'called_64', 'served_64'],
    show: showRate,
  },
  {
    title: 'one way, 100 bytes: messages per second [CPU]',
    cases: ['in_100', 'out_100'],
    show: showRate,
  },
  {
    title: 'one way, binaries of 64 KiB: MB/s [CPU]',
    cases: ['in_64k', 'out_64k'],
    show: showMegabytes,
  },
]

export const DIST_CASES = TABLES.flatMap((table) => table.cases)

function printOne(rows, { title, cases, show }) {
  const measured = rows.filter((row) => cases.includes(row.case) && row.samples.length > 0)
  const failed = rows.filter((row) => cases.includes(row.case) && row.error)
  const peers = [...new Set([...measured, ...failed].map((row) => row.peer))]
  if (peers.length === 0) return
  const shown = cases.filter((name) => measured.some((row) => row.case === name))
  const cell = (name, peer) => {
    const row = measured.find((one) => one.case === name && one.peer === peer)
    if (row !== undefined) return show(row)
    return failed.some((one) => one.case === name && one.peer === peer) ? 'error' : ''
  }
  printTable(
    title,
    ['case', ...peers],
    shown.map((name) => [name, ...peers.map((peer) => cell(name, peer))]),
  )
}

export function printDistTables(rows, { rounds, ms, warmMs, notes }) {
  for (const table of TABLES) printOne(rows, table)
  const spreads = rows.filter((row) => row.spread).map((row) => row.spread)
  if (spreads.length > 0) {
    const worst = Math.max(...spreads).toFixed(2)
    const middle = median(spreads).toFixed(2)
    console.log(
      `\nspread of the rounds (max/min): median ${middle}, worst ${worst}; ` +
        `${rounds} rounds of ${ms} ms after ${warmMs} ms; node ${process.version}`,
    )
  }
  for (const [name, why] of Object.entries(notes)) console.log(`  ${name}: ${why}`)
}
