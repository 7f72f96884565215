import { median } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'

const CLEAN = new Set(['same value', 'same bytes', 'not ETF'])

function markOf(check) {
  if (CLEAN.has(check)) return ''
  return check.startsWith('same length') ? '~' : '!'
}

function cellOf(row) {
  if (row?.ns === undefined) return '-'
  return `${figure(row.ns / 1000)}${markOf(row.check)}`
}

function printOperation(rows, operation) {
  const mine = rows.filter((row) => row.operation === operation)
  const codecs = [...new Set(mine.map((row) => row.codec))]
  const corpora = [...new Set(mine.map((row) => row.corpus))]
  const lines = corpora.map((corpus) => {
    const line = mine.filter((row) => row.corpus === corpus)
    const cells = codecs.map((codec) => cellOf(line.find((row) => row.codec === codec)))
    return [corpus, line[0].size, ...cells]
  })
  printTable(
    `${operation}: microseconds per term (~ other atom tag, ! other bytes or value, - cannot)`,
    ['corpus', 'bytes', ...codecs],
    lines,
  )
}

export function printCodecTables(rows, { rounds, ms, notes }) {
  printOperation(rows, 'decode')
  printOperation(rows, 'encode')
  const spreads = rows.filter((row) => row.spread).map((row) => row.spread)
  if (spreads.length > 0) {
    const worst = Math.max(...spreads).toFixed(2)
    const middle = median(spreads).toFixed(2)
    console.log(
      `\nspread of the rounds (max/min): median ${middle}, worst ${worst}; ` +
        `${rounds} rounds of ${ms} ms; node ${process.version}`,
    )
  }
  for (const { codec, operation, corpus, check } of rows) {
    if (check.startsWith('fails')) console.log(`  ${codec} ${operation} ${corpus}: ${check}`)
  }
  for (const [name, why] of Object.entries(notes)) console.log(`  ${name}: ${why}`)
}
