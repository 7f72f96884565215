import type { ResourceLimits } from 'node:worker_threads'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { NodeService } from '../thread/node-service.js'
import { TaskThread } from '../thread/task-thread.js'
import { errorFromWire } from '../wire/error-wire.js'
import type { Up } from '../wire/messages.js'
import { fromWire } from '../wire/term-wire.js'
import type { OnDemandRun, RunOutcome } from './on-demand-run.js'
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
  readonly #surroundings: RunSurroundings
  readonly #listener: RunThreadListener
  readonly #thread: TaskThread
  readonly #service: NodeService | undefined
  #run: OnDemandRun | undefined
  /** The run before, which may have left something behind. */
  #last: OnDemandRun | undefined
  #isReady = false
  #isEnding = false
  #grace: NodeJS.Timeout | undefined

  constructor(surroundings: RunSurroundings, listener: RunThreadListener) {
    this.#surroundings = surroundings
    this.#listener = listener
    const { node, resourceLimits } = surroundings
    const assignment = { kind: 'runs', hasNode: node !== undefined } as const
    this.#thread = new TaskThread('runs on demand', assignment, resourceLimits, {
      received: (message) => this.#received(message),
      ended: (error) => this.#ended(error),
    })
    this.gone = this.#thread.gone
    if (node !== undefined) {
      this.#service = new NodeService(node, (message) => this.#thread.post(message), {
        spawned: (process) => this.#run?.hasProcess(process),
        undelivered: (error) => (this.#run ?? this.#last)?.failedBeside(error),
      })
    }
  }

  perform(run: OnDemandRun): void {
    this.#run = run
    if (!this.#givesProcess(run)) return
    const { id, definition, data, wantsValue } = run
    const { name, target } = definition
    run.begun((reason, graceMs) => this.#abort(run, reason, graceMs))
    if (this.#run !== run) return
    this.#thread.post({ kind: 'run', id, name, target, data, wantsValue })
  }

  /** False when it cannot, since the node has stopped: whoever wants the run hears that. */
  #givesProcess(run: OnDemandRun): boolean {
    if (!run.needsProcess || this.#service === undefined) return true
    try {
      return this.#service.process !== undefined
    } catch (error) {
      this.#run = undefined
      run.cancel(error, true)
      this.#listener.free(this)
      return false
    }
  }

  async terminate(): Promise<void> {
    await this.#thread.terminate()
  }

  /** Tells the task to end, and ends the thread if it does not. */
  #abort(run: OnDemandRun, reason: string, graceMs = this.#surroundings.graceMs): void {
    if (this.#run !== run) return
    if (!this.#isEnding) this.#thread.post({ kind: 'abort', id: run.id, reason })
    this.#isEnding = true
    clearTimeout(this.#grace)
    this.#grace = after(graceMs, () => void this.#thread.terminate())
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
        this.#finish({ error: errorFromWire(message.error) }, message.isLoading)
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

  #finish(outcome: RunOutcome, isLoading = false): void {
    const run = this.#run
    if (run === undefined) return
    this.#run = undefined
    this.#last = run
    clearTimeout(this.#grace)
    this.#grace = undefined
    run.ended(outcome, false)
    this.#service?.release(run.exitReason)
    // What was told to end, and did, may have left something behind; and a module that did not load
    // never would in this thread, which Node remembers.
    if (this.#isEnding || isLoading) void this.#thread.terminate()
    else this.#listener.free(this)
  }

  #ended(error: Error | undefined): void {
    clearTimeout(this.#grace)
    const run = this.#run
    this.#run = undefined
    if (run !== undefined) {
      run.ended({ error: error ?? new Error('its thread was ended') }, true)
      this.#service?.release(run.exitReason)
    } else if (error !== undefined) {
      // It died of what the run before left there, a timer say.
      this.#last?.failedBeside(error)
    }
    this.#listener.gone(this, this.#isReady ? undefined : error)
  }
}
