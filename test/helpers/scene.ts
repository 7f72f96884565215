import type { NodeOptions } from 'beamlink'
import { Epmd } from './epmd.js'
import { ErlNode, type ErlOptions, testCookie } from './erl-node.js'
import { FarNode, type FarOptions } from './far-node.js'
import { uniqueName } from './names.js'
import type { Footing } from './traffic.js'
import { startTraffic, startTrafficAt, untilAcknowledged } from './traffic.js'

export interface SceneOptions {
  /** Of both sides, 60 by default. */
  readonly tickTimeS?: number
  /** Without them our node keeps its peer, with short pauses. */
  readonly node?: Partial<NodeOptions>
  readonly where?: FarOptions
  readonly erl?: ErlOptions
}

/**
 * An Erlang node and one of ours in a process of its own, which keeps the connection between them,
 * with numbered messages both ways. What it starts ends with `stop`.
 */
export class Scene implements AsyncDisposable {
  readonly peer: string
  epmd: Epmd
  erl: ErlNode
  readonly far: FarNode
  readonly #options: SceneOptions
  /** How `far` stood when it was connected and nothing was under way. */
  footing: Footing = { descriptors: 0, threads: 0, pendingCalls: 0, processes: 0 }

  private constructor(options: SceneOptions, epmd: Epmd, erl: ErlNode, far: FarNode) {
    this.#options = options
    this.epmd = epmd
    this.erl = erl
    this.far = far
    this.peer = erl.name
  }

  static async start(options: SceneOptions = {}): Promise<Scene> {
    const epmd = await Epmd.start()
    const peer = uniqueName('erl')
    const erl = await startErl(options, peer, epmd.port)
    const far = await FarNode.start(
      {
        name: uniqueName('js'),
        cookie: testCookie,
        epmd: { port: epmd.port },
        netTicktimeS: options.tickTimeS ?? 60,
        reconnect: { keep: [peer], minMs: 10, maxMs: 200 },
        ...options.node,
      },
      options.where,
    )
    const scene = new Scene(options, epmd, erl, far)
    await far.run((side, to) => side.node.ping(to), peer)
    scene.footing = await far.run((side) => side.footing())
    return scene
  }

  /** Starts the traffic, and waits until it flows both ways. */
  async begin(payloadBytes?: number): Promise<void> {
    await startTrafficAt(this.erl, this.far.name)
    await startTraffic(this.far, this.peer, payloadBytes)
    await untilAcknowledged(this.far, 100)
  }

  /** Another life of the peer that has ended. */
  async restartErl(): Promise<void> {
    this.erl = await startErl(this.#options, this.peer, this.epmd.port)
  }

  async restartEpmd(): Promise<void> {
    this.epmd = await Epmd.start(this.epmd.port)
  }

  async stop(): Promise<void> {
    await this.far.stop()
    await this.erl.stop()
    await this.epmd.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function startErl(options: SceneOptions, name: string, epmdPort: number): Promise<ErlNode> {
  const args = ['-kernel', 'net_ticktime', String(options.tickTimeS ?? 60)]
  return ErlNode.start({ name, epmdPort, args, ...options.erl })
}
