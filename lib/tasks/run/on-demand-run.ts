import { ErlangError, withAdvice } from '../../errors.js'
import type { MailboxProcess } from '../../node/process/mailbox-process.js'
import { atom } from '../../term/atom.js'
import { brief } from '../../term/format.js'
import type { Pid } from '../../term/pid.js'
import type { TermInput } from '../../term/term.js'
import { isOrderly, jsError } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import type { ResolvedDefinition } from '../definition/definition.js'
import { plainError } from './plain-error.js'
import type { Reports } from './reports.js'
import type { SupervisedTask } from './supervised-task.js'
import { after } from './timer.js'

/** What a run came to. */
export type RunOutcome = { readonly value: TermInput | undefined } | { readonly error: Error }

/** How a run is to be made. */
export interface RunRequest {
  readonly data: string
  readonly wantsValue: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** A process that the run's own is to be linked with. */
  readonly link: Pid | undefined
  /** Told the pid of the run when it begins. */
  readonly onPid: ((pid: Pid) => void) | undefined
}

interface Settle {
  readonly resolve: (value: TermInput | undefined) => void
  readonly reject: (error: unknown) => void
}

/** One run on demand, from the queue to its end. */
export class OnDemandRun {
  readonly id: number
  readonly task: SupervisedTask
  readonly #request: RunRequest
  readonly #reports: Reports
  readonly #settle: Settle
  readonly promise: Promise<TermInput | undefined>
  #timer: NodeJS.Timeout | undefined
  #abort: ((reason: string, graceMs: number | undefined) => void) | undefined
  /** Why it was told to end before its time, and whether that is a failure of the task. */
  #cancelled: { readonly why: unknown; readonly isFailure: boolean } | undefined
  #outcome: RunOutcome | undefined
  /** Takes it out of the queue. */
  leaveQueue: () => void = () => undefined

  constructor(id: number, task: SupervisedTask, request: RunRequest, reports: Reports) {
    this.id = id
    this.task = task
    this.#request = request
    this.#reports = reports
    let settle: Settle = { resolve: () => undefined, reject: () => undefined }
    this.promise = new Promise((resolve, reject) => {
      settle = { resolve, reject }
    })
    this.#settle = settle
    this.#arm()
  }

  get definition(): ResolvedDefinition {
    return this.task.definition
  }

  get data(): string {
    return this.#request.data
  }

  get wantsValue(): boolean {
    return this.#request.wantsValue
  }

  get needsProcess(): boolean {
    return this.#request.link !== undefined || this.#request.onPid !== undefined
  }

  /** Why the process of the run ends. */
  get exitReason(): TermInput {
    if (this.#outcome === undefined || 'value' in this.#outcome) return atom('normal')
    return tuple(atom('task_failed'), jsError(this.#outcome.error))
  }

  hasProcess(process: MailboxProcess): void {
    const { link, onPid } = this.#request
    void process.whenEnded.then((reason) => {
      if (this.#outcome === undefined) {
        const why = plainError(`an exit signal ended its process: ${brief(reason)}`)
        this.cancel(why, !isOrderly(reason))
      }
    })
    if (link !== undefined) process.link(link)
    onPid?.(process.pid)
  }

  begun(abort: (reason: string, graceMs: number | undefined) => void): void {
    this.#abort = abort
    this.task.counts.began(this)
  }

  /**
   * Ends it before its time: rejects now when it has not begun, else when the task has ended, for which
   * it has the grace time. The first reason counts, and the last grace time.
   */
  cancel(why: unknown, isFailure: boolean, graceMs?: number): void {
    if (this.#outcome !== undefined) return
    if (this.#cancelled !== undefined && graceMs === undefined) return
    this.#cancelled ??= { why, isFailure }
    if (this.#abort === undefined) {
      this.leaveQueue()
      this.#over({ error: why as Error })
      if (isFailure) this.#failed(why as Error)
      this.#settle.reject(why)
    } else {
      this.#abort(why instanceof Error ? why.message : String(why), graceMs)
    }
  }

  /** It is over: the value or the failure, or that its thread has died. */
  ended(outcome: RunOutcome, isThreadLost: boolean): void {
    this.#over(outcome)
    this.task.counts.ended(this)
    if (this.#cancelled !== undefined) {
      const { why, isFailure } = this.#cancelled
      if (isFailure) this.#failed(why as Error)
      this.#settle.reject(why)
    } else if ('value' in outcome) {
      this.#settle.resolve(outcome.value)
    } else {
      this.#failed(outcome.error)
      // It ran, and that is what was asked.
      if (!isThreadLost && !this.wantsValue) this.#settle.resolve(undefined)
      else this.#settle.reject(failure(this.task.name, outcome.error))
    }
  }

  /** Something of it went wrong that ends it not, or after its end. */
  failedBeside(error: Error): void {
    this.#failed(error)
  }

  #failed(error: Error): void {
    this.task.counts.failed(error)
    this.#reports.failed({ task: this.task.name, index: undefined, error })
  }

  #over(outcome: RunOutcome): void {
    this.#outcome = outcome
    clearTimeout(this.#timer)
    this.#request.signal?.removeEventListener('abort', this.#aborted)
  }

  #arm(): void {
    const { timeoutMs, signal } = this.#request
    this.#timer = after(timeoutMs, () => this.cancel(timeout(this.task.name, timeoutMs), true))
    signal?.addEventListener('abort', this.#aborted, { once: true })
  }

  readonly #aborted = (): void => this.cancel(this.#request.signal?.reason, false)
}

function timeout(name: string, timeoutMs: number): ErlangError {
  const message = `the run of "${name}" did not end within ${timeoutMs} ms`
  const error = new ErlangError('ERR_ERL_TIMEOUT', message)
  delete error.stack
  return error
}

/** As the Erlang caller would see it. */
function failure(name: string, cause: Error): ErlangError {
  const reason = ErlangError.is(cause) && cause.reason !== undefined ? cause.reason : jsError(cause)
  const message = withAdvice('ERR_ERL_REMOTE', `the task "${name}" failed: ${cause.message}`)
  return new ErlangError('ERR_ERL_REMOTE', message, { cause, reason, remoteClass: 'error' })
}
