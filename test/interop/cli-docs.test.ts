import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProgram } from '../helpers/cli.js'
import { type ConsoleStep, consoleSteps } from '../helpers/console-page.js'
import { ErlNode } from '../helpers/erl-node.js'
import { freePort } from '../helpers/ports.js'
import { root } from '../helpers/rings.js'
import { withDeadline } from '../helpers/waiting.js'

const page = readFileSync(path.join(root, 'docs/cli.md'), 'utf8')

describe('the page on the command line', () => {
  let erl: ErlNode
  let folder: string
  beforeAll(async () => {
    erl = await ErlNode.start({ name: 'shop@127.0.0.1', cookie: 'secret' })
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
    const program = path.join(folder, 'beamlink')
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${cliProgram}' "$@"\n`)
    chmodSync(program, 0o755)
  })
  afterAll(async () => {
    await erl.stop()
    rmSync(folder, { recursive: true })
  })

  it.each(consoleSteps(page))('$command', async (step) => {
    const { beside } = step
    const command = step.command.replace('45369', String(await freePort()))
    const running = new Command({ ...step, command }, environment())
    if (beside.length > 0) {
      // What it says first tells that it is ready for the others.
      await running.printed(1)
      for (const other of beside) {
        expect(await new Command(other, environment()).output()).toBe(other.output)
      }
    }
    if (step.interrupted) {
      await running.printed(step.output.split('\n').length)
      running.interrupt()
    }
    expect(comparable(await running.output())).toBe(comparable(step.output))
  })

  function environment(): NodeJS.ProcessEnv {
    const { NO_COLOR: _none, ...outer } = process.env
    return {
      ...outer,
      PATH: `${folder}:${process.env.PATH}`,
      ERL_EPMD_PORT: String(erl.epmdPort),
      BEAMLINK_COOKIE: 'secret',
    }
  }
})

class Command {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown[]>
  #said = ''

  constructor(step: ConsoleStep, env: NodeJS.ProcessEnv) {
    // In a group of its own, so that Ctrl-C reaches the command and not the test.
    this.#child = spawn('sh', ['-c', `${step.before}${step.command}`], {
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#gone = once(this.#child, 'close')
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdin?.end(step.input)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
      })
    }
  }

  async printed(lines: number): Promise<void> {
    const seen = async (): Promise<void> => {
      while (this.#said.split('\n').length <= lines) {
        const streams = [this.#child.stdout, this.#child.stderr]
        const some = streams.map((stream) => once(stream as NodeJS.ReadableStream, 'data'))
        await Promise.race([...some, this.#gone])
      }
    }
    await withDeadline(seen(), `${lines} lines; there is ${this.#said}`)
  }

  interrupt(): void {
    process.kill(-(this.#child.pid ?? 0), 'SIGINT')
  }

  async output(): Promise<string> {
    await withDeadline(this.#gone, `the command to end; it said ${this.#said}`, 20_000)
    return this.#said.trimEnd()
  }
}

/** Ports, times and numbers of processes differ from run to run. */
function comparable(printed: string): string {
  return printed
    .replace(/port \d+/g, 'port N')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:N')
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .replace(/<shop@127\.0\.0\.1\.\d+\.\d+>/g, 'PID')
}
