/**
 * Compares what does not depend on the speed of the machine with baseline.json: instructions of the
 * codec in C++, counted by callgrind, and bytes that JavaScript allocates. Run by scripts/guard.sh.
 *
 * usage: node index.mjs FOLDER COMPILER [--renew]     (FOLDER holds callgrind's dumps)
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { printTable } from '../lib/table.mjs'

const BASELINE = fileURLToPath(new URL('baseline.json', import.meta.url))
const ALLOCATIONS = fileURLToPath(new URL('allocations.mjs', import.meta.url))
/** So much more than the baseline counts as worse. */
const TOLERANCE = 1.1
/** What goes through two event loops takes a few turns more or less. */
const LOOP_TOLERANCE = 1.3
const HEAP_MIB = 512

const [folder, compiler] = process.argv.slice(2)
const isRenewal = process.argv.includes('--renew')

/** By `decode NAME` and `encode NAME`. */
function instructions() {
  const figures = {}
  for (const file of readdirSync(folder)) {
    const dump = readFileSync(path.join(folder, file), 'utf8')
    const what = dump.match(/^desc: Trigger: Client Request: (.+)$/m)?.[1]
    if (what !== undefined) figures[what] = Number(dump.match(/^totals: (\d+)/m)[1])
  }
  return figures
}

function allocations() {
  const young = [`--max-semi-space-size=${HEAP_MIB}`, `--min-semi-space-size=${HEAP_MIB}`]
  const options = ['--expose-gc', ...young, ALLOCATIONS]
  const figures = JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8' }))
  return Object.fromEntries(Object.entries(figures).map(([what, n]) => [what, Math.round(n)]))
}

const toleranceOf = (what) => (what.startsWith('bytes for a ') ? LOOP_TOLERANCE : TOLERANCE)

function verdictOf(what, found, wanted) {
  if (found === undefined) return 'GONE'
  if (wanted === undefined) return 'no baseline'
  if (found > wanted * toleranceOf(what)) return 'WORSE'
  return found * toleranceOf(what) < wanted ? 'better: renew' : ''
}

/** Whether all is well; figures of another maker say nothing. */
function compare(title, { maker, figures }, baseline) {
  if (maker !== baseline.maker) {
    console.log(`\n${title}: not compared, ${maker} and not ${baseline.maker} made them`)
    return []
  }
  const names = Object.keys({ ...baseline.figures, ...figures })
  const rows = names.map((what) => {
    const [found, wanted] = [figures[what], baseline.figures[what]]
    return { what, found, wanted, verdict: verdictOf(what, found, wanted) }
  })
  printTable(
    title,
    ['', 'baseline', 'now', 'times', ''],
    rows.map(({ what, found, wanted, verdict }) => [
      ...[what, wanted ?? '', found ?? ''],
      ...[found && wanted ? (found / wanted).toFixed(3) : '', verdict],
    ]),
  )
  return rows
}

const isBad = ({ verdict }) => ['WORSE', 'GONE', 'no baseline'].includes(verdict)

const now = {
  instructions: { maker: compiler, figures: instructions() },
  allocations: { maker: `node ${process.versions.node.split('.')[0]}`, figures: allocations() },
}
if (isRenewal) writeFileSync(BASELINE, `${JSON.stringify(now, null, 2)}\n`)
const baseline = JSON.parse(readFileSync(BASELINE, 'utf8'))
const rows = [
  ...compare('instructions of the codec in C++', now.instructions, baseline.instructions),
  ...compare('bytes of the JavaScript heap', now.allocations, baseline.allocations),
]
const bad = rows.filter(isBad).length
console.log(`\nguard: ${rows.length - bad} passed, ${bad} failed`)
process.exit(bad > 0 ? 1 : 0)
