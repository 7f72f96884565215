import { Pid } from '../../term/pid.js'
import { describeSessions } from './calls/sessions.js'
import type { EventHandler } from './events/event-handlers.js'
import type { HostCore } from './host-core.js'
import type { Listener } from './listener.js'

/** One word after `erlang`: gets those that follow. Undefined is how to use it. */
export type ConsoleCommand = (host: HostCore, words: readonly string[]) => string | undefined

const line = '-'.repeat(80)
const usage = `USAGE:
${line}
erlang listeners
erlang sessions <node_name>
erlang bindings
erlang handlers
erlang debug <on|off>
${line}
`

/** The words that the command `erlang` knows. Parts of the host add theirs to it. */
export const consoleCommands = new Map<string, ConsoleCommand>([
  ['listeners', listeners],
  ['sessions', (host, [peer]) => describeSessions(host, peer)],
  ['bindings', (host) => host.fetches.describe()],
  ['handlers', handlers],
  ['debug', debug],
])

/**
 * Makes `erlang` a command of the switch, for peers as for its console.
 *
 * Source: mod_erlang_event, mod_erlang_event.c, erlang_cmd; seed-systems 2.10.
 */
export function addConsole(host: HostCore): void {
  host.apis.add('erlang', (args) => {
    const [word = '', ...rest] = args.split(' ').filter((each) => each !== '')
    return consoleCommands.get(word.toLowerCase())?.(host, rest) ?? usage
  })
}

/** One line for each, the latest first. */
function listeners(host: HostCore): string {
  const all = openListeners(host)
  return all.length === 0 ? 'No active listeners\n' : all.map(listenerLine).join('')
}

function listenerLine({ peer, outbox, callCounts }: Listener): string {
  const { events, logs } = outbox
  const { attached, created, hungUp } = callCounts()
  return (
    `Listener to ${peer} with outbound sessions: ${attached}` +
    ` events: ${events.size} (lost:${events.lost}) logs: ${logs.size} (lost:${logs.lost})` +
    ` ${created}/${hungUp}\n`
  )
}

function handlers(host: HostCore): string {
  const all = openListeners(host)
  if (all.length === 0) return 'No active listeners\n'
  return all.flatMap(({ peer, eventHandlers }) => sections(peer, eventHandlers.all)).join('')
}

/** What is subscribed. Only where there are several handlers it is told which is which. */
function sections(peer: string, all: readonly EventHandler[]): string[] {
  return all.map(({ target, subscription }) => {
    const who = all.length === 1 ? '' : ` ${Pid.is(target) ? target : target?.name}`
    const subclasses = subscription.subclasses.map((name) => `\t${name}`)
    const lines = [`Listener ${peer}${who}:`, '-'.repeat(32), ...subscription.names, 'CUSTOM:']
    return `${[...lines, ...subclasses].join('\n')}\n\n`
  })
}

/** Without a word it only tells; every word but `on` turns it off. */
function debug(host: HostCore, [word]: readonly string[]): string {
  if (word !== undefined) host.isDebugging = word.toLowerCase() === 'on'
  return `+OK debug ${host.isDebugging ? 'on' : 'off'}\n`
}

function openListeners(host: HostCore): Listener[] {
  return [...host.listeners.values()].filter(({ isDenied }) => !isDenied).reverse()
}
