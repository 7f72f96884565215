import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { ErlangError, ErlangNode, NodeOptions } from 'beamlink'
import type { CallLoad, Footing, Traffic } from './traffic.js'
import { type Deferred, deferred, withDeadline } from './waiting.js'

const script = path.join(__dirname, '../fixtures/far-node.mjs')

/** What the functions see that run there (`test/fixtures/far-node.mjs`). */
export interface Side {
  readonly node: ErlangNode
  readonly beamlink: typeof import('beamlink')
  readonly CallLoad: new (node: ErlangNode, peer: string) => CallLoad
  readonly Traffic: new (
    node: ErlangNode,
    peer: string,
    payloadBytes?: number,
    largeBytes?: number,
  ) => Traffic
  readonly kept: { traffic?: Traffic; calls?: CallLoad; [name: string]: unknown }
  footing(): Footing
}

export interface Told {
  readonly event: string
  readonly values: readonly unknown[]
}

export interface FarOptions {
  /** Where it runs: `NetNamespace.within`, or another command that runs a command. */
  readonly within?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Of Node. */
  readonly args?: readonly string[]
}

/** A node of ours in a process of its own, which can be stopped, killed and starved. */
export class FarNode {
  readonly name: string
  /** What its node has told, in order. */
  readonly told: Told[] = []
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Deferred<unknown>>()
  readonly #listeners = new Set<() => void>()
  #requests = 0
  #output = ''

  private constructor(options: NodeOptions, { within = [], env = {}, args = [] }: FarOptions) {
    this.name = options.name
    const command = [...within, process.execPath, ...args, script, JSON.stringify(options)]
    const [program = '', ...words] = command
    this.#child = spawn(program, words, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    this.#child.stdout?.on('data', this.#keepOutput)
    this.#child.stderr?.on('data', this.#keepOutput)
    this.#child.on('message', this.#received)
    this.#child.once('error', (error) => this.#failAll(error))
    this.#child.once('exit', (code, signal) =>
      this.#failAll(new Error(`${this.name} has ended (${code ?? signal}):\n${this.#output}`)),
    )
  }

  /** Rejects with what `ErlangNode.start` says. */
  static async start(options: NodeOptions, where: FarOptions = {}): Promise<FarNode> {
    const far = new FarNode(options, where)
    const ready = deferred<unknown>()
    far.#waiting.set(0, ready)
    try {
      await withDeadline(ready.promise, `${far.name} to start`, 20_000)
    } catch (error) {
      await far.kill()
      throw error
    }
    return far
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get output(): string {
    return this.#output
  }

  /**
   * Runs a function there. It is sent as text: what it uses comes as its arguments. Values and errors
   * come back as structured clones, of errors `code`, `message` and `cause`.
   */
  run<Arguments extends unknown[], Value>(
    work: (side: Side, ...args: Arguments) => Value | Promise<Value>,
    ...args: Arguments
  ): Promise<Value> {
    this.#requests += 1
    const id = this.#requests
    const waiting = deferred<unknown>()
    this.#waiting.set(id, waiting)
    this.#child.send({ id, source: String(work), args })
    return waiting.promise as Promise<Value>
  }

  /** The values of the first such event, told already (from the index `since` on) or to come. */
  async heard(
    event: string,
    holds: (...values: never[]) => boolean = () => true,
    { since = 0, timeoutMs = 20_000 } = {},
  ): Promise<readonly unknown[]> {
    const find = () =>
      this.told
        .slice(since)
        .find((told) => told.event === event && holds(...(told.values as never[])))
    const found = deferred<Told>()
    const look = () => {
      const told = find()
      if (told !== undefined) found.resolve(told)
    }
    this.#listeners.add(look)
    look()
    const what = `${this.name} to tell ${event}; it told ${JSON.stringify(this.told.slice(-5))}`
    const { values } = await withDeadline(found.promise, what, timeoutMs).finally(() =>
      this.#listeners.delete(look),
    )
    return values
  }

  /** For `SIGSTOP`, `SIGCONT` and `SIGKILL`. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Stops the node in an orderly way, and ends. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return
    await withDeadline(
      this.run((side) => side.node.stop()),
      `${this.name} to stop`,
    ).catch(() => undefined)
    await this.kill()
  }

  async kill(): Promise<void> {
    if (this.#hasEnded || this.pid === 0) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await withDeadline(gone, `${this.name} to end`)
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  readonly #received = (message: unknown): void => {
    const told = message as Told | { id: number; value?: unknown; error?: Partial<ErlangError> }
    if ('event' in told) {
      this.told.push(told)
      for (const listener of this.#listeners) listener()
      return
    }
    const waiting = this.#waiting.get(told.id)
    this.#waiting.delete(told.id)
    if (told.error === undefined) waiting?.resolve(told.value)
    else waiting?.reject(Object.assign(new Error(told.error.message), told.error))
  }

  readonly #keepOutput = (bytes: Buffer): void => {
    this.#output = (this.#output + bytes.toString()).slice(-100_000)
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}
