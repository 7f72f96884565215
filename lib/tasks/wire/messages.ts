import type { NodeOptions } from '../../node/options.js'
import type { RunTarget } from '../definition/run-target.js'
import type { ErrorWire } from './error-wire.js'
import type { Wire } from './term-wire.js'

/** What the two sides of a worker thread tell each other. Everything is plain data. */

/** How much a line of a log matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What a thread is made for. */
export type Assignment =
  /** Runs on demand, whatever the messages `run` say. */
  | { readonly kind: 'runs'; readonly hasNode: boolean }
  /** One task, once. */
  | (TaskAssignment & { readonly kind: 'task'; readonly waitMs: number })
  /** One task, for every datagram. */
  | (TaskAssignment & { readonly kind: 'udp'; readonly address: UdpAddress })

export interface TaskAssignment {
  readonly name: string
  readonly index: number
  readonly target: RunTarget
  readonly hasNode: boolean
  /** The options of a node of its own. */
  readonly ownNode: NodeOptions | undefined
}

export interface UdpAddress {
  /** As it was written: `udp:127.0.0.1:5099`. */
  readonly text: string
  readonly host: string
  readonly port: number
  readonly isV6: boolean
  /** How many datagrams may wait for the run before them. */
  readonly maxQueued: number
}

/** How a node function is called from a thread. */
export type NodeMethod =
  | 'send'
  | 'cast'
  | 'call'
  | 'rpc'
  | 'register'
  | 'unregister'
  | 'link'
  | 'monitor'
  | 'self'
  | 'receive'

export interface RunOrder {
  readonly kind: 'run'
  readonly id: number
  readonly name: string
  readonly target: RunTarget
  readonly data: string
  /** Whether its value is wanted. */
  readonly wantsValue: boolean
}

/** To the thread. */
export type Down =
  | { readonly kind: 'go' }
  | RunOrder
  | { readonly kind: 'abort'; readonly id: number; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: Wire }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: ErrorWire }
  /** What `cancel` asked for, unless the answer was quicker. */
  | { readonly kind: 'cancelled'; readonly id: number }
  | {
      readonly kind: 'message'
      readonly id: number
      readonly registration: number
      readonly message: Wire
      readonly from: Wire | undefined
      readonly node: string
    }

/** From the thread. A task's own run has the id 0. */
export type Up =
  | { readonly kind: 'ready' }
  /** The module is loaded, the socket bound, the node started: whatever there is. */
  | { readonly kind: 'begun'; readonly port: number | undefined }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly id: number; readonly value: Wire | undefined }
  | {
      readonly kind: 'failed'
      readonly id: number
      readonly error: ErrorWire
      /** Whether the module did not load. */
      readonly isLoading?: boolean
    }
  | {
      readonly kind: 'datagram'
      readonly ms: number
      readonly error: ErrorWire | undefined
    }
  /** So many datagrams found the queue full since the last time. */
  | { readonly kind: 'dropped'; readonly count: number }
  | {
      readonly kind: 'log'
      readonly name: string
      readonly index: number | undefined
      readonly level: LogLevel
      readonly text: string
    }
  | {
      readonly kind: 'request'
      readonly id: number
      readonly method: NodeMethod
      readonly args: readonly Wire[]
      readonly timeoutMs: number | undefined
    }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'handled'; readonly id: number }
