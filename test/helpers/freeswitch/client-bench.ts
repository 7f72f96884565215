import { ErlangNode } from 'beamlink'
import {
  EventHost,
  type EventHostOptions,
  FreeSwitch,
  type FreeSwitchOptions,
} from 'beamlink/freeswitch'
import { Epmd } from '../epmd.js'
import { testCookie } from '../erl-node.js'
import { uniqueName } from '../names.js'

/** An event host and a client, each on a node of its own. The host can go and come back. */
export class ClientBench {
  readonly epmd: Epmd
  readonly clientNode: ErlangNode
  readonly fs: FreeSwitch
  readonly hostName: string
  readonly #hostOptions: EventHostOptions
  #hostNode: ErlangNode | undefined
  #host: EventHost | undefined

  private constructor(
    epmd: Epmd,
    clientNode: ErlangNode,
    options: { host: EventHostOptions; client: FreeSwitchOptions },
  ) {
    this.epmd = epmd
    this.clientNode = clientNode
    this.hostName = uniqueName('freeswitch')
    this.#hostOptions = options.host
    this.fs = new FreeSwitch(clientNode, this.hostName, options.client)
  }

  static async start(
    options: { host?: EventHostOptions; client?: FreeSwitchOptions; isDown?: boolean } = {},
  ): Promise<ClientBench> {
    const epmd = await Epmd.start()
    const clientNode = await startNode(uniqueName('client'), epmd)
    const { host = {}, client = {}, isDown = false } = options
    const bench = new ClientBench(epmd, clientNode, { host, client })
    if (!isDown) await bench.startHost()
    return bench
  }

  get host(): EventHost {
    if (this.#host === undefined) throw new Error('the host is down')
    return this.#host
  }

  get hostNode(): ErlangNode {
    if (this.#hostNode === undefined) throw new Error('the host is down')
    return this.#hostNode
  }

  async startHost(): Promise<EventHost> {
    this.#hostNode = await startNode(this.hostName, this.epmd)
    this.#host = new EventHost(this.#hostNode, this.#hostOptions)
    this.#host.api('echo', (args) => args)
    return this.#host
  }

  async stopHost(): Promise<void> {
    const node = this.#hostNode
    this.#host = undefined
    this.#hostNode = undefined
    await node?.stop()
  }

  async stop(): Promise<void> {
    await this.fs.close()
    await this.clientNode.stop()
    await this.stopHost()
    await this.epmd.stop()
  }
}

function startNode(name: string, { port }: Epmd): Promise<ErlangNode> {
  return ErlangNode.start({
    name,
    cookie: testCookie,
    epmd: { host: '127.0.0.1', port },
    reconnect: { minMs: 20, maxMs: 100 },
  })
}
