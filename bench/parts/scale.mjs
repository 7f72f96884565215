/** Typical rows, many receivers, large terms, many peers, and how long it takes to begin. */
import { runCases } from '../lib/dist-run.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { measureManyPeers } from './scale-peers.mjs'
import { measureStart } from './scale-start.mjs'
import { printScaleTables, SCALE_CASES } from './scale-tables.mjs'

const COLUMNS = 'beamlink,ei,ei-buffered,beam'
/** Figures of beamlink alone, each from processes of its own. */
const ALONE = { peers: measureManyPeers, start: measureStart }

async function runAlone(names, size) {
  if (names.length === 0) return []
  const servers = await startServers({ floors: false })
  const rows = []
  try {
    for (const name of names) rows.push(await ALONE[name](servers, size))
  } finally {
    await servers.close()
  }
  return rows.flat()
}

/** `columns` and `cases` narrow the run. There are no goals of its own. */
export async function runScale({ columns = COLUMNS, cases, ...size }) {
  const isWanted = (name) => cases === undefined || cases.split(',').includes(name)
  const names = SCALE_CASES.filter(isWanted)
  const nothing = { rows: [], notes: {} }
  const { rows, notes } =
    names.length === 0 ? nothing : await runCases({ names, columns, floors: false, ...size })
  printScaleTables(rows, notes)
  const alone = await runAlone(Object.keys(ALONE).filter(isWanted), size)
  writeResults('scale', [...rows, ...alone])
  return []
}
