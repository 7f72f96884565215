/** The state of a RabbitMQ node, from RabbitMQ itself; see README.md. */
import { accessSync, constants } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ErlangError, ErlangNode } from 'beamlink'
import { readStatus } from './status.mjs'

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: `rabbit@${hostname().split('.')[0]}` },
    'cookie-file': { type: 'string' },
    json: { type: 'boolean', default: false },
    watch: { type: 'string' },
  },
})

/** That of Debian's package, where we may read it; else that of our own user. */
function cookieFile() {
  const ofServer = '/var/lib/rabbitmq/.erlang.cookie'
  try {
    accessSync(ofServer, constants.R_OK)
    return ofServer
  } catch {
    return undefined
  }
}

const bytes = (count) => `${(count / 2 ** 20).toFixed(0)} MiB`

function duration(seconds) {
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function table(titles, rows) {
  const all = [titles, ...rows.map((row) => row.map(String))]
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column].length)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
}

function page(status) {
  const { memory, queues, connections, alarms } = status
  const messages = queues.reduce((sum, queue) => sum + queue.messages, 0)
  const nodes = status.nodes.map(({ name, isRunning }) => (isRunning ? name : `${name} (down)`))
  const alarmTexts = alarms.map(({ resource, node }) => `${resource} at ${node ?? status.node}`)
  return [
    `RabbitMQ ${status.version} on ${status.erlang}, up for ${duration(status.uptime)}`,
    '',
    ...table(
      ['nodes', nodes.join(', ')],
      [
        ['alarms', alarmTexts.join(', ') || 'none'],
        ['memory', `${bytes(memory.used)} of ${bytes(memory.limit)}`],
        ['disk', `${bytes(status.diskFree)} free`],
        ['connections', connections.length],
        ['queues', `${queues.length} with ${messages} messages`],
      ],
    ),
    '',
    ...table(
      ['QUEUE', 'VHOST', 'STATE', 'MESSAGES', 'CONSUMERS'],
      queues.map((queue) => [
        queue.name,
        queue.vhost,
        queue.state,
        queue.messages,
        queue.consumers,
      ]),
    ),
    '',
    ...table(
      ['CONNECTION', 'USER', 'STATE', 'CHANNELS'],
      connections.map((each) => [each.name, each.user, each.state, each.channels]),
    ),
  ].join('\n')
}

async function show(node) {
  const status = await readStatus(node, values.node)
  console.log(values.json ? JSON.stringify(status) : page(status))
}

/** Again and again; a node that goes away is no end of it. */
async function watch(node, pauseMs, signal) {
  while (!signal.aborted) {
    if (process.stdout.isTTY && !values.json) process.stdout.write('\x1b[2J\x1b[H')
    await show(node).catch(report)
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

function report(error) {
  if (!ErlangError.is(error)) throw error
  console.error(`${error.code}: ${error.message}`)
}

// Names are long or short, as the peer's is. It calls only, so it need not be found by anybody.
const name = `status_${process.pid}@${values.node.split('@')[1]}`
const file = values['cookie-file'] ?? cookieFile()
const node = await ErlangNode.start({ name, listen: false, ...(file && { cookieFile: file }) })
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ending.abort())
try {
  if (values.watch === undefined) await show(node)
  else await watch(node, Number(values.watch) * 1_000, ending.signal)
} catch (error) {
  report(error)
  process.exitCode = 1
} finally {
  await node.stop()
}
