import { format } from 'node:util'
import type { LogLevel } from '../wire/messages.js'
import { post } from './port.js'
import type { Task, TaskLog, TaskProcessNode } from './task.js'

/** What makes one run different from the next. */
export interface RunFacts {
  readonly name: string
  readonly index: number | undefined
  readonly data: string | undefined
  readonly signal: AbortSignal
  readonly datagram?: { readonly bytes: Buffer; readonly address: string; readonly port: number }
}

/** Gives the node when the task asks for it, or says that there is none. */
export type NodeSource = () => TaskProcessNode

/** A `Task` for one run. */
export function taskOf(facts: RunFacts, node: NodeSource): Task {
  const { name, index, data, signal, datagram } = facts
  return {
    name,
    index: index === undefined ? undefined : String(index),
    data,
    datagram: datagram?.bytes,
    srcip: datagram?.address,
    srcport: datagram === undefined ? undefined : String(datagram.port),
    srcportno: datagram?.port,
    signal,
    log: logOf(name, index),
    get node() {
      return node()
    },
  }
}

function logOf(name: string, index: number | undefined): TaskLog {
  const at =
    (level: LogLevel) =>
    (...values: unknown[]) =>
      post({ kind: 'log', name, index, level, text: format(...values) })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The node of the main thread, or what says that there is none. */
export async function mainNode(hasNode: boolean): Promise<NodeSource> {
  if (!hasNode) {
    return () => {
      throw new TypeError('these tasks have no node: give Tasks the option node')
    }
  }
  // Loaded by those who have it: an idle worker is to be small.
  const { nodeProxy } = await import('./node-proxy.js')
  return () => nodeProxy
}

/** What ends a run before its time. */
export function abortError(reason: string): DOMException {
  return new DOMException(reason, 'AbortError')
}
