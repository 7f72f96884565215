/**
 * The database of db_erlang: selects by key per second, by one caller and by as many as Kamailio has
 * workers, each figure from a fresh process. The callers are Erlang processes of another node.
 */
import { askChild } from '../lib/child.mjs'
import { atLeast, markOf } from '../lib/goals.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { median } from '../lib/statistics.mjs'
import { printTable, rate } from '../lib/table.mjs'

const PART = 'kamailio-db'
const ROWS = 10_000
const CALLERS = [1, 8, 32]
/** For as many callers as Kamailio has workers by default. */
const GOAL = { callers: 8, perSecond: 10_000 }
const DATABASES = {
  sqlite: 'SQLite, beamlink',
  memory: 'memory, beamlink',
  dets: 'DETS with keys, gen_server',
  sample: 'DETS laid out as the sample, gen_server',
}

async function measure(servers, callers, { rounds, selects }) {
  const samples = []
  for (let round = 0; round < rounds; round++) {
    const args = ['kamailio/database.mjs', ROWS, callers, selects]
    samples.push(await askChild(servers, 'kamailio_db', args))
  }
  const medians = Object.keys(DATABASES).map((name) => [
    name,
    median(samples.map((sample) => sample[name])),
  ])
  return { case: 'selects', callers, samples, ...Object.fromEntries(medians) }
}

/** Returns the goals. */
export async function runKamailioDb({ rounds, messages: selects }) {
  const servers = await startServers({ floors: false })
  try {
    const rows = []
    for (const callers of CALLERS) rows.push(await measure(servers, callers, { rounds, selects }))
    const measured = rows.find(({ callers }) => callers === GOAL.callers)?.sqlite
    const what = `selects per second on SQLite, ${GOAL.callers} callers`
    const goal = atLeast(PART, what, measured, GOAL.perSecond)
    printTable(
      `selects by key per second among ${ROWS} rows, medians of ${rounds}`,
      ['', ...CALLERS.map((callers) => `${callers} callers`), ''],
      Object.entries(DATABASES).map(([name, title]) => [
        title,
        ...rows.map((row) => rate(row[name])),
        name === 'sqlite' ? markOf(goal) : '',
      ]),
    )
    writeResults(PART, rows)
    return [goal]
  } finally {
    await servers.close()
  }
}
