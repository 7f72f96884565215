import type { ErlangError } from '../../errors.js'
import type { MailboxProcess } from '../../index.js'
import type { Pid } from '../../term/pid.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { lossOf, type SwitchConnection } from './connection.js'
import { limited } from './limited.js'
import type { RequestWait } from './options.js'
import { isPlainReply } from './reply.js'

/** Who gets what comes to a `SwitchProcess`. */
export interface ProcessUser {
  message(message: Term): void
  /** The switch knows nothing of this process any more: the connection or the switch's pid is gone. */
  lost(error: ErlangError): void
}

interface Waiter {
  resolve(answer: Term): void
  reject(error: unknown): void
}

/**
 * A process that FreeSWITCH sends to of its own accord, and is linked with: the handler of events, of
 * log lines, of a section, or of a call. Its own requests are those that are about their sender; they
 * are answered in their order.
 */
export class SwitchProcess {
  readonly #connection: SwitchConnection
  readonly #process: MailboxProcess
  readonly #user: ProcessUser
  /** For each request that has not been answered, those that nobody waits for any more too. */
  #waiting: Waiter[] = []
  #isWatching = false

  constructor(connection: SwitchConnection, user: ProcessUser) {
    this.#connection = connection
    this.#user = user
    this.#process = connection.spawn()
    this.#process.trapExit = true
    void this.#run()
  }

  get pid(): Pid {
    return this.#process.pid
  }

  /** Errors: as `SwitchConnection.ask`. */
  async ask(message: TermInput, asked: string, wait: RequestWait): Promise<Term> {
    await this.#connection.reach(wait)
    this.watch()
    const answer = new Promise<Term>((resolve, reject) => {
      const waiter: Waiter = { resolve, reject }
      this.#waiting.push(waiter)
      // What could not be sent is not answered.
      this.send(message).catch((error) => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
        reject(error)
      })
    })
    return limited(answer, wait, `${asked} was not answered`)
  }

  send(message: TermInput): Promise<void> {
    return this.#connection.send(this.#process, message)
  }

  /** Makes the loss of the connection known, in its place among the messages. */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.#process.monitorNode(this.#connection.peer)
  }

  /** Ends the process, which makes FreeSWITCH forget what it has for it. Safe twice. */
  close(): void {
    this.#process.exit()
    this.#failAll(this.#connection.closedError())
  }

  async #run(): Promise<void> {
    for await (const message of this.#process) this.#take(message)
    this.#failAll(this.#connection.closedError())
  }

  #take(message: Term): void {
    if (isPlainReply(message)) this.#waiting.shift()?.resolve(message)
    else if (isTagged(message, 'nodedown', 2)) this.#lose('the node is down', true)
    else if (isTagged(message, 'EXIT', 3)) this.#exited(message)
    else this.#user.message(message)
  }

  /** `noconnection` is what `nodedown` tells as well. */
  #exited(exit: Term & { readonly [i: number]: Term | undefined }): void {
    const isLoss = String(exit[2]) === 'noconnection'
    if (!isLoss) this.#lose(`its process has ended: ${String(exit[2])}`, false)
  }

  #lose(reason: string, isDown: boolean): void {
    if (isDown) this.#isWatching = false
    const error = lossOf(this.#connection.peer, reason)
    this.#failAll(error)
    this.#user.lost(error)
  }

  #failAll(error: ErlangError): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(error)
  }
}
