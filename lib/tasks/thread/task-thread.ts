import { type ResourceLimits, Worker } from 'node:worker_threads'
import { builtEntry } from '../../base/package-root.js'
import { plainError } from '../run/plain-error.js'
import type { Assignment, Down, Up } from '../wire/messages.js'

/** Hears what becomes of a thread. */
export interface ThreadListener {
  received(message: Up): void
  /** The last that is heard of it: why, unless it was ended on purpose. */
  ended(error: Error | undefined): void
}

const entry = builtEntry('tasks/worker/main')

function made(title: string, workerData: Assignment, limits: ResourceLimits | undefined): Worker {
  try {
    const resourceLimits = limits === undefined ? {} : { resourceLimits: limits }
    return new Worker(entry, { workerData, name: title, ...resourceLimits })
  } catch (error) {
    // The system's limits, or memory: Node says `EAGAIN` and no more.
    throw plainError(`no thread could be made: ${(error as Error).message}`)
  }
}

/** One worker thread: what it says, and how it ends, whatever ends it. */
export class TaskThread {
  /** When its thread is gone. Never rejects. */
  readonly gone: Promise<void>
  readonly #worker: Worker
  #isTerminated = false
  #error: Error | undefined

  /** Errors: Error when the system gives no thread. */
  constructor(
    title: string,
    assignment: Assignment,
    resourceLimits: ResourceLimits | undefined,
    listener: ThreadListener,
  ) {
    this.#worker = made(title, assignment, resourceLimits)
    this.#worker.on('message', (message: Up) => this.#receive(message, listener))
    this.#worker.on('messageerror', (error) => this.#lost(error))
    this.#worker.on('error', (error) => this.#failed(error))
    this.gone = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        listener.ended(this.#why(code))
        resolve()
      })
    })
  }

  get id(): number {
    return this.#worker.threadId
  }

  /** How busy its event loop is, from 0 to 1, since it began. */
  get utilization(): number {
    return this.#worker.performance.eventLoopUtilization().utilization
  }

  post(message: Down): void {
    this.#worker.postMessage(message)
  }

  /** Ends it, whatever it does; on purpose, so no failure. Resolves when it is gone. */
  async terminate(): Promise<void> {
    this.#isTerminated = true
    await this.#worker.terminate()
    await this.gone
  }

  #receive(message: Up, listener: ThreadListener): void {
    try {
      listener.received(message)
    } catch (error) {
      this.#lost(error)
    }
  }

  /** A message that cannot be read, a term nested too deep say: nobody knows what it was to bring. */
  #lost(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#failed(plainError(`what the worker sent cannot be read: ${why}`))
    void this.#worker.terminate()
  }

  #failed(error: unknown): void {
    this.#error ??= error instanceof Error ? error : new Error(`threw ${String(error)}`)
  }

  #why(code: number): Error | undefined {
    if (this.#error !== undefined) return this.#error
    if (this.#isTerminated) return undefined
    return plainError(`the worker ended itself: process.exit(${code})`)
  }
}
