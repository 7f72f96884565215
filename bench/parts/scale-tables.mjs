import { figure, printTable, rate } from '../lib/table.mjs'

const cpuOf = (row) => `[${row.cpu.toFixed(1)}+${row.serverCpu.toFixed(1)}]`
const showRate = (row) => `${rate(row.ops)} ${cpuOf(row)}`

/** Both ways count. */
function showLarge(row) {
  const megabytes = (row.ops * 2 * row.samples[0].size) / 1e6
  const late = row.loopMost === undefined ? '' : `, loop ${figure(row.loopMost)} ms late`
  return `${figure(megabytes)}${late}`
}

const TABLES = [
  {
    title:
      'one way, maps of 207 bytes: messages per second [CPU microseconds: this peer + the other]',
    cases: ['in_row', 'out_row'],
    show: showRate,
  },
  {
    title: 'one map to 1,000 processes: deliveries per second [CPU] (fan_raw: encoded once)',
    cases: ['fan', 'fan_raw'],
    show: showRate,
  },
  {
    title:
      'a term of 16 MiB there and back: MB/s, both ways added up; how late the event loop was at most',
    cases: ['term_16m'],
    show: showLarge,
  },
]

export const SCALE_CASES = TABLES.flatMap((table) => table.cases)

function cellOf(rows, name, peer, show) {
  const row = rows.find((one) => one.case === name && one.peer === peer)
  if (row?.error) return 'error'
  return row === undefined || row.samples.length === 0 ? '' : show(row)
}

export function printScaleTables(rows, notes) {
  for (const { title, cases, show } of TABLES) {
    const mine = rows.filter(
      (row) => cases.includes(row.case) && (row.samples.length > 0 || row.error),
    )
    if (mine.length === 0) continue
    const peers = [...new Set(mine.map((row) => row.peer))]
    const names = cases.filter((name) => mine.some((row) => row.case === name))
    const lines = names.map((name) => [
      name,
      ...peers.map((peer) => cellOf(mine, name, peer, show)),
    ])
    printTable(title, ['case', ...peers], lines)
  }
  for (const [name, why] of Object.entries(notes)) console.log(`  ${name}: ${why}`)
}
