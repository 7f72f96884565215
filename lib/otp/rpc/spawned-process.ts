import type { NodeCore } from '../../node/core.js'
import type { Letter } from '../../node/process/letter.js'
import { MailboxProcess } from '../../node/process/mailbox-process.js'
import type { Watcher } from '../../node/process/watcher.js'
import type { Pid } from '../../term/pid.js'
import type { Reference } from '../../term/reference.js'
import type { TermInput } from '../../term/term.js'
import type { CallContext, ContextSource } from './call-context.js'
import type { Quotas } from './quotas.js'

/** Who asked for a process. */
export interface SpawnOrigin {
  readonly from: Pid
  /** The node of the caller. */
  readonly node: string
  readonly groupLeader: Pid | undefined
  /** The reference of the request, and of the monitor that it may ask for. */
  readonly request: Reference | undefined
  /** Told when the process has ended: it counts for its node no longer. */
  readonly quotas: Quotas | undefined
}

/**
 * The process that runs a function for a caller elsewhere. It ends when the function does. Most are
 * born for one call and die before anybody has asked them for anything, so what they are asked for
 * is made then.
 */
export class SpawnedProcess extends MailboxProcess implements ContextSource {
  readonly origin: SpawnOrigin
  /** What `initAck` of the context does, where somebody waits for it. */
  acknowledge: ((result: TermInput | undefined) => void) | undefined
  /**
   * What it was asked, where that is owed for until the process has ended or nobody waits for it any
   * more: the function itself may never come to an end.
   */
  asked: Letter<unknown> | undefined
  /** Says to the caller that the value has no Erlang form, where a caller waits for it. */
  refusal: ((error: unknown) => TermInput) | undefined
  #context: CallContext | undefined
  #abort: AbortController | undefined
  #isAbandoned = false

  constructor({ identity, processes, mailboxes }: NodeCore, origin: SpawnOrigin) {
    super(identity.nextPid(), processes, mailboxes)
    this.origin = origin
    processes.add(this)
  }

  get context(): CallContext {
    this.#context ??= new SpawnedContext(this)
    return this.#context
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#isAbandoned) this.#abort.abort()
    }
    return this.#abort.signal
  }

  /** The function runs on, as it would in Erlang, but it can know that nobody waits. */
  override unwatched(watcher: Watcher): void {
    if (watcher.reference === this.origin.request) this.#abandon()
  }

  override unsendable(error: unknown): TermInput {
    return this.refusal?.(error) ?? super.unsendable(error)
  }

  protected override ended(reason: TermInput): void {
    super.ended(reason)
    this.origin.quotas?.giveBack(this.origin.node)
    this.#abandon()
  }

  #abandon(): void {
    this.#isAbandoned = true
    this.asked?.consume()
    this.#abort?.abort()
  }
}

class SpawnedContext implements CallContext {
  readonly from: Pid
  readonly node: string
  readonly groupLeader: Pid | undefined
  readonly self: MailboxProcess
  readonly #process: SpawnedProcess

  constructor(process: SpawnedProcess) {
    this.#process = process
    this.self = process
    this.from = process.origin.from
    this.node = process.origin.node
    this.groupLeader = process.origin.groupLeader
  }

  get signal(): AbortSignal {
    return this.#process.signal
  }

  initAck(result?: TermInput): void {
    this.#process.acknowledge?.(result)
  }
}
