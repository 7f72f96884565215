import { ErlangError } from '../../errors.js'
import type { MailboxProcess } from '../../index.js'
import { parseNodeName } from '../../node/node-name'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { Atom } from '../../term/atom.js'
import type { Term, TermInput } from '../../term/term.js'
import { checkNode } from '../protocol/check-node.js'
import { timeout } from './limited.js'
import type { RequestWait, ResolvedClientOptions } from './options.js'

/** Told when the connection to the switch comes and goes. */
export interface ConnectionListener {
  readonly connected?: () => void
  readonly lost?: (error: ErlangError) => void
}

/** A node may have a client for each of many switches: their listeners are no leak to warn of. */
function makeRoom(node: ErlangNode, more: number): void {
  const most = node.getMaxListeners()
  if (most > 0) node.setMaxListeners(most + more)
}

/** The way to one switch: every request of a client goes through here. */
export class SwitchConnection {
  readonly node: ErlangNode
  readonly peer: string
  readonly options: ResolvedClientOptions
  readonly #questions = new Set<Question>()
  readonly #listeners = new Set<ConnectionListener>()
  readonly #closing = new AbortController()
  #isUp: boolean

  constructor(node: ErlangNode, peer: string | Atom, options: ResolvedClientOptions) {
    this.node = checkNode(node)
    this.peer = parseNodeName('peer', Atom.is(peer) ? peer.name : peer).full
    this.options = options
    this.#isUp = node.peers.includes(this.peer)
    makeRoom(node, 1)
    node.on('nodeup', this.#nodeUp)
    node.on('nodedown', this.#nodeDown)
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  listen(listener: ConnectionListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A process that takes terms as they are, whatever the node's own choice is. */
  spawn(): MailboxProcess {
    return this.node.spawn({ decode: {} })
  }

  /** Sends by name: FreeSWITCH answers the sender of messages to names only. */
  send(from: MailboxProcess, message: TermInput): Promise<void> {
    return from.send({ name: this.options.name, node: this.peer }, message)
  }

  /**
   * Sends a request from a process of its own, and gives that, for the answers.
   *
   * Errors: TypeError for what has no Erlang form, ERR_ERL_CLOSED, and with `whenDown: 'wait'` those of
   *         connecting; all others come with the answers.
   */
  async open(message: TermInput, asked: string, wait: RequestWait): Promise<Question> {
    this.checkOpen()
    const startedAt = performance.now()
    if (wait.whenDown === 'wait') await this.reach(wait)
    const timeoutMs = Math.max(0, wait.timeoutMs - (performance.now() - startedAt))
    const question = new Question(this, asked, { ...wait, timeoutMs }, wait.timeoutMs)
    this.#questions.add(question)
    void question.ended.then(() => this.#questions.delete(question))
    question.send(message)
    return question
  }

  /** A request with one answer. Errors: as `open`, and those of `Question.next`. */
  async ask(message: TermInput, asked: string, wait: RequestWait): Promise<Term> {
    const question = await this.open(message, asked, wait)
    try {
      return await question.next()
    } finally {
      question.close()
    }
  }

  /**
   * Connects, unless the switch is connected; with `whenDown: 'wait'` again and again, with the
   * node's pauses. Errors: as `ErlangNode.connect`, ERR_ERL_CLOSED.
   */
  async reach({ timeoutMs, signal, whenDown }: RequestWait): Promise<void> {
    this.checkOpen()
    if (this.#isUp) return
    const closing = this.#closing.signal
    const either = signal === undefined ? closing : AbortSignal.any([closing, signal])
    await this.node.connect(this.peer, { whenDown, timeoutMs, signal: either })
  }

  checkOpen(): void {
    if (this.isClosed) throw this.closedError()
  }

  closedError(): ErlangError {
    return new ErlangError('ERR_ERL_CLOSED', `the client of ${this.peer} has been closed`)
  }

  close(): void {
    if (this.isClosed) return
    this.#closing.abort(this.closedError())
    this.node.off('nodeup', this.#nodeUp)
    this.node.off('nodedown', this.#nodeDown)
    makeRoom(this.node, -1)
    for (const question of this.#questions) question.fail(this.closedError())
    this.#listeners.clear()
  }

  /** Aborted when the client is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  readonly #nodeUp = (peer: string): void => {
    if (peer !== this.peer) return
    this.#isUp = true
    for (const { connected } of this.#listeners) connected?.()
  }

  readonly #nodeDown = (peer: string, reason: string): void => {
    if (peer !== this.peer) return
    this.#isUp = false
    const error = lossOf(peer, reason)
    for (const question of this.#questions) question.fail(error)
    for (const { lost } of this.#listeners) lost?.(error)
  }
}

export function lossOf(peer: string, reason: string): ErlangError {
  return new ErlangError('ERR_ERL_NOCONNECTION', `the connection to ${peer} is lost: ${reason}`)
}

/** One request and its answers: a process of its own, so that no late answer meets another request. */
export class Question {
  readonly #connection: SwitchConnection
  readonly #asked: string
  readonly #wait: RequestWait
  /** What the caller said, for the message. */
  readonly #statedMs: number
  readonly #process: MailboxProcess
  #failure: ErlangError | undefined

  constructor(connection: SwitchConnection, asked: string, wait: RequestWait, statedMs: number) {
    this.#connection = connection
    this.#asked = asked
    this.#wait = wait
    this.#statedMs = statedMs
    this.#process = connection.spawn()
  }

  get ended(): Promise<unknown> {
    return this.#process.whenEnded
  }

  send(message: TermInput): void {
    try {
      this.#connection.send(this.#process, message).catch((error) => this.fail(error))
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * The next answer.
   *
   * Errors: ERR_ERL_TIMEOUT, `signal.reason`, ERR_ERL_NOCONNECTION when the connection is lost
   *         meanwhile, those of connecting, ERR_ERL_CLOSED.
   */
  async next(timeoutMs = this.#wait.timeoutMs, statedMs = this.#statedMs): Promise<Term> {
    const { signal } = this.#wait
    try {
      return await this.#process.receive({ timeoutMs, ...(signal === undefined ? {} : { signal }) })
    } catch (error) {
      throw this.#failure ?? (isTimeout(error, signal) ? this.#late(statedMs) : error)
    }
  }

  fail(error: ErlangError): void {
    this.#failure ??= error
    this.#process.exit()
  }

  close(): void {
    this.#process.exit()
  }

  #late(timeoutMs: number): ErlangError {
    return timeout(`${this.#asked} was not answered`, timeoutMs)
  }
}

function isTimeout(error: unknown, signal: AbortSignal | undefined): boolean {
  return ErlangError.is(error) && error.code === 'ERR_ERL_TIMEOUT' && error !== signal?.reason
}
