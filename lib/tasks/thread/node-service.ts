import type { Destination } from '../../node/destination.js'
import type { MessageHandler } from '../../node/process/handler-process.js'
import type { MailboxProcess } from '../../node/process/mailbox-process.js'
import type { Process } from '../../node/process/process.js'
import type { CallOptions } from '../../otp/call-options.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Term, TermInput } from '../../term/term.js'
import { plainError } from '../run/plain-error.js'
import { errorToWire } from '../wire/error-wire.js'
import type { Down, NodeMethod, Up } from '../wire/messages.js'
import { fromWire, toWire, type Wire } from '../wire/term-wire.js'

type Request = Extract<Up, { kind: 'request' }>

/** What a request may need beside its arguments. */
type Method = (args: readonly Term[], options: CallOptions) => Promise<TermInput> | TermInput

/** Hears of what happens at the node. */
export interface NodeServiceListener {
  /** There is a process for the run. */
  spawned?(process: MailboxProcess): void
  /** A message to a name of the task does not go to its thread. */
  undelivered(error: Error): void
}

/** Does at the node what the tasks of one thread ask for, and undoes it when they end. */
export class NodeService {
  readonly #node: ErlangNode
  readonly #post: (message: Down) => void
  readonly #listener: NodeServiceListener
  readonly #pending = new Map<number, AbortController>()
  readonly #registered = new Map<number, Process>()
  /** Messages that the thread has and has not dealt with. */
  readonly #handling = new Map<number, () => void>()
  #process: MailboxProcess | undefined
  #ids = 0

  constructor(node: ErlangNode, post: (message: Down) => void, listener: NodeServiceListener) {
    this.#node = node
    this.#post = post
    this.#listener = listener
  }

  /** The process of the task that runs; made when there is none. */
  get process(): MailboxProcess {
    if (this.#process === undefined) {
      this.#process = this.#node.spawn()
      this.#listener.spawned?.(this.#process)
    }
    return this.#process
  }

  async request({ id, method, args, timeoutMs }: Request): Promise<void> {
    const controller = new AbortController()
    this.#pending.set(id, controller)
    const options = { signal: controller.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
    try {
      const value = toWire(await this.#methods[method](args.map(fromWire), options))
      if (this.#pending.has(id)) this.#post({ kind: 'answer', id, value })
      this.#pending.delete(id)
    } catch (error) {
      if (!this.#pending.delete(id)) return
      const isCancelled = controller.signal.aborted && error === controller.signal.reason
      if (isCancelled) this.#post({ kind: 'cancelled', id })
      else this.#post({ kind: 'refusal', id, error: errorToWire(error) })
    }
  }

  /**
   * Ends a request: what has been taken out of the mailbox by then is still answered. The thread
   * hears one or the other; of a request that is over it may hear both, and heeds the first.
   */
  cancel(id: number): void {
    const controller = this.#pending.get(id)
    if (controller === undefined) this.#post({ kind: 'cancelled', id })
    else controller.abort()
  }

  handled(id: number): void {
    this.#handling.get(id)?.()
    this.#handling.delete(id)
  }

  /** The task has ended: nothing of it stays at the node. Its process ends with `reason`. */
  release(reason: TermInput): void {
    for (const controller of this.#pending.values()) controller.abort()
    this.#pending.clear()
    for (const process of this.#registered.values()) process.exit(atom('normal'))
    this.#registered.clear()
    for (const done of this.#handling.values()) done()
    this.#handling.clear()
    this.#process?.exit(reason)
    this.#process = undefined
  }

  readonly #methods: Readonly<Record<NodeMethod, Method>> = {
    send: async ([to, message]) => {
      await this.process.send(to as Destination, message as Term)
      return true
    },
    cast: async ([to, request]) => {
      await this.#node.cast(to as Destination, request as Term)
      return true
    },
    call: ([to, request], options) => this.#node.call(to as Destination, request as Term, options),
    rpc: ([peer, module, name, args], options) =>
      this.#node.rpc(peer as string, module as string, name as string, args as Term[], options),
    register: ([name, registration]) => this.#register(name as string, registration as number),
    unregister: ([registration]) => {
      this.#registered.get(registration as number)?.exit(atom('normal'))
      return this.#registered.delete(registration as number)
    },
    self: () => this.process.pid,
    receive: (_, options) => this.process.receive(options),
    link: ([pid]) => {
      this.process.link(pid as Pid)
      return true
    },
    monitor: ([pid]) => this.process.monitor(pid as Pid),
  }

  #register(name: string, registration: number): Pid {
    const process = this.#node.register(name, this.#forward(name, registration))
    this.#registered.set(registration, process)
    return process.pid
  }

  /** The next message waits until the thread has dealt with this one. */
  #forward(name: string, registration: number): MessageHandler {
    return (given, { from, node }) => {
      this.#ids += 1
      const id = this.#ids
      const sender: Wire | undefined = from === undefined ? undefined : toWire(from)
      try {
        const message = toWire(given)
        this.#post({ kind: 'message', id, registration, message, from: sender, node })
      } catch (error) {
        // Nested too deep, say. Whoever sends such things is not to end the program, nor the task.
        const why = `a message from ${node} to "${name}" is left out: ${(error as Error).message}`
        return this.#listener.undelivered(plainError(why))
      }
      return new Promise<void>((resolve) => this.#handling.set(id, resolve))
    }
  }
}
