import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ConsoleStep } from './console-page.js'
import { withDeadline } from './waiting.js'

/** A command of a page, as a shell runs it. */
export class PageCommand {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown[]>
  #said = ''
  #told: () => void = () => undefined
  #isGone = false
  #linesTaken = 0

  constructor(step: ConsoleStep, cwd: string, env: NodeJS.ProcessEnv) {
    // In a group of its own, so that Ctrl-C reaches the command and not the test. One pipe for all that
    // it prints: what comes through two has no order.
    this.#child = spawn('sh', ['-c', `exec 2>&1; ${step.before}${step.command}`], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#gone = once(this.#child, 'close').then((values) => {
      this.#isGone = true
      this.#told()
      return values
    })
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdin?.end(step.input)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        this.#told()
      })
    }
  }

  /** The next so many lines. Fewer if it ends before. */
  async lines(count: number): Promise<string> {
    const wanted = this.#linesTaken + count
    const all = () => this.#said.split('\n').slice(0, -1)
    const seen = new Promise<void>((resolve) => {
      this.#told = () => {
        if (this.#isGone || all().length >= wanted) resolve()
      }
    })
    this.#told()
    await withDeadline(seen, `${wanted} lines; there is ${this.#said}`, 40_000)
    const taken = all().slice(this.#linesTaken, wanted)
    this.#linesTaken = wanted
    return taken.join('\n')
  }

  /** All that it has printed until its end. */
  async output(): Promise<string> {
    await withDeadline(this.#gone, `the command to end; it said ${this.#said}`, 100_000)
    return this.#said.trimEnd()
  }

  interrupt(signal: NodeJS.Signals = 'SIGINT'): void {
    if (this.#isGone) return
    try {
      process.kill(-(this.#child.pid ?? 0), signal)
    } catch (error) {
      // It has just ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  async stop(): Promise<void> {
    this.interrupt('SIGKILL')
    await withDeadline(this.#gone, 'the command to end')
  }
}
