import { atom } from '../term/atom.js'
import { tuple } from '../term/tuple.js'
import type { Process } from './process.js'
import type { Route } from './route.js'

/** Which processes want to hear that a peer is gone, and how often each asked. */
export class NodeMonitors {
  readonly #routes: (name: string) => Route
  readonly #byNode = new Map<string, Map<Process, number>>()

  constructor(routes: (name: string) => Route) {
    this.#routes = routes
  }

  /** `monitor_node(Node, true)`: connects, if need be. */
  add(process: Process, node: string): void {
    let ofNode = this.#byNode.get(node)
    if (ofNode === undefined) {
      ofNode = new Map()
      this.#byNode.set(node, ofNode)
    }
    ofNode.set(process, (ofNode.get(process) ?? 0) + 1)
    process.monitoredNodes ??= new Set()
    process.monitoredNodes.add(node)
    const route = this.#routes(node)
    if (route.isUp) return
    route.whenUp({
      whenDown: 'fail',
      snapshot: () => 0,
      routeUp: () => undefined,
      routeFailed: () => this.nodeDown(node),
    })
  }

  /** `monitor_node(Node, false)`: takes one of them back. */
  remove(process: Process, node: string): void {
    const ofNode = this.#byNode.get(node)
    const count = ofNode?.get(process) ?? 0
    if (count > 1) ofNode?.set(process, count - 1)
    else this.#forget(process, node)
  }

  /** A peer is lost, or could not be connected to. */
  nodeDown(node: string): void {
    const ofNode = this.#byNode.get(node)
    this.#byNode.delete(node)
    for (const [process, count] of ofNode ?? []) {
      process.monitoredNodes?.delete(node)
      for (let i = 0; i < count; i += 1) process.notify(tuple(atom('nodedown'), atom(node)))
    }
  }

  processEnded(process: Process): void {
    for (const node of process.monitoredNodes ?? []) this.#forget(process, node)
    process.monitoredNodes = undefined
  }

  #forget(process: Process, node: string): void {
    const ofNode = this.#byNode.get(node)
    ofNode?.delete(process)
    if (ofNode?.size === 0) this.#byNode.delete(node)
    process.monitoredNodes?.delete(node)
  }
}
