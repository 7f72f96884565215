import type { MailboxProcess } from '../../node/process/mailbox-process.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { atom } from '../../term/atom.js'
import { brief } from '../../term/format.js'
import type { Pid } from '../../term/pid.js'
import type { TermInput } from '../../term/term.js'
import { isOrderly, jsError } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import type { ResolvedDefinition } from '../definition/definition.js'
import { NodeService } from '../thread/node-service.js'
import { TaskThread } from '../thread/task-thread.js'
import { errorFromWire } from '../wire/error-wire.js'
import type { Assignment, Up } from '../wire/messages.js'
import type { Counts } from './counts.js'
import { plainError } from './plain-error.js'
import type { Reports } from './reports.js'
import { after } from './timer.js'

/** How one life of a worker ended. */
export type Ending =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: Error }
  /** By an exit signal to its process: no failure where the reason is `shutdown`, say. */
  | { readonly kind: 'signalled'; readonly error: Error; readonly isOrderly: boolean }
  | { readonly kind: 'stopped' }

/** What a life needs from its surroundings. */
export interface LifeContext {
  readonly definition: ResolvedDefinition
  readonly index: number
  readonly node: ErlangNode | undefined
  readonly graceMs: number
  readonly counts: Counts
  readonly reports: Reports
}

/** One life of one worker of a task: a thread, and a process at the node that stands for it. */
export class TaskLife {
  /** When it waits for its turn, or is over. Never rejects. */
  readonly ready: Promise<void>
  /** When it has begun or is over: the module is loaded, the socket bound. Never rejects. */
  readonly begun: Promise<void>
  /** When the thread is gone. Never rejects. */
  readonly ended: Promise<Ending>
  readonly start = performance.now()
  isRunning = false
  /** Of a UDP task. */
  port: number | undefined
  readonly #context: LifeContext
  readonly #thread: TaskThread
  readonly #service: NodeService | undefined
  readonly #process: MailboxProcess | undefined
  #ending: Ending | undefined
  #isStopping = false
  #said: Record<'ready' | 'begun' | 'ended', () => void> = nothingSaid
  #grace: NodeJS.Timeout | undefined

  constructor(context: LifeContext) {
    this.#context = context
    const { definition, index, node } = context
    this.ready = new Promise((resolve) => this.#hear('ready', resolve))
    this.begun = new Promise((resolve) => this.#hear('begun', resolve))
    const over = new Promise<void>((resolve) => this.#hear('ended', resolve))
    this.ended = over.then(() => this.#ending ?? { kind: 'stopped' })
    // Before there is a thread, since a node that has stopped throws.
    if (node !== undefined) {
      this.#service = new NodeService(node, (message) => this.#thread.post(message), {
        undelivered: (error) => this.#runFailed(error),
      })
      this.#process = this.#service.process
      void this.#process.whenEnded.then((reason) => this.#signalled(reason))
    }
    const title = `${definition.name} ${index}`
    try {
      this.#thread = new TaskThread(title, assignmentOf(context), definition.resourceLimits, {
        received: (message) => this.#received(message),
        ended: (error) => this.#gone(error),
      })
    } catch (error) {
      this.#service?.release(exitReason({ kind: 'failed', error: error as Error }))
      throw error
    }
  }

  get pid(): Pid | undefined {
    return this.#process?.pid
  }

  get threadId(): number {
    return this.#thread.id
  }

  get utilization(): number {
    return this.#thread.utilization
  }

  /** It is its turn. */
  go(): void {
    this.#thread.post({ kind: 'go' })
  }

  /** Aborts the task's signal; after the grace time, of which the last one counts, ends its thread. */
  stop(reason: string, graceMs = this.#context.graceMs): void {
    if (!this.#isStopping) this.#thread.post({ kind: 'abort', id: 0, reason })
    this.#isStopping = true
    clearTimeout(this.#grace)
    this.#grace = after(graceMs, () => void this.#thread.terminate())
  }

  #hear(what: 'ready' | 'begun' | 'ended', resolve: () => void): void {
    this.#said = { ...this.#said, [what]: resolve }
  }

  #received(message: Up): void {
    const { counts, reports, definition, index } = this.#context
    switch (message.kind) {
      case 'ready':
        this.#said.ready()
        break
      case 'begun':
        this.port = message.port
        this.#said.begun()
        break
      case 'running':
        this.isRunning = true
        if (definition.address === undefined) counts.began(this)
        reports.running(definition.name, index)
        break
      case 'done':
        this.#end({ kind: 'done' })
        break
      case 'failed':
        this.#end({ kind: 'failed', error: errorFromWire(message.error) })
        break
      case 'datagram':
        counts.lasted(message.ms)
        if (message.error !== undefined) this.#runFailed(errorFromWire(message.error))
        break
      case 'dropped':
        counts.dropped += message.count
        break
      case 'log':
        reports.log({ ...message, task: message.name })
        break
      default:
        this.#nodeAsked(message)
    }
  }

  #nodeAsked(message: Extract<Up, { kind: 'request' | 'cancel' | 'handled' }>): void {
    if (message.kind === 'request') void this.#service?.request(message)
    else if (message.kind === 'cancel') this.#service?.cancel(message.id)
    else this.#service?.handled(message.id)
  }

  #runFailed(error: Error): void {
    const { counts, reports, definition, index } = this.#context
    counts.failed(error)
    reports.failed({ task: definition.name, index, error })
  }

  /** The task is over; its thread is to go, and is not asked. */
  #end(ending: Ending): void {
    this.#ending ??= this.#isStopping && ending.kind === 'done' ? { kind: 'stopped' } : ending
    void this.#thread.terminate()
  }

  #gone(error: Error | undefined): void {
    clearTimeout(this.#grace)
    this.isRunning = false
    this.#context.counts.ended(this)
    if (error !== undefined) this.#ending ??= { kind: 'failed', error }
    this.#ending ??= { kind: 'stopped' }
    // The process may end us, and then has ended already.
    this.#service?.release(exitReason(this.#ending))
    this.#said.ready()
    this.#said.begun()
    this.#said.ended()
  }

  /** Its process has ended: a process that it is linked with died, or somebody killed it. */
  #signalled(reason: TermInput): void {
    if (this.#ending !== undefined || this.#isStopping) return
    const error = plainError(`an exit signal ended its process: ${brief(reason)}`)
    this.#ending = { kind: 'signalled', error, isOrderly: isOrderly(reason) }
    this.stop(error.message)
  }
}

const nothingSaid = { ready: () => undefined, begun: () => undefined, ended: () => undefined }

function assignmentOf({ definition, index, node }: LifeContext): Assignment {
  const { name, target, waitMs, address, workers, node: own } = definition
  const named =
    own === undefined || workers === 1 ? own : { ...own, name: numbered(own.name, index) }
  const common = { name, index, target, hasNode: node !== undefined, ownNode: named }
  return address === undefined
    ? { kind: 'task', ...common, waitMs }
    : { kind: 'udp', ...common, address }
}

/** `jobs@host` → `jobs1@host`. */
function numbered(name: string, index: number): string {
  const at = name.indexOf('@')
  return at < 0 ? `${name}${index}` : `${name.slice(0, at)}${index}${name.slice(at)}`
}

/** What those hear who are linked with the process of a task, or monitor it. */
export function exitReason(ending: Ending): TermInput {
  switch (ending.kind) {
    case 'done':
      return atom('normal')
    case 'stopped':
      return atom('shutdown')
    default:
      return tuple(atom('task_failed'), jsError(ending.error))
  }
}
