import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Epmd } from '../epmd.js'
import { freePort } from '../ports.js'
import { Program } from '../program.js'
import { root } from '../rings.js'

/** A real RabbitMQ, of Debian's package: with ports, folders, a cookie and an epmd of its own. */
export class RabbitServer {
  readonly name: string
  readonly epmdPort: number
  readonly amqpPort: number
  readonly cookieFile: string
  readonly #epmd: Epmd
  readonly #program: Program
  readonly #folder: string

  private constructor(epmd: Epmd, program: Program, folder: string, amqpPort: number) {
    this.name = nodeName
    this.epmdPort = epmd.port
    this.amqpPort = amqpPort
    this.cookieFile = path.join(folder, 'home/.erlang.cookie')
    this.#epmd = epmd
    this.#program = program
    this.#folder = folder
  }

  /** Where its programs are; undefined where it cannot be had, which has been said then. */
  static programs(): string | undefined {
    const options = { cwd: root, encoding: 'utf8' } as const
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    const { stdout } = spawnSync('bash', ['scripts/rabbitmq.sh'], { ...options, stdio: [...stdio] })
    const folder = stdout.trim().split('\n').at(-1)
    return folder?.endsWith('sbin') ? folder : undefined
  }

  static async start(programs: string): Promise<RabbitServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'beamlink-rabbitmq-'))
    const [epmd, amqpPort, distPort] = await Promise.all([Epmd.start(), freePort(), freePort()])
    mkdirSync(path.join(folder, 'home'))
    const files = {
      'home/.erlang.cookie': 'cookie_of_a_test',
      enabled_plugins: '[].\n',
      'rabbitmq.conf': `listeners.tcp.local = 127.0.0.1:${amqpPort}\n`,
    }
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(path.join(folder, file), text, { mode: 0o600 })
    }
    const env = {
      HOME: path.join(folder, 'home'),
      ERL_EPMD_PORT: String(epmd.port),
      ERL_CRASH_DUMP_SECONDS: '0',
      RABBITMQ_NODENAME: nodeName,
      RABBITMQ_DIST_PORT: String(distPort),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_CONFIG_FILE: path.join(folder, 'rabbitmq'),
      RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: path.join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: path.join(folder, 'log'),
      RABBITMQ_GENERATED_CONFIG_DIR: path.join(folder, 'config'),
      RABBITMQ_LOGS: '-',
      // Without a shell of its own around it, so that our child is the node.
      RABBITMQ_ALLOW_INPUT: '1',
      RABBITMQ_SERVER_START_ARGS: '-noinput',
    }
    const program = new Program('sh', [path.join(programs, 'rabbitmq-server')], env)
    const server = new RabbitServer(epmd, program, folder, amqpPort)
    try {
      await program.until(/Server startup complete/, 120_000)
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** Without a chance to tell its peers. */
  async kill(): Promise<void> {
    await this.#program.kill()
  }

  async stop(): Promise<void> {
    await this.#program.kill()
    await this.#epmd.stop()
    rmSync(this.#folder, { recursive: true })
  }
}

/** Its host is one that every machine has; with an epmd of its own nobody else has the name. */
const nodeName = 'rabbit@localhost'
