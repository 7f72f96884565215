import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { withDeadline } from './waiting.js'

export interface ErlShellOptions {
  /** A short name with its host, `test@example`; that host is this machine. */
  readonly name: string
  readonly cookie: string
  readonly epmdPort: number
  /** Where it starts; a file for its names of hosts is written there. */
  readonly folder: string
}

/** An Erlang shell as a person has it: lines go in, and what it prints until the next prompt comes out. */
export class ErlShell {
  readonly #child: ChildProcess
  readonly #prompt: RegExp
  #output = ''
  #told: () => void = () => undefined

  private constructor({ name, cookie, epmdPort, folder }: ErlShellOptions) {
    const [, host = ''] = name.split('@')
    const hosts = path.join(folder, 'inetrc')
    writeFileSync(hosts, `{host, {127,0,0,1}, ["${host}"]}.\n{lookup, [file, native]}.\n`)
    this.#prompt = new RegExp(`\\(${name}\\)\\d+> $`)
    const small = ['+S', '2:2', '+sbwt', 'none']
    const kernel = ['-kernel', 'inet_dist_use_interface', '{127,0,0,1}']
    const node = ['-sname', name, '-setcookie', cookie, '-start_epmd', 'false']
    this.#child = spawn('erl', [...small, ...node, ...kernel], {
      cwd: folder,
      env: { ...process.env, ERL_EPMD_PORT: String(epmdPort), ERL_INETRC: hosts },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#output += bytes.toString()
      this.#told()
    })
  }

  static async start(options: ErlShellOptions): Promise<ErlShell> {
    const shell = new ErlShell(options)
    await shell.#untilPrompt('the shell to start')
    return shell
  }

  /** What a line, or several, made the shell print. */
  async type(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`)
    return await this.#untilPrompt(`the shell to carry out ${line}`)
  }

  /** Until something is printed that is no answer to a line. */
  async printed(text: RegExp): Promise<string> {
    await this.#until(text, `the shell to print ${text}`)
    return this.#output
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await withDeadline(gone, 'the shell to end')
  }

  async #untilPrompt(what: string): Promise<string> {
    await this.#until(this.#prompt, what)
    const text = this.#output.replace(this.#prompt, '')
    this.#output = ''
    return text.trim()
  }

  async #until(text: RegExp, what: string): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      this.#told = () => {
        if (text.test(this.#output)) resolve()
      }
    })
    this.#told()
    await withDeadline(seen, `${what}, not ${this.#output}`, 15_000)
  }
}
