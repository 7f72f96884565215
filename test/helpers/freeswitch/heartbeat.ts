import type { SmallSwitch } from './small-switch.js'
import { origins } from './switch-origins.js'

/** What the scheduler of a switch does every few seconds. */
export function heartbeat({ events, sessions }: SmallSwitch): void {
  const upMs = Math.floor(process.uptime() * 1000)
  const seconds = Math.floor(upMs / 1000)
  events.fire({
    name: 'HEARTBEAT',
    headers: {
      'Event-Info': 'System Ready',
      'Up-Time': `0 years, 0 days, 0 hours, 0 minutes, ${seconds} seconds, ${upMs % 1000} milliseconds, 0 microseconds`,
      'FreeSWITCH-Version': '1.11.3-dev+git~20260821T141014Z~cc93a683ca~64bit',
      'Uptime-msec': upMs,
      'Session-Count': sessions.size,
      'Max-Sessions': 100,
      'Session-Per-Sec': 100,
      'Session-Per-Sec-Last': 0,
      'Session-Per-Sec-Max': 0,
      'Session-Per-Sec-FiveMin': 0,
      'Session-Since-Startup': 0,
      'Session-Peak-Max': 0,
      'Session-Peak-FiveMin': 0,
      'Idle-CPU': '94.333333',
    },
    ...origins.ofEvent('HEARTBEAT'),
  })
  events.fire({ name: 'RE_SCHEDULE', headers: { 'Task-ID': 1, 'Task-Desc': 'heartbeat' } })
}
