import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { epmdNames } from 'beamlink'
import { deferred, withDeadline } from '../waiting.js'

/** Why tests with a real Kamailio cannot run here; undefined where they can. */
export const noKamailio = whyNot()

function whyNot(): string | undefined {
  const programs = ['kamailio', 'sipsak'].filter(
    (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0,
  )
  if (programs.length > 0) return `not installed: ${programs.join(', ')} (Debian's names)`
  return modulesOf() === undefined ? 'not installed: kamailio-erlang-modules' : undefined
}

/** Where Debian puts Kamailio's modules on this architecture. */
function modulesOf(): string | undefined {
  const folders = spawnSync('sh', ['-c', 'echo /usr/lib/*/kamailio/modules'], { encoding: 'utf8' })
  return folders.stdout
    .trim()
    .split(' ')
    .find((folder) => existsSync(`${folder}/erlang.so`))
}

export interface SipProxyOptions {
  readonly epmdPort: number
  readonly cookie: string
  /** The node behind it. */
  readonly erlangNode: string
  /** The alive name of its C node. */
  readonly alive: string
  /** Its routes: `route[TEST]` gets every request, save those of the user `ping`. */
  readonly script: string
  /** More `loadmodule` and `modparam` lines. */
  readonly modules?: string
  readonly children?: number
  readonly cNodes?: number
}

/** Lines that mean nothing, by the hundred. */
const noise = /fixup_rpc|free\(0\)/
const telling = /erlang|script|CRITICAL|ERROR/

/**
 * A real Kamailio with its module `erlang`, on a free port of loopback and with folders of its own.
 * It ends with the test, even when the test is killed: the shell around it waits for its input to end.
 */
export class SipProxy {
  readonly port: number
  /** The name of its C node. */
  readonly name: string
  readonly #folder: string
  readonly #options: SipProxyOptions
  #child: ChildProcess | undefined
  #output = ''
  readonly #listeners = new Set<() => void>()

  private constructor(options: SipProxyOptions, port: number) {
    this.#options = options
    this.port = port
    this.name = `${options.alive}@127.0.0.1`
    this.#folder = mkdtempSync(path.join(tmpdir(), 'kamailio-'))
    writeFileSync(this.#file('kamailio.cfg'), configuration(options, port, this.#folder))
  }

  static async start(options: SipProxyOptions): Promise<SipProxy> {
    const proxy = new SipProxy(options, await freeUdpPort())
    await proxy.run()
    return proxy
  }

  /** What it has printed, but for what means nothing. */
  get output(): string {
    return this.#output
  }

  /** Starts it, also once more after `end`. */
  async run(): Promise<void> {
    const child = spawn('sh', ['-c', untilInputEnds, ...this.#arguments()], {
      env: { ...process.env, ERL_EPMD_PORT: String(this.#options.epmdPort) },
      stdio: ['pipe', 'pipe', 'pipe'],
      // When it ends it may signal its whole process group, which is not to be that of the tests.
      detached: true,
    })
    this.#child = child
    child.stdin?.on('error', () => undefined)
    child.stdout?.on('data', this.#keep)
    child.stderr?.on('data', this.#keep)
    const gone = once(child, 'exit').then(() => {
      throw new Error(`kamailio has ended:\n${this.#output}`)
    })
    gone.catch(() => undefined)
    try {
      await withDeadline(Promise.race([this.#answers(), gone]), 'kamailio to answer', 20_000)
    } catch (error) {
      await this.stop()
      throw new Error(`${String(error)}\n${this.#output}`)
    }
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.stdin?.end()
    await withDeadline(gone, 'kamailio to stop', 15_000)
  }

  async stop(): Promise<void> {
    await this.end()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Resolves when it has printed what matches. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    const { promise, resolve } = deferred<RegExpExecArray>()
    const look = () => {
      const found = pattern.exec(this.#output)
      if (found !== null) resolve(found)
    }
    this.#listeners.add(look)
    look()
    const waited = withDeadline(promise, `kamailio to print ${pattern}`, timeoutMs)
    return waited
      .catch((error) => {
        throw new Error(`${String(error)}\n${this.#output.slice(-3_000)}`)
      })
      .finally(() => this.#listeners.delete(look))
  }

  #file(name: string): string {
    return path.join(this.#folder, name)
  }

  #arguments(): string[] {
    const { children = 2 } = this.#options
    const memory = ['-m', '32', '-M', '8']
    const folders = ['-w', this.#folder, '-Y', this.#folder, '-P', this.#file('pid')]
    return [
      'kamailio',
      '-f',
      this.#file('kamailio.cfg'),
      '-DD',
      '-E',
      '-n',
      String(children),
    ].concat(memory, folders)
  }

  readonly #keep = (bytes: Buffer): void => {
    const lines = bytes.toString().split('\n')
    const told = lines.filter((line) => line === '' || (telling.test(line) && !noise.test(line)))
    this.#output = (this.#output + told.join('\n')).slice(-200_000)
    for (const listener of this.#listeners) listener()
  }

  /** It answers SIP when its workers run; the C node is a process of its own, and may be later. */
  async #answers(): Promise<void> {
    const { epmdPort: port, alive } = this.#options
    const isKnown = async () =>
      (await epmdNames({ port })).some((known) => known.alive.startsWith(alive))
    while ((await sipsak(this.port, 'ping', 500)).code !== 0 || !(await isKnown())) {
      if (this.#child?.exitCode !== null) return
    }
  }
}

/** Runs until its input ends, or it ends itself. */
const untilInputEnds = `exec 3<&0
"$0" "$@" 3<&- & program=$!
{ read -r _; kill $program; } <&3 & reader=$!
wait $program
status=$?
kill $reader 2>/dev/null
exit $status`

function configuration(options: SipProxyOptions, port: number, folder: string): string {
  const { alive, cookie, erlangNode, cNodes = 1, children = 2, modules = '', script } = options
  const names = ['pv', 'xlog', 'kex', 'sl', 'tm', 'tmx', 'rr', 'maxfwd', 'textops', 'siputils']
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=${children}
auto_aliases=no
alias="127.0.0.1"
disable_tcp=yes
listen=udp:127.0.0.1:${port}
mpath="${modulesOf()}/"
${[...names, 'jsonrpcs', 'auth', 'erlang'].map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("jsonrpcs", "transport", 2)
modparam("jsonrpcs", "fifo_name", "${folder}/rpc.fifo")
modparam("erlang", "no_cnodes", ${cNodes})
modparam("erlang", "cnode_alivename", "${alive}")
modparam("erlang", "cnode_host", "127.0.0.1")
modparam("erlang", "erlang_nodename", "${erlangNode}")
modparam("erlang", "cookie", "${cookie}")
${modules}
request_route {
    if ($rU == "ping") {
        sl_send_reply("200", "OK");
        exit;
    }
    route(TEST);
}
${script}
`
}

/** What sipsak got: its exit code is 0 for a final reply of 200. */
export interface SipsakResult {
  readonly code: number | null
  readonly output: string
}

/**
 * Sends `OPTIONS sip:user@…` with sipsak, as the users of the module's README do; `-v` prints the
 * reply. More arguments choose other requests.
 */
export async function sipsak(
  port: number,
  user: string,
  timeoutMs = 8_000,
  args: readonly string[] = [],
): Promise<SipsakResult> {
  const child = spawn('sipsak', [...['-vv', '-s', `sip:${user}@127.0.0.1:${port}`], ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (bytes: Buffer) => {
    output += bytes.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const [code] = await once(child, 'exit')
  clearTimeout(timer)
  return { code, output }
}

function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}
