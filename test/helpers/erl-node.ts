import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { Epmd } from './epmd.js'
import { uniqueName } from './names.js'
import { asPacket, readPackets } from './packets.js'
import { Arrivals, type Deferred, deferred, withDeadline } from './waiting.js'

/** The cookie of every node that a test starts, unless it names another. */
export const testCookie = 'beamlink_test'

export interface ErlOptions {
  /** In place of the one that `BEAMLINK_ERL` chooses. */
  readonly program?: string
  /** With a host part; `shortNames` for `name@host` without dots. A fresh name on 127.0.0.1 if absent. */
  readonly name?: string
  readonly shortNames?: boolean
  readonly cookie?: string
  readonly hidden?: boolean
  /** The epmd to use; if absent the node gets one of its own, which stops with it. */
  readonly epmdPort?: number
  /** More arguments for `erl`, such as `['-kernel', 'net_ticktime', '8']`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs: `NetNamespace.within`. It needs `epmdPort` then. */
  readonly within?: readonly string[]
  /** Where it accepts connections, 127.0.0.1 by default. */
  readonly address?: string
}

/** A process inside the Erlang node that keeps its variables, its mailbox, its links and monitors. */
export interface ErlSession {
  eval(expressions: string, timeoutMs?: number): Promise<string>
}

const Form = { Text: 0, Bytes: 1, Load: 2 } as const
type Form = (typeof Form)[keyof typeof Form]

/** Makes the agent out of the first packet; compiling in memory needs no folder both sides can see. */
const bootstrap = `
  Forms = fun Forms(Tokens) ->
    case lists:splitwith(fun(Token) -> element(1, Token) =/= dot end, Tokens) of
      {[], []} -> [];
      {Form, [Dot | Rest]} -> {ok, Parsed} = erl_parse:parse_form(Form ++ [Dot]), [Parsed | Forms(Rest)]
    end
  end,
  Load = fun(Text) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
    {ok, Module, Beam} = compile:forms(Forms(Tokens), []),
    {module, Module} = code:load_binary(Module, atom_to_list(Module), Beam),
    Module
  end,
  Port = open_port({fd, 3, 4}, [binary, {packet, 4}, eof]),
  receive {Port, {data, Source}} -> (Load(Source)):run(Port, Load) end.`

/** An IPv4 address as Erlang writes it. */
function interfaceOf(address: string): string {
  return `{${address.split('.').join(',')}}`
}

/**
 * A real Erlang node. `BEAMLINK_ERL` chooses the program, `erl` by default (`scripts/otp.sh` prints
 * one of another release); it must hand its arguments, its environment and its open files on.
 * The node ends with the test, even when the test is killed: its control pipe closes.
 */
export class ErlNode {
  readonly name: string
  readonly cookie: string
  readonly epmdPort: number
  /** What was sent to the registered name `observer` of this node, printed with `~0tp`. */
  readonly observed = new Arrivals<string>()
  readonly #child: ChildProcess
  readonly #down: Writable
  readonly #epmd: Epmd | undefined
  readonly #waiting = new Map<number, Deferred<Buffer>>()
  readonly #placed: string[] = []
  #output = ''
  #requests = 0
  #sessions = 0

  private constructor(options: ErlOptions, epmd: Epmd | undefined, epmdPort: number) {
    this.name = options.name ?? uniqueName('erl')
    this.cookie = options.cookie ?? testCookie
    this.epmdPort = epmdPort
    this.#epmd = epmd
    const erl = options.program ?? process.env.BEAMLINK_ERL ?? 'erl'
    const [program = erl, ...words] = [...(options.within ?? []), erl, ...this.#arguments(options)]
    this.#child = spawn(program, words, {
      env: {
        ...process.env,
        ERL_EPMD_PORT: String(epmdPort),
        ERL_CRASH_DUMP_SECONDS: '0',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    })
    this.#down = this.#child.stdio[3] as Writable
    this.#down.on('error', () => undefined) // the exit handler tells
    this.#child.stdout?.on('data', this.#keepOutput)
    this.#child.stderr?.on('data', this.#keepOutput)
    this.#child.once('error', (error) => this.#failAll(error))
    this.#child.once('exit', () => this.#failAll(new Error(`erl has ended:\n${this.#output}`)))
    readPackets(this.#child.stdio[4] as Readable, (packet) => this.#answered(packet))
  }

  static async start(options: ErlOptions = {}): Promise<ErlNode> {
    const epmd = options.epmdPort === undefined ? await Epmd.start() : undefined
    const node = new ErlNode(options, epmd, options.epmdPort ?? epmd?.port ?? 0)
    const ready = deferred<Buffer>()
    node.#waiting.set(0, ready)
    node.#down.write(asPacket([readFileSync(path.join(__dirname, 'erl_agent.erl'))]))
    try {
      await withDeadline(ready.promise, `${node.name} to start`, 20_000)
    } catch (error) {
      await node.stop()
      throw error
    }
    return node
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What the node has printed, the last 100,000 characters of it. */
  get output(): string {
    return this.#output
  }

  /** Evaluates in a fresh process; the value as `~0tp` prints it. Rejects with class, reason and stack. */
  async eval(expressions: string, timeoutMs?: number): Promise<string> {
    return (await this.#request(0, Form.Text, expressions, timeoutMs)).toString()
  }

  /** As `eval`, the value as `term_to_binary/1` gives it. */
  evalBytes(expressions: string, timeoutMs?: number): Promise<Buffer> {
    return this.#request(0, Form.Bytes, expressions, timeoutMs)
  }

  /** Compiles and loads a module given as text (without macros); gives its name. */
  async load(source: string): Promise<string> {
    return (await this.#request(0, Form.Load, source)).toString()
  }

  /**
   * A copy of a file that the node can read, which may live in another root; gives its path there. It
   * goes with the node.
   */
  async place(file: string): Promise<string> {
    const bytes = readFileSync(file).toString('base64')
    const written = await this.eval(`
      File = filename:join("/tmp", "beamlink_" ++ os:getpid() ++ "_${path.basename(file)}"),
      ok = file:write_file(File, base64:decode(<<"${bytes}">>)), File`)
    const place = written.slice(1, -1)
    this.#placed.push(place)
    return place
  }

  session(): ErlSession {
    this.#sessions += 1
    const session = this.#sessions
    return {
      eval: async (expressions, timeoutMs) =>
        (await this.#request(session, Form.Text, expressions, timeoutMs)).toString(),
    }
  }

  /** For `SIGSTOP`, `SIGCONT` and `SIGKILL`. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async stop(): Promise<void> {
    for (const place of this.#placed.splice(0)) {
      await this.eval(`file:delete("${place}")`).catch(() => undefined)
    }
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.pid !== 0) {
      const gone = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await withDeadline(gone, `${this.name} to stop`)
    }
    await this.#epmd?.stop()
  }

  #arguments(options: ErlOptions): string[] {
    return [
      ...['-noinput', '-noshell', '-start_epmd', 'false'],
      ...['+S', '2:2', '+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'],
      ...[options.shortNames ? '-sname' : '-name', this.name, '-setcookie', this.cookie],
      ...(options.hidden ? ['-hidden'] : []),
      ...['-kernel', 'inet_dist_use_interface', interfaceOf(options.address ?? '127.0.0.1')],
      ...(options.args ?? []),
      ...['-eval', bootstrap],
    ]
  }

  #request(session: number, form: Form, text: string, timeoutMs = 15_000): Promise<Buffer> {
    this.#requests += 1
    const id = this.#requests
    const waiting = deferred<Buffer>()
    this.#waiting.set(id, waiting)
    const head = Buffer.alloc(9)
    head.writeUInt32BE(id, 0)
    head.writeUInt32BE(session, 4)
    head.writeUInt8(form, 8)
    this.#down.write(asPacket([head, Buffer.from(text)]))
    return withDeadline(waiting.promise, `${this.name} to evaluate ${text}`, timeoutMs).finally(
      () => this.#waiting.delete(id),
    )
  }

  #answered(packet: Buffer): void {
    const id = packet.readUInt32BE(0)
    const value = packet.subarray(5)
    const waiting = this.#waiting.get(id)
    if (waiting !== undefined) {
      this.#waiting.delete(id)
      if (packet.readUInt8(4) === 0) {
        waiting.resolve(value)
      } else {
        waiting.reject(new Error(value.toString()))
      }
    } else if (id === 0) {
      this.observed.push(value.toString())
    }
  }

  readonly #keepOutput = (bytes: Buffer): void => {
    this.#output = (this.#output + bytes.toString()).slice(-100_000)
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) {
      waiting.reject(error)
    }
    this.#waiting.clear()
  }
}
