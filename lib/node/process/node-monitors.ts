import { atom } from '../../term/atom.js'
import { tuple } from '../../term/tuple.js'
import type { Route, Waiting } from '../route.js'
import type { Process } from './process.js'

/** Who wants to hear that a peer is gone: processes, as often as each asked, and functions. */
export class NodeMonitors {
  readonly #routes: (name: string) => Route
  readonly #byNode = new Map<string, Set<NodeMonitor>>()

  constructor(routes: (name: string) => Route) {
    this.#routes = routes
  }

  /** `monitor_node(Node, true)`: connects, if need be. */
  add(process: Process, node: string): void {
    process.holdings ??= {}
    process.holdings.nodes ??= new Map()
    const ofProcess = process.holdings.nodes
    const monitor = new NodeMonitor(this, node, () => {
      withdraw(ofProcess, monitor)
      process.notify(tuple(atom('nodedown'), atom(node)))
    })
    const ofNode = ofProcess.get(node)
    if (ofNode === undefined) ofProcess.set(node, [monitor])
    else ofNode.push(monitor)
    this.#start(monitor)
  }

  /** `monitor_node(Node, false)`: takes one of them back. */
  remove(process: Process, node: string): void {
    const monitor = process.holdings?.nodes?.get(node)?.at(-1)
    if (monitor === undefined) return
    withdraw(process.holdings?.nodes, monitor)
    this.#forget(monitor)
  }

  /** Calls `lost`, once, when the peer is lost or cannot be connected to; gives what takes it back. */
  watch(node: string, lost: (reason: string) => void): () => void {
    const monitor = new NodeMonitor(this, node, lost)
    this.#start(monitor)
    return () => this.#forget(monitor)
  }

  /**
   * The connection to a peer is lost. Those who still wait for the next one hear nothing; nor does
   * who was taken back by one that has been told.
   */
  nodeDown(node: string, reason: string): void {
    for (const monitor of [...(this.#byNode.get(node) ?? [])]) {
      if (!monitor.isWaiting) this.failed(monitor, reason)
    }
  }

  processEnded(process: Process): void {
    for (const ofNode of process.holdings?.nodes?.values() ?? []) {
      for (const monitor of ofNode) this.#forget(monitor)
    }
  }

  /** @internal No connection came up, or it is lost: whoever has not been taken back is told. */
  failed(monitor: NodeMonitor, reason: string): void {
    if (this.#forget(monitor)) monitor.tell(reason)
  }

  #start(monitor: NodeMonitor): void {
    const ofNode = this.#byNode.get(monitor.node)
    if (ofNode === undefined) this.#byNode.set(monitor.node, new Set([monitor]))
    else ofNode.add(monitor)
    const route = this.#routes(monitor.node)
    if (route.isUp) monitor.routeUp()
    else route.whenUp(monitor)
  }

  /** False when it was gone before. */
  #forget(monitor: NodeMonitor): boolean {
    const ofNode = this.#byNode.get(monitor.node)
    const wasThere = ofNode?.delete(monitor) === true
    if (ofNode?.size === 0) this.#byNode.delete(monitor.node)
    return wasThere
  }
}

/** One of those who want to hear it. */
export class NodeMonitor implements Waiting {
  readonly whenDown = 'fail'
  readonly node: string
  readonly tell: (reason: string) => void
  /** For the connection. */
  isWaiting = true
  readonly #monitors: NodeMonitors

  constructor(monitors: NodeMonitors, node: string, tell: (reason: string) => void) {
    this.#monitors = monitors
    this.node = node
    this.tell = tell
  }

  snapshot(): number {
    return 0
  }

  routeUp(): void {
    this.isWaiting = false
  }

  routeFailed({ message }: Error): void {
    this.#monitors.failed(this, message)
  }
}

/** By node, those of one process. */
export type NodeMonitorsOfProcess = Map<string, NodeMonitor[]>

function withdraw(from: NodeMonitorsOfProcess | undefined, monitor: NodeMonitor): void {
  const rest = from?.get(monitor.node)?.filter((other) => other !== monitor) ?? []
  if (rest.length > 0) from?.set(monitor.node, rest)
  else from?.delete(monitor.node)
}
