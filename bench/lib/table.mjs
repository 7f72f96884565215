/** Prints rows of cells in aligned columns: the first `left` to the left, figures to the right. */
export function printTable(title, head, rows, { left = 1 } = {}) {
  const lines = [head, ...rows].map((row) => row.map((cell) => String(cell ?? '')))
  const widths = head.map((_, column) => Math.max(...lines.map((row) => row[column].length)))
  console.log(`\n${title}`)
  for (const row of lines) {
    const cells = row.map((cell, column) =>
      column < left ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    )
    console.log(cells.join('  ').trimEnd())
  }
}

/** Three significant digits, without an exponent. */
export function figure(value) {
  if (value === undefined || Number.isNaN(value)) return '-'
  if (value >= 100) return value.toFixed(0)
  if (value >= 10) return value.toFixed(1)
  return value.toFixed(2)
}

/** Rates: 97.1k, 532k, 88. */
export function rate(value) {
  if (value >= 1e5) return `${(value / 1e3).toFixed(0)}k`
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)}k`
  return value.toFixed(0)
}
