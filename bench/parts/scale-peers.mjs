/** A thousand peers at one node: threads, memory, messages. */
import { askChild } from '../lib/child.mjs'
import { median } from '../lib/statistics.mjs'
import { figure, printTable, rate } from '../lib/table.mjs'

export const PEERS = 1000
const MESSAGES = 200

const perSecond = (row, samples) => (row.messages / median(samples)) * 1000

/** One node with `count` peers, each sent and sending so many messages; from a fresh process. */
export const measurePeers = (servers, { count, messages, rounds }) =>
  askChild(
    servers,
    `peers_${count}`,
    ['scale/many-peers.mjs', count, messages, rounds],
    ['--expose-gc'],
  )

export async function measureManyPeers(servers, { rounds }) {
  const row = await measurePeers(servers, { count: PEERS, messages: MESSAGES, rounds })
  printTable(
    `${PEERS} peers at one node, medians of ${rounds} rounds of ${MESSAGES} messages for each`,
    ['', 'measured'],
    [
      ['threads of the process, before', String(row.threadsBefore)],
      ['threads of the process, with all', String(row.threads)],
      ['resident memory for each, bytes', figure(row.bytesEach)],
      ['connecting them all, ms', figure(row.connectMs)],
      ['messages out per second', rate(perSecond(row, row.outMs))],
      ['messages in per second', rate(perSecond(row, row.inMs))],
    ],
  )
  return { case: 'many peers', ...row }
}
