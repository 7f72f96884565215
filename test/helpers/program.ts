import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { withDeadline } from './waiting.js'

/** A program of an example, with all that it prints. */
export class Program {
  readonly child: ChildProcess
  /** Both of its outputs. */
  printed = ''
  readonly #gone: Promise<unknown[]>
  readonly #waiting = new Set<() => void>()
  #mark = 0

  constructor(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd?: string,
  ) {
    this.child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    })
    this.#gone = once(this.child, 'close')
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.printed += text
        this.#told()
      })
    }
    this.child.once('close', () => this.#told())
  }

  /** Until it prints what matches, behind what was waited for before. */
  until(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray> {
    const seen = new Promise<RegExpExecArray>((resolve, reject) => {
      const check = (): void => {
        const match = pattern.exec(this.printed.slice(this.#mark))
        if (match === null && this.child.exitCode === null) return
        this.#waiting.delete(check)
        if (match === null) {
          reject(new Error('it has ended'))
          return
        }
        this.#mark += match.index + match[0].length
        resolve(match)
      }
      this.#waiting.add(check)
      check()
    })
    return withDeadline(seen, `${pattern} to be printed`, deadlineMs).catch((error: Error) => {
      throw new Error(`${error.message}; there is ${this.printed}`)
    })
  }

  /** Its exit code, once it has ended of itself or of this signal. */
  async ended(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal)
    const [code] = await withDeadline(this.#gone, `its end; it has printed ${this.printed}`, 20_000)
    return code as number | null
  }

  /** For `afterAll`: whatever it does. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await this.#gone
  }

  #told(): void {
    for (const check of this.#waiting) check()
  }
}
