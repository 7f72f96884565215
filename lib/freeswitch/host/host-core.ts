import type { MessageContext, Process } from '../../index.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { ApiTable } from './api-table.js'
import { dispatch } from './dispatch.js'
import { Listener } from './listener.js'
import type { ResolvedHostOptions } from './options.js'

/** What the parts of an event host share: the commands of peers and the program act on it. */
export class HostCore {
  readonly node: ErlangNode
  readonly options: ResolvedHostOptions
  /** The one pid that everything comes from, and that handlers are linked with. */
  readonly process: Process
  readonly apis = new ApiTable()
  readonly listeners = new Map<string, Listener>()

  constructor(node: ErlangNode, options: ResolvedHostOptions) {
    this.node = node
    this.options = options
    this.process = node.registerFallback((message, context) =>
      dispatch(this, message, context as MessageContext),
    )
    this.process.trapExit = true
    for (const peer of node.peers) this.#peerUp(peer)
    node.on('nodeup', this.#peerUp)
    node.on('nodedown', this.#peerDown)
  }

  listener(peer: string): Listener {
    return this.listeners.get(peer) ?? this.#peerUp(peer)
  }

  close(): void {
    this.node.off('nodeup', this.#peerUp)
    this.node.off('nodedown', this.#peerDown)
    for (const peer of this.listeners.keys()) this.#peerDown(peer)
    this.process.exit()
  }

  readonly #peerUp = (peer: string): Listener => {
    const listener = new Listener(this, peer)
    this.listeners.set(peer, listener)
    return listener
  }

  readonly #peerDown = (peer: string): void => {
    this.listeners.get(peer)?.closed()
    this.listeners.delete(peer)
  }
}
