import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { NewLogLine } from 'beamlink/freeswitch'
import type { SmallSwitch } from './small-switch.js'
import { origins } from './switch-origins.js'

/** The API commands that are about no call. */
export function addSwitchCommands(small: SmallSwitch): void {
  const { host } = small
  host.api('echo', (args) => args)
  host.api('status', () => status(small.sessions.size))
  host.api('msleep', async (args) => {
    await sleep(Number(args))
    return '+OK'
  })
  host.api('global_getvar', () => '')
  host.api('log', (args) => {
    const [level = '', text = ''] = args.split(/ (.*)/s)
    small.log(level as Exclude<NewLogLine['level'], undefined>, text, origins.logCommand)
    return '+OK\n'
  })
  host.api('show', () => `\n${small.sessions.size} total.\n`)
  // Nothing of FreeSWITCH: for a test that waits until nothing more comes.
  host.api('quiet', async () => {
    await small.work.idle()
    // What goes to handlers is sent in later turns.
    await turn()
    await turn()
    return '+OK'
  })
}

function status(count: number): string {
  return [
    'UP 0 years, 0 days, 0 hours, 0 minutes, 1 second, 51 milliseconds, 938 microseconds',
    'FreeSWITCH (Version 1.11.3-dev git cc93a68 2026-08-21 14:10:14Z 64bit) is ready',
    `${count} session(s) since startup`,
    '0 session(s) - peak 0, last 5min 0 ',
    '0 session(s) per Sec out of max 100, peak 0, last 5min 0 ',
    '100 session(s) max',
    'min idle cpu 0.00/100.00',
    'Current Stack Size/Max 240K/8192K',
    '',
  ].join('\n')
}
