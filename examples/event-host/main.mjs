/**
 * A small switch that answers as FreeSWITCH's mod_erlang_event does: for trying out Erlang programs,
 * and the other example, without a telephone.
 *
 *   node examples/event-host/main.mjs [--name freeswitch@127.0.0.1] [--cookie ClueCon]
 *
 * Its commands are `status`, `originate {keys=12}loopback/sales &erlang('ivr:! ivr@127.0.0.1')` and
 * `uuid_kill <uuid> [cause]`. Every three seconds there is a HEARTBEAT.
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ErlangNode } from 'beamlink'
import { EventHost } from 'beamlink/freeswitch'
import { Channel } from './channel.mjs'

const HEARTBEAT_MS = 3000

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'freeswitch@127.0.0.1' },
    cookie: { type: 'string', default: 'ClueCon' },
  },
})

const node = await ErlangNode.start({ name: values.name, cookie: values.cookie })
const host = new EventHost(node, { eventHandlers: 'many' })
const channels = new Map()
const started = Date.now()

host.api('status', () => {
  const seconds = Math.floor((Date.now() - started) / 1000)
  return `UP ${seconds} seconds\n${channels.size} session(s)\n`
})

host.api('originate', (text) => {
  const [, keys = '', destination, target] =
    /^(?:\{keys=([0-9*#]*)\})?loopback\/(\S+) &erlang\('?([^')]+)'?\)$/.exec(text) ?? []
  if (target === undefined)
    return '-USAGE: [{keys=<keys>}]loopback/<name> &erlang(<target> <node>)\n'
  const uuid = randomUUID()
  const ended = (cause) => {
    channels.delete(uuid)
    host.log({ level: 'notice', text: `Hangup loopback/${destination} [${cause}]`, uuid })
    console.log(`call to ${destination} ended: ${cause}`)
  }
  const channel = new Channel(host, { uuid, destination, keys, ended })
  channels.set(uuid, channel)
  void channel.run(target)
  return `+OK ${uuid}\n`
})

host.api('uuid_kill', (text) => {
  const [uuid, cause = 'NORMAL_CLEARING'] = text.split(' ')
  if (uuid === '') return '-USAGE: <uuid> [cause]\n'
  const channel = channels.get(uuid)
  if (channel === undefined) return '-ERR No such channel!\n'
  channel.hangUp(cause)
  return '+OK\n'
})

const heartbeat = setInterval(() => {
  const headers = { 'Event-Info': 'System Ready', 'Session-Count': channels.size }
  host.emit({ name: 'HEARTBEAT', headers })
}, HEARTBEAT_MS)

async function stop() {
  clearInterval(heartbeat)
  host.close()
  await node.stop()
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)

console.log(`${node.name} is up, cookie ${values.cookie}`)
