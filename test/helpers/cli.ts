import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { root } from './rings.js'
import { withDeadline } from './waiting.js'

export const cliProgram = path.join(root, 'dist/cli/main.js')

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly cwd?: string
}

/** The built command line as a process of its own. Without a terminal, as for a script. */
export class Cli {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly #waiting = new Set<() => void>()
  readonly #gone: Promise<unknown[]>

  constructor(words: readonly string[], { env, stdin, cwd }: CliOptions = {}) {
    const { BEAMLINK_COOKIE: _cookie, NO_COLOR: _color, ...outer } = process.env
    this.child = spawn(process.execPath, [cliProgram, ...words], {
      env: { ...outer, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    })
    this.#gone = once(this.child, 'close')
    this.child.stdin?.on('error', () => undefined) // it may end before it has read all
    this.child.stdin?.end(stdin ?? '')
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#told()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#told()
    })
  }

  /** Until it has printed `text`, on either output. */
  printed(text: string): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const check = (): void => {
        if (!this.stdout.includes(text) && !this.stderr.includes(text)) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
    return withDeadline(seen, `${text} to be printed; so far: ${this.stdout}${this.stderr}`)
  }

  /** Its end; what it has printed is whole then. */
  async ended(): Promise<{ code: number | null; stdout: string; stderr: string }> {
    try {
      const [code] = await withDeadline(this.#gone, 'the command to end', 20_000)
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr }
    } finally {
      this.child.kill('SIGKILL')
    }
  }

  #told(): void {
    for (const check of this.#waiting) check()
  }
}

/** Runs a command line to its end. */
export function runCli(words: readonly string[], options?: CliOptions) {
  return new Cli(words, options).ended()
}
