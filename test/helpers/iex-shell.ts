import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { withDeadline } from './waiting.js'

const prompt = /(?:iex|\.\.\.)\([^)\n]+\)\d+> ?$/

/** The shell of Elixir as a person has it, started by the command line that a person types. */
export class IexShell {
  readonly #child: ChildProcess
  #output = ''
  #told: () => void = () => undefined

  private constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    const small = '-start_epmd false +S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}'
    this.#child = spawn('sh', ['-c', `exec ${command}`], {
      cwd,
      // In a group of its own: the shell script may have started others by its end.
      detached: true,
      env: { ...env, ELIXIR_ERL_OPTIONS: small, ERL_CRASH_DUMP_SECONDS: '0' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin?.on('error', () => undefined)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        this.#told()
      })
    }
  }

  static async start(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<IexShell> {
    const shell = new IexShell(command, cwd, env)
    await shell.#untilPrompt(command)
    return shell
  }

  /** What a line made it print. */
  async type(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`)
    return await this.#untilPrompt(line)
  }

  /** As two Ctrl-C do: at once. */
  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    process.kill(-(this.#child.pid ?? 0), 'SIGKILL')
    await withDeadline(gone, 'iex to end')
  }

  async #untilPrompt(what: string): Promise<string> {
    const seen = new Promise<void>((resolve) => {
      this.#told = () => {
        if (prompt.test(this.#output)) resolve()
      }
    })
    this.#told()
    await withDeadline(seen, `iex to be done with ${what}, not ${this.#output}`, 30_000)
    const text = this.#output.replace(prompt, '')
    this.#output = ''
    return text.trim()
  }
}
