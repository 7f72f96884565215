import { type Atom, atom } from '../../term/atom.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { type GenFrom, readGenCall } from '../gen-reply.js'
import type { ServerCallbacks } from './callbacks.js'
import type { ServerProcess } from './server-process.js'

/** What a server has to do next: each is one callback. */
export type ServerWork =
  | { readonly kind: 'init' }
  | { readonly kind: 'call'; readonly from: GenFrom; readonly request: Term }
  | { readonly kind: 'cast'; readonly request: Term }
  | { readonly kind: 'info'; readonly message: Term }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'terminate'; readonly reason: TermInput }

/** What gen_server calls the callbacks, for the stacks of exit reasons. */
const erlangNames: { readonly [Kind in ServerWork['kind']]: readonly [string, number] } = {
  init: ['init', 1],
  call: ['handle_call', 3],
  cast: ['handle_cast', 2],
  info: ['handle_info', 2],
  timeout: ['handle_info', 2],
  terminate: ['terminate', 2],
}

/** What a message means to a gen_server; requests of `sys` are none of its work. */
export function workOf(message: Term): ServerWork {
  const call = readGenCall(message)
  if (call !== undefined) return { kind: 'call', from: call.from, request: call.request }
  if (isTagged(message, '$gen_cast', 2)) return { kind: 'cast', request: message[1] }
  return { kind: 'info', message }
}

/** Whether the server has no callback for a message. */
export function isUnhandled(callbacks: ServerCallbacks, { kind }: ServerWork): boolean {
  return (kind === 'call' || kind === 'cast' || kind === 'info') && callbacks[kind] === undefined
}

/** Runs the callback, if there is one. Errors: what it throws. */
export function runWork(
  callbacks: ServerCallbacks,
  work: ServerWork,
  server: ServerProcess,
): unknown {
  switch (work.kind) {
    case 'init':
      return callbacks.init?.(server)
    case 'call':
      return callbacks.call?.(work.request, work.from, server)
    case 'cast':
      return callbacks.cast?.(work.request, server)
    case 'info':
      return callbacks.info?.(work.message, server)
    case 'timeout':
      if (callbacks.handleTimeout === undefined) return callbacks.info?.(atom('timeout'), server)
      return callbacks.handleTimeout(server)
    case 'terminate':
      return callbacks.terminate?.(work.reason, server)
  }
}

export function stackOf(module: Atom | boolean, { kind }: ServerWork): TermInput {
  const [name, arity] = erlangNames[kind]
  return [tuple(module, atom(name), arity, [])]
}
