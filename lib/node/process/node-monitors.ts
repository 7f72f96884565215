import { atom } from '../../term/atom.js'
import { tuple } from '../../term/tuple.js'
import type { Route } from '../route.js'
import type { Process } from './process.js'

/** Who wants to hear that a peer is gone: processes, as often as each asked, and functions. */
export class NodeMonitors {
  readonly #routes: (name: string) => Route
  readonly #byNode = new Map<string, Map<Process, number>>()
  readonly #listeners = new Map<string, Set<(reason: string) => void>>()

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
    process.holdings ??= {}
    process.holdings.nodes ??= new Set()
    process.holdings.nodes.add(node)
    this.#connect(node)
  }

  /** `monitor_node(Node, false)`: takes one of them back. */
  remove(process: Process, node: string): void {
    const ofNode = this.#byNode.get(node)
    const count = ofNode?.get(process) ?? 0
    if (count > 1) ofNode?.set(process, count - 1)
    else this.#forget(process, node)
  }

  /** Calls `lost`, once, when the peer is lost or cannot be connected to; gives what takes it back. */
  watch(node: string, lost: (reason: string) => void): () => void {
    let listeners = this.#listeners.get(node)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(node, listeners)
    }
    // Its own function, since the same one may be given twice.
    const listener = (reason: string) => lost(reason)
    listeners.add(listener)
    this.#connect(node)
    return () => {
      const ofNode = this.#listeners.get(node)
      ofNode?.delete(listener)
      if (ofNode?.size === 0) this.#listeners.delete(node)
    }
  }

  /** A peer is lost, or could not be connected to. */
  nodeDown(node: string, reason: string): void {
    const listeners = this.#listeners.get(node)
    this.#listeners.delete(node)
    for (const listener of listeners ?? []) listener(reason)
    const ofNode = this.#byNode.get(node)
    this.#byNode.delete(node)
    for (const [process, count] of ofNode ?? []) {
      process.holdings?.nodes?.delete(node)
      for (let i = 0; i < count; i += 1) process.notify(tuple(atom('nodedown'), atom(node)))
    }
  }

  processEnded(process: Process): void {
    for (const node of process.holdings?.nodes ?? []) this.#forget(process, node)
  }

  #connect(node: string): void {
    const route = this.#routes(node)
    if (route.isUp) return
    route.whenUp({
      whenDown: 'fail',
      snapshot: () => 0,
      routeUp: () => undefined,
      routeFailed: ({ message }) => this.nodeDown(node, message),
    })
  }

  #forget(process: Process, node: string): void {
    const ofNode = this.#byNode.get(node)
    ofNode?.delete(process)
    if (ofNode?.size === 0) this.#byNode.delete(node)
    process.holdings?.nodes?.delete(node)
  }
}
