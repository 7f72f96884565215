import type { NodeOptions } from '../../node/options.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import type { TaskProcessNode } from './task.js'

/** A node of the worker's own, and what ends it. */
export interface OwnNode {
  readonly node: TaskProcessNode
  stop(): Promise<void>
}

/** Starts a node in this thread. The addon is loaded here, and nowhere else in a worker. */
export async function startOwnNode(options: NodeOptions): Promise<OwnNode> {
  const { ErlangNode } = await import('../../otp/erlang-node.js')
  const node: ErlangNode = await ErlangNode.start(options)
  // What only the node of the main thread has is not there; see `Task.node`.
  return { node: node as unknown as TaskProcessNode, stop: () => node.stop() }
}
