import {
  checkFunction,
  checkNames,
  checkObject,
  checkSignal,
  checkTimeout,
} from '../../base/validate.js'
import { Atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { Term, TermInput } from '../../term/term.js'
import { errorFromWire } from '../wire/error-wire.js'
import type { NodeMethod } from '../wire/messages.js'
import { checkedWire, fromWire, type Wire } from '../wire/term-wire.js'
import { listen, post } from './port.js'
import type { Registration, TaskMessageContext, TaskProcessNode, TaskWait } from './task.js'

type Handler = (message: Term, context: TaskMessageContext) => unknown

interface Waiting {
  readonly resolve: (value: Term) => void
  readonly reject: (error: unknown) => void
  readonly cancelled: () => void
}

const waitNames = ['timeoutMs', 'signal']

/** The node of the main thread, by message port: terms go over as plain data, no addon is loaded. */
class NodeProxy implements TaskProcessNode {
  readonly #waiting = new Map<number, Waiting>()
  readonly #handlers = new Map<number, Handler>()
  #ids = 0

  constructor() {
    listen('answer', ({ id, value }) => this.#take(id)?.resolve(fromWire(value)))
    listen('refusal', ({ id, error }) => this.#take(id)?.reject(errorFromWire(error)))
    listen('cancelled', ({ id }) => this.#take(id)?.cancelled())
    listen('message', (message) => {
      const { from, node } = message
      const context = from === undefined ? { node } : { from: fromWire(from) as Pid, node }
      void this.#handle(message.id, message.registration, fromWire(message.message), context)
    })
  }

  async send(to: TermInput | object, message: TermInput): Promise<void> {
    await this.#request('send', [toOf(to), checkedWire('message', message)])
  }

  async cast(to: TermInput | object, request: TermInput): Promise<void> {
    await this.#request('cast', [toOf(to), checkedWire('request', request)])
  }

  async call(to: TermInput | object, request: TermInput, options?: TaskWait): Promise<Term> {
    return this.#request('call', [toOf(to), checkedWire('request', request)], options)
  }

  async rpc(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[] = [],
    options?: TaskWait,
  ): Promise<Term> {
    const names = [
      checkedWire('peer', peer),
      checkedWire('module', module),
      checkedWire('functionName', functionName),
    ]
    return this.#request('rpc', [...names, checkedWire('args', args)], options)
  }

  async register(name: string | Atom, handler: Handler): Promise<Registration> {
    checkFunction('handler', handler)
    this.#ids += 1
    const registration = this.#ids
    this.#handlers.set(registration, handler)
    try {
      const pid = await this.#request('register', [
        checkedWire('name', Atom.is(name) ? name.name : name),
        registration,
      ])
      return {
        pid: pid as Pid,
        unregister: async () => {
          await this.#request('unregister', [registration])
          this.#handlers.delete(registration)
        },
      }
    } catch (error) {
      this.#handlers.delete(registration)
      throw error
    }
  }

  async self(): Promise<Pid> {
    return (await this.#request('self', [])) as Pid
  }

  async receive(options: TaskWait = {}): Promise<Term> {
    return this.#request('receive', [], { timeoutMs: Infinity, ...options })
  }

  async link(pid: Pid): Promise<void> {
    await this.#request('link', [checkedWire('pid', pid)])
  }

  async monitor(pid: Pid): Promise<Reference> {
    return (await this.#request('monitor', [checkedWire('pid', pid)])) as Reference
  }

  #request(method: NodeMethod, args: readonly Wire[], options: TaskWait = {}): Promise<Term> {
    checkNames(method, checkObject('options', options), waitNames)
    const { timeoutMs, signal } = options
    if (timeoutMs !== undefined) checkTimeout('timeoutMs', timeoutMs)
    if (signal !== undefined) checkSignal(signal)
    signal?.throwIfAborted()
    this.#ids += 1
    const id = this.#ids
    const promise = new Promise<Term>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, cancelled: () => reject(signal?.reason) })
    })
    const abort = () => {
      post({ kind: 'cancel', id })
      // A message may be on its way that is in no mailbox any more: `receive` waits for what the main
      // thread says, which answers at once.
      if (method !== 'receive') this.#take(id)?.cancelled()
    }
    signal?.addEventListener('abort', abort, { once: true })
    post({ kind: 'request', id, method, args, timeoutMs })
    return promise.finally(() => signal?.removeEventListener('abort', abort))
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  async #handle(
    id: number,
    registration: number,
    message: Term,
    context: TaskMessageContext,
  ): Promise<void> {
    try {
      await this.#handlers.get(registration)?.(message, context)
    } catch (error) {
      // Nobody catches it, so the worker ends with it: the main thread tells.
      process.nextTick(() => {
        throw error
      })
    }
    post({ kind: 'handled', id })
  }
}

/** A destination is a term, or an object with a name. */
function toOf(to: unknown): Wire {
  return checkedWire('to', to)
}

export const nodeProxy = new NodeProxy()
