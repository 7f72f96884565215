/**
 * Distribution over TLS, beside Erlang's own: both against an Erlang node with `-proto_dist inet_tls`,
 * and both without TLS for comparison, in turns of one run each.
 */
import { makeOptfile } from '../lib/certificates.mjs'
import { runCases } from '../lib/dist-run.mjs'
import { writeResults } from '../lib/results.mjs'
import { figure, printTable } from '../lib/table.mjs'
import { printDistTables } from './dist-tables.mjs'

const CASES = ['rpc_1', 'gs_1', 'rpc_64', 'gs_64', 'in_100', 'out_100', 'in_64k', 'out_64k']
const COLUMNS = 'beamlink,beam'

/** How good a figure is, so that more is better. */
const worth = (row) => (row.p50 === undefined ? row.ops : 1 / row.p50)

function ratio(rows, over, [peer, otherPeer = peer], name) {
  const find = (list, who) => list.find((row) => row.case === name && row.peer === who)
  const [one, other] = [find(rows, peer), find(over, otherPeer)]
  if (!one?.samples.length || !other?.samples.length) return undefined
  return worth(one) / worth(other)
}

function printRatios(plain, secured, names) {
  printTable(
    'ratios of medians: more is better for the first',
    ['case', 'beamlink: TLS/plain', 'beam: TLS/plain', 'TLS: beamlink/beam'],
    names.map((name) => [
      name,
      figure(ratio(secured, plain, ['beamlink'], name)),
      figure(ratio(secured, plain, ['beam'], name)),
      figure(ratio(secured, secured, ['beamlink', 'beam'], name)),
    ]),
  )
}

/** `cases` narrows the run. Returns no goals: what TLS may cost is nobody's promise. */
export async function runTls({ cases, ...size }) {
  const names = cases?.split(',') ?? CASES
  const run = (optfile) => runCases({ names, ...size, columns: COLUMNS, floors: false, optfile })
  const plain = await run(undefined)
  const secured = await run(makeOptfile())
  console.log('\nwithout TLS')
  printDistTables(plain.rows, { ...size, notes: plain.notes })
  console.log('\nwith TLS')
  printDistTables(secured.rows, { ...size, notes: secured.notes })
  printRatios(plain.rows, secured.rows, names)
  writeResults('tls', [
    ...plain.rows.map((row) => ({ ...row, tls: false })),
    ...secured.rows.map((row) => ({ ...row, tls: true })),
  ])
  return []
}
