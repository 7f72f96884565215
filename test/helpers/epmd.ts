import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from './ports.js'
import { withDeadline } from './waiting.js'

/**
 * Runs until its input ends, so that it never outlives the test that started it, whatever becomes
 * of that. `-d -d` keeps it in the foreground and makes it say when it listens.
 */
const untilInputEnds = 'epmd -d -d -port "$0" -address "$1" & echo $!; read -r _; kill $!; wait $!'

export interface EpmdOptions {
  /** Where it runs: `NetNamespace.within`. It needs a port then. */
  readonly within?: readonly string[]
  /** Besides loopback, which it always serves. */
  readonly address?: string
}

/** An epmd of a test's own, on loopback. */
export class Epmd {
  readonly port: number
  readonly #child: ChildProcess
  #pid = 0

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#child = child
    child.stdout?.once('data', (bytes: Buffer) => {
      this.#pid = Number(bytes.toString())
    })
  }

  /** Ends it as a crash would: it tells nobody. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    process.kill(this.#pid, 'SIGKILL')
    this.#child.stdin?.end()
    await withDeadline(gone, 'epmd to be gone')
  }

  /** On `port`, to start one again where one has stopped, else on a free port. */
  static async start(port?: number, options: EpmdOptions = {}): Promise<Epmd> {
    for (let attempt = 1; ; attempt += 1) {
      const candidate = port ?? (await freePort())
      const { within = [], address = '127.0.0.1' } = options
      const command = [...within, 'sh', '-c', untilInputEnds, String(candidate), address]
      const [program = '', ...words] = command
      const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
      const trouble = await withDeadline(whenListening(child), 'epmd to listen')
      if (trouble === undefined) {
        return new Epmd(candidate, child)
      }
      child.stdin?.end()
      if (port !== undefined || attempt === 5) {
        throw new Error(`epmd does not start on port ${candidate}: ${trouble}`)
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit')
      this.#child.stdin?.end()
      await withDeadline(gone, 'epmd to stop')
    }
  }
}

/** Undefined once it listens, else what it said before it gave up. */
function whenListening(child: ChildProcess): Promise<string | undefined> {
  let said = ''
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(said.trim()))
    child.stderr?.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-2_000)
      if (said.includes('entering the main select() loop')) {
        resolve(undefined)
      } else if (/failed to bind|in use/i.test(said)) {
        resolve(said.trim())
      }
    })
  })
}
