import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { withDeadline } from '../helpers/waiting.js'

/** What `npm run demo` runs once all is set up. */
const program = path.join(__dirname, '../../examples/demo/main.mjs')

describe('the demo', () => {
  let child: ChildProcess | undefined
  let printed = ''

  afterEach(() => {
    child?.kill('SIGKILL')
  })

  function start(parameters: readonly string[], env = process.env): ChildProcess {
    printed = ''
    child = spawn(process.execPath, [program, ...parameters], { env })
    child.stdout?.on('data', (bytes: Buffer) => {
      printed += bytes.toString()
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      printed += bytes.toString()
    })
    return child
  }

  async function exitOf(running: ChildProcess): Promise<number | null> {
    const [code] = await withDeadline(once(running, 'exit'), 'the demo to end', 20_000)
    return code
  }

  async function untilPrinted(running: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
    const ended = exitOf(running).then(() => {
      throw new Error(`the demo ended:\n${printed}`)
    })
    ended.catch(() => undefined)
    for (;;) {
      const match = pattern.exec(printed)
      if (match) {
        return match
      }
      await Promise.race([once(running.stdout ?? running, 'data'), ended])
    }
  }

  it('fails with a clear text when a step fails', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'broken-erlc-'))
    writeFileSync(path.join(folder, 'erlc'), '#!/bin/sh\necho erlc is broken\nexit 1\n', {
      mode: 0o755,
    })
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
    expect(await exitOf(start(['--once'], env))).toBe(1)
    rmSync(folder, { recursive: true })
    expect(printed).toContain(
      'beamlink demo: step 1 (an epmd and an Erlang node of the demo) failed',
    )
    expect(printed).toContain('erlc is broken')
  })

  it('runs every step once and ends', async () => {
    expect(await exitOf(start(['--once']))).toBe(0)
    expect(printed).toContain("3. Node calls uwsgitest:hello() in Erlang → 'hello world !'")
    expect(printed).toContain('4. Erlang does {myprocess, Node} ! "Hello" → Hello')
    expect(printed).toContain('5. Erlang does rpc:call(Node, useless, myfunction, [2, 40]) → 42')
    expect(printed).toMatch(/6\. the web page → http:\/\/127\.0\.0\.1:\d+\/\n/)
    expect(printed).toContain("<b>'hello world !'</b>")
  })

  it('serves its page until Ctrl-C and leaves nothing behind', async () => {
    const running = start([])
    const [, url = ''] = await untilPrinted(running, /(http:\S+)\nOpen the page/)
    expect(await (await fetch(url)).text()).toContain('<b>42</b>')

    running.kill('SIGINT')
    expect(await exitOf(running)).toBe(0)
    const [, epmdPort] = /epmd on port (\d+)/.exec(printed) ?? []
    await expect(refuses(Number(epmdPort))).resolves.toBe(true)
    await expect(refuses(Number(new URL(url).port))).resolves.toBe(true)
  })
})

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(true))
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })
}
