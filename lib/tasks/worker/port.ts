import { parentPort } from 'node:worker_threads'
import type { Down, Up } from '../wire/messages.js'

/** The thread's end of the line to the main thread. */
export function post(message: Up): void {
  parentPort?.postMessage(message)
}

type Listener<Kind extends Down['kind']> = (message: Extract<Down, { kind: Kind }>) => void

const listeners = new Map<Down['kind'], Listener<never>>()

/** Sets who gets the messages of a kind. The first use keeps the thread alive from then on. */
export function listen<Kind extends Down['kind']>(kind: Kind, listener: Listener<Kind>): void {
  if (listeners.size === 0) parentPort?.on('message', receive)
  listeners.set(kind, listener as unknown as Listener<never>)
}

function receive(message: Down): void {
  listeners.get(message.kind)?.(message as never)
}
