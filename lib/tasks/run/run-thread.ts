import type { ResourceLimits } from 'node:worker_threads'
import type { ErlangNode } from '../../otp/erlang-node.js'
import type { TermInput } from '../../term/term.js'
import { NodeService } from '../thread/node-service.js'
import { TaskThread } from '../thread/task-thread.js'
import { errorFromWire } from '../wire/error-wire.js'
import type { Up } from '../wire/messages.js'
import { fromWire } from '../wire/term-wire.js'
import type { OnDemandRun } from './on-demand-run.js'
import type { Reports } from './reports.js'
import { after } from './timer.js'

/** What the threads of a pool have in common. */
export interface RunSurroundings {
  readonly node: ErlangNode | undefined
  readonly reports: Reports
  readonly graceMs: number
  readonly resourceLimits: ResourceLimits | undefined
}

/** Hears of a thread of the pool. */
export interface RunThreadListener {
  /** It can take the next run. */
  free(thread: RunThread): void
  /** `error` says why when it had taken no run yet. */
  gone(thread: RunThread, error: Error | undefined): void
}

/** A thread that runs tasks on demand, one at a time. */
export class RunThread {
  readonly gone: Promise<void>
  /** How long a run has for ending when it is told to. */
  graceMs: number
  readonly #surroundings: RunSurroundings
  readonly #listener: RunThreadListener
  readonly #thread: TaskThread
  readonly #service: NodeService | undefined
  #run: OnDemandRun | undefined
  #isReady = false
  #isEnding = false
  #grace: NodeJS.Timeout | undefined

  constructor(surroundings: RunSurroundings, listener: RunThreadListener) {
    this.#surroundings = surroundings
    this.graceMs = surroundings.graceMs
    this.#listener = listener
    const { node, resourceLimits } = surroundings
    const assignment = { kind: 'runs', hasNode: node !== undefined } as const
    this.#thread = new TaskThread('runs on demand', assignment, resourceLimits, {
      received: (message) => this.#received(message),
      ended: (error) => this.#ended(error),
    })
    this.gone = this.#thread.gone
    if (node !== undefined) {
      this.#service = new NodeService(node, (message) => this.#thread.post(message))
    }
  }

  perform(run: OnDemandRun): void {
    if (!this.#givesProcess(run)) return
    this.#run = run
    const { id, definition, data, wantsValue } = run
    const { name, target } = definition
    run.begun((reason) => this.#abort(run, reason))
    if (this.#run !== run) return
    this.#thread.post({ kind: 'run', id, name, target, data, wantsValue })
  }

  /** False when it cannot, since the node has stopped: whoever wants the run hears that. */
  #givesProcess(run: OnDemandRun): boolean {
    if (!run.needsProcess || this.#service === undefined) return true
    try {
      run.hasProcess(this.#service.process)
      return true
    } catch (error) {
      run.cancel(error, true)
      this.#listener.free(this)
      return false
    }
  }

  async terminate(): Promise<void> {
    await this.#thread.terminate()
  }

  /** Tells the task to end, and ends the thread if it does not. */
  #abort(run: OnDemandRun, reason: string): void {
    if (this.#run !== run || this.#isEnding) return
    this.#thread.post({ kind: 'abort', id: run.id, reason })
    this.#isEnding = true
    this.#grace = after(this.graceMs, () => void this.#thread.terminate())
  }

  #received(message: Up): void {
    switch (message.kind) {
      case 'ready':
        this.#isReady = true
        this.#listener.free(this)
        break
      case 'done':
        this.#finish({ value: message.value === undefined ? undefined : fromWire(message.value) })
        break
      case 'failed':
        this.#finish({ error: errorFromWire(message.error) })
        break
      case 'log':
        this.#surroundings.reports.log({ ...message, task: message.name })
        break
      case 'request':
        void this.#service?.request(message)
        break
      case 'cancel':
        this.#service?.cancel(message.id)
        break
      case 'handled':
        this.#service?.handled(message.id)
        break
    }
  }

  #finish(outcome: { readonly value: TermInput | undefined } | { readonly error: Error }): void {
    const run = this.#run
    if (run === undefined) return
    this.#run = undefined
    clearTimeout(this.#grace)
    this.#grace = undefined
    run.ended(outcome, false)
    this.#service?.release(run.exitReason)
    // What was told to end, and did, may have left something behind.
    if (this.#isEnding) void this.#thread.terminate()
    else this.#listener.free(this)
  }

  #ended(error: Error | undefined): void {
    clearTimeout(this.#grace)
    const run = this.#run
    this.#run = undefined
    if (run !== undefined) {
      run.ended({ error: error ?? new Error('its thread was ended') }, true)
      this.#service?.release(run.exitReason)
    }
    this.#listener.gone(this, this.#isReady ? undefined : error)
  }
}
