import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Arrivals, withDeadline } from './waiting.js'

const run = promisify(execFile)
const script = path.join(__dirname, '../fixtures/impaired_wire.py')
const prefix = 'beamlink-'
let count = 0

/** Why there are no network namespaces here, for tests that need them; undefined where there are. */
export function namespaceTrouble(): string | undefined {
  const name = `${prefix}${process.pid}-probe`
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' })
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' })
    execFileSync('python3', ['-c', 'import socket; socket.AF_PACKET'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `network namespaces need root, iproute2 and python3: ${String(error).split('\n')[0]}`
  }
}

/** A network of a test's own: its ports, its routes, its limits. Needs root. */
export class NetNamespace implements AsyncDisposable {
  readonly name: string

  private constructor(name: string) {
    this.name = name
  }

  /** With its loopback up. */
  static async make(): Promise<NetNamespace> {
    await removeThoseOfTheDead()
    count += 1
    const namespace = new NetNamespace(`${prefix}${process.pid}-${count}`)
    await run('ip', ['netns', 'add', namespace.name])
    await namespace.ip('link', 'set', 'lo', 'up')
    return namespace
  }

  /** What a program is started with to run in it. It takes the place of `ip`: the pid is its own. */
  get within(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name]
  }

  async ip(...words: string[]): Promise<void> {
    await run('ip', ['-n', this.name, ...words])
  }

  async sysctl(name: string, value: string): Promise<void> {
    await run('ip', ['netns', 'exec', this.name, 'sysctl', '-q', '-w', `${name}=${value}`])
  }

  /** Programs that still run in it keep their network until they end. */
  async remove(): Promise<void> {
    await run('ip', ['netns', 'del', this.name])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove()
  }
}

/** Namespaces of test runs that were killed: their names tell the pid. */
async function removeThoseOfTheDead(): Promise<void> {
  for (const name of existing()) {
    const [, pid] = new RegExp(`^${prefix}(\\d+)-\\w+$`).exec(name) ?? []
    if (pid === undefined || isAlive(Number(pid))) continue
    await run('ip', ['netns', 'del', name]).catch(() => undefined) // another test was quicker
  }
}

function existing(): string[] {
  try {
    return readdirSync('/var/run/netns')
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** What happens to frames on their way. Nothing, where all is 0. */
export interface Impairment {
  readonly delayMs?: number
  /** On top of the delay, another for each frame: so they overtake each other. */
  readonly jitterMs?: number
  /** The part of frames that do not arrive, 0 to 1. */
  readonly loss?: number
}

interface Counts {
  readonly carried: number
  readonly lost: number
  readonly overtaken: number
}

export type WireCounts = Readonly<Record<'left' | 'right', Counts>>

/**
 * Two namespaces and the wire between them, which can be cut, slow or bad, each direction by itself
 * (`test/fixtures/impaired_wire.py`).
 */
export class Wire implements AsyncDisposable {
  readonly left: NetNamespace
  readonly right: NetNamespace
  readonly leftAddress = '10.77.0.1'
  readonly rightAddress = '10.77.0.2'
  readonly #middle: NetNamespace
  readonly #carrier: ChildProcess
  readonly #counts = new Arrivals<WireCounts>()

  private constructor(left: NetNamespace, right: NetNamespace, middle: NetNamespace) {
    this.left = left
    this.right = right
    this.#middle = middle
    const [program = '', ...words] = [...middle.within, 'python3', script, 'left', 'right']
    this.#carrier = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#carrier.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      this.#counts.push(JSON.parse(line)),
    )
  }

  static async make(): Promise<Wire> {
    const left = await NetNamespace.make()
    const right = await NetNamespace.make()
    const middle = await NetNamespace.make()
    for (const [end, name] of [
      [left, 'left'],
      [right, 'right'],
    ] as const) {
      const veth = ['link', 'add', 'wire', 'type', 'veth', 'peer', 'name', name]
      await end.ip(...veth, 'netns', middle.name)
      await middle.ip('link', 'set', name, 'up')
      // Frames as they are on a cable: the kernel would hand over 64 KiB at a time.
      await end.ip('link', 'set', 'wire', 'gso_max_segs', '1')
    }
    const wire = new Wire(left, right, middle)
    await wire.#counts.next('the wire')
    for (const [end, address] of [
      [left, wire.leftAddress],
      [right, wire.rightAddress],
    ] as const) {
      await end.ip('addr', 'add', `${address}/24`, 'dev', 'wire')
      await end.ip('link', 'set', 'wire', 'up')
    }
    return wire
  }

  /** Both directions, or that which leads to one side. */
  async impair(impairment: Impairment, to?: 'left' | 'right'): Promise<WireCounts> {
    let counts: WireCounts | undefined
    for (const direction of to === undefined ? (['left', 'right'] as const) : [to]) {
      this.#carrier.stdin?.write(`${JSON.stringify({ direction, ...impairment })}\n`)
      counts = await this.#counts.next('the wire to answer')
    }
    return counts as WireCounts
  }

  /** Nothing passes any more. */
  cut(to?: 'left' | 'right'): Promise<WireCounts> {
    return this.impair({ loss: 1 }, to)
  }

  mend(): Promise<WireCounts> {
    return this.impair({})
  }

  async remove(): Promise<void> {
    if (this.#carrier.exitCode === null && this.#carrier.signalCode === null) {
      const gone = once(this.#carrier, 'exit')
      this.#carrier.stdin?.end()
      await withDeadline(gone, 'the wire to end')
    }
    for (const namespace of [this.left, this.right, this.#middle]) await namespace.remove()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove()
  }
}
