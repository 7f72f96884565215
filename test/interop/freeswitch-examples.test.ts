import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { uniqueName } from '../helpers/names.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

const root = path.resolve(__dirname, '../..')

describe('the examples for FreeSWITCH', () => {
  let epmd: Epmd
  const children: ChildProcess[] = []
  beforeEach(async () => {
    epmd = await Epmd.start()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    await epmd.stop()
  })

  function run(example: string, ...args: string[]) {
    const child = spawn(
      process.execPath,
      [path.join(root, 'examples', example, 'main.mjs'), ...args],
      {
        cwd: root,
        env: { ...process.env, ERL_EPMD_PORT: String(epmd.port) },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    children.push(child)
    const lines = new Arrivals<string>()
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
    return { child, lines }
  }

  it('a menu has calls of the small switch, and outlives its restart', async () => {
    const names = { switch: uniqueName('switch'), ivr: uniqueName('ivr') }
    const first = run('event-host', '--name', names.switch)
    expect(await first.lines.next()).toBe(`${names.switch} is up, cookie ClueCon`)
    const menu = run('freeswitch-ivr', '--switch', names.switch, '--name', names.ivr)
    expect(await menu.lines.next()).toBe(`${names.ivr} waits for calls of ${names.switch}`)

    const gone = once(first.child, 'exit')
    first.child.kill('SIGTERM')
    await withDeadline(gone, 'the switch to end')
    const second = run('event-host', '--name', names.switch)
    await second.lines.next()
    expect(await menu.lines.next()).toBe(`${names.switch} is back`)

    const caller = ['--switch', names.switch, '--name', uniqueName('caller'), '--try', '2']
    const tried = run('freeswitch-ivr', ...caller)
    const ended = once(tried.child, 'exit')
    expect(await tried.lines.next()).toMatch(/waits for calls/)
    expect(await tried.lines.next()).toBe('call from 1000 to sales')
    expect(await tried.lines.next()).toBe('the caller wants support')
    expect(await tried.lines.next()).toBe('loopback/sales ended: NORMAL_CLEARING')
    expect(await withDeadline(ended, 'the caller to end')).toEqual([0, null])
    expect(await second.lines.next()).toBe('call to sales ended: NORMAL_CLEARING')
    // The other menu has registered again with the new switch: it hears of the call as well.
    expect(await menu.lines.next()).toBe('loopback/sales ended: NORMAL_CLEARING')
  })
})
