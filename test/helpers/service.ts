import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { testCookie } from './erl-node.js'
import { deferred, withDeadline } from './waiting.js'

export interface ServiceOptions {
  readonly name: string
  /** A port, or the policy of the same name. */
  readonly epmd: number | 'auto' | 'embedded'
  readonly action?:
    | 'serve'
    | 'stop'
    | 'stopTwice'
    | 'unref'
    | 'unrefWaiting'
    | 'exit'
    | 'throw'
    | 'nothing'
  readonly env?: Readonly<Record<string, string>>
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** A beamlink node in a process of its own (`test/fixtures/service.mjs`). */
export class Service {
  readonly name: string
  readonly #child: ChildProcess
  #output = ''

  private constructor(options: ServiceOptions) {
    this.name = options.name
    const script = path.join(__dirname, '../fixtures/service.mjs')
    const parameters = [options.name, testCookie, String(options.epmd), options.action ?? 'serve']
    this.#child = spawn(process.execPath, [script, ...parameters], {
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  /** Resolves when its node has started. */
  static async start(options: ServiceOptions): Promise<Service> {
    const service = new Service(options)
    const ready = deferred<void>()
    const keep = (bytes: Buffer) => {
      service.#output += bytes.toString()
      if (service.#output.includes('ready')) {
        ready.resolve()
      }
    }
    service.#child.stdout?.on('data', keep)
    service.#child.stderr?.on('data', keep)
    service.#child.once('exit', () =>
      ready.reject(new Error(`${options.name} ended: ${service.#output}`)),
    )
    await withDeadline(ready.promise, `${options.name} to start`, 20_000)
    return service
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** How it ends by itself. */
  async ended(): Promise<Ending> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await withDeadline(once(this.#child, 'exit'), `${this.name} to end`)
    }
    return { code: this.#child.exitCode, signal: this.#child.signalCode, output: this.#output }
  }

  async stop(): Promise<Ending> {
    this.#child.stdin?.end()
    return await this.ended()
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }
}
