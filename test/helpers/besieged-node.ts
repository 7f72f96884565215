import { type Atom, callContext, type ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { ErlNode } from './erl-node.js'
import { type HostileOptions, HostilePeer } from './hostile-peer.js'
import { startBeside } from './local-node.js'
import { Arrivals, until } from './waiting.js'

interface Drop {
  readonly reason: string
  readonly peer: string
  readonly detail?: string
}

/**
 * A node of ours for each test of a file, with a good peer of Erlang, and bad ones on wish. However
 * bad they were, after each test the good one must be served.
 */
export class BesiegedNode {
  /** The names that `open:wait/1` was called with. */
  readonly called = new Arrivals<string>()
  #erl: ErlNode | undefined
  #node: ErlangNode | undefined

  /** To be made at the top of a file of tests. */
  constructor() {
    beforeAll(async () => {
      this.#erl = await ErlNode.start()
    })
    afterAll(() => this.#erl?.stop())
    beforeEach(() => this.start({}))
    afterEach(async () => {
      const call = `rpc:call('${this.node.name}', open, add, [40, 2])`
      expect(await this.erl.eval(call)).toBe('42')
      await this.node.stop()
      expect(this.called.waiting).toBe(0)
    })
  }

  get erl(): ErlNode {
    if (this.#erl === undefined) throw new Error('not before the tests')
    return this.#erl
  }

  get node(): ErlangNode {
    if (this.#node === undefined) throw new Error('not before the tests')
    return this.#node
  }

  /** Starts the node, or starts it anew with other options. */
  async start(options: Parameters<typeof startBeside>[1]): Promise<void> {
    await this.#node?.stop()
    this.#node = await startBeside(this.erl, options)
    this.#node.expose('open', {
      add: (a: number, b: number) => a + b,
      'wait/1': (name: Atom) => {
        this.called.push(name.name)
        return new Promise((resolve) => callContext()?.signal.addEventListener('abort', resolve))
      },
    })
  }

  connect(options: Partial<HostileOptions> = {}): Promise<HostilePeer> {
    return HostilePeer.connect(this.node, { cookie: this.erl.cookie, ...options })
  }

  async nextDrop(reason: string): Promise<Drop> {
    const [drop] = await until<[Drop]>(this.node, 'drop', (each) => each.reason === reason)
    return drop
  }

  /** The reason that is told when the node closes the connection. */
  async reasonOfEnd(peer: HostilePeer): Promise<string> {
    const isMeant = (name: string) => name === peer.name
    const [, reason] = await until<[string, string]>(this.node, 'nodedown', isMeant)
    await peer.closed
    return reason
  }
}
