/**
 * SIP requests through a real Kamailio that asks somebody what to do: a Node service, or an Erlang
 * gen_server behind rex; and what it does without asking, as the floor.
 */
import { spawnSync } from 'node:child_process'
import { askChild } from '../lib/child.mjs'
import { atLeast, markOf } from '../lib/goals.mjs'
import { writeResults } from '../lib/results.mjs'
import { startServers } from '../lib/servers.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable, rate } from '../lib/table.mjs'

const PART = 'kamailio'
const IN_FLIGHT = 8
const TITLES = {
  plain: 'Kamailio alone',
  beamlink: 'asks Node, beamlink',
  erlang: 'asks Erlang, rex and gen_server',
}
/** Of the rate, and the added time the other way round, to those with Erlang. */
const LEAST = 0.9

const hasKamailio = () =>
  spawnSync('sh', ['-c', 'ls /usr/lib/*/kamailio/modules/erlang.so && command -v kamailio'])
    .status === 0

function goalsOf(samples) {
  const ratio = (of) => median(samples.beamlink.map((_, round) => of(round)))
  const added = (name, round) => samples[name][round].median - samples.plain[round].median
  return {
    rate: atLeast(
      PART,
      'calls per second beside Erlang',
      ratio((round) => samples.beamlink[round].perSecond / samples.erlang[round].perSecond),
      LEAST,
    ),
    added: atLeast(
      PART,
      'added latency of Erlang over that of Node',
      ratio((round) => added('erlang', round) / added('beamlink', round)),
      LEAST,
    ),
  }
}

/** Returns the goals. */
export async function runKamailio({ rounds, messages: requests }) {
  if (!hasKamailio()) {
    console.log(
      'left out: kamailio and kamailio-erlang-modules (names of Debian) are not installed',
    )
    return []
  }
  const servers = await startServers({ floors: false })
  try {
    const args = ['kamailio/calls.mjs', rounds, requests, IN_FLIGHT]
    const samples = await askChild(servers, 'kamailio', args)
    const goals = goalsOf(samples)
    const of = (name, read) => median(samples[name].map(read))
    printTable(
      `SIP requests through Kamailio, ${requests} a round, medians of ${rounds}`,
      ['', `per second, ${IN_FLIGHT} at once`, 'ms, one by one', ''],
      Object.entries(TITLES).map(([name, title]) => [
        title,
        rate(of(name, ({ perSecond }) => perSecond)),
        figure(of(name, ({ median: ms }) => ms)),
        name === 'beamlink' ? [markOf(goals.rate), markOf(goals.added)].join(' ').trim() : '',
      ]),
    )
    writeResults(PART, [{ case: 'options', requests, samples }])
    return Object.values(goals)
  } finally {
    await servers.close()
  }
}
