import { ErlangError } from '../../errors.js'
import type { MailboxProcess } from '../../index.js'
import type { RemoteName } from '../../node/destination.js'
import { parseNodeName } from '../../node/node-name.js'
import { settled } from '../../node/route.js'
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

/** Terms are taken as they are, whatever the node's own choice is. */
const spawnOptions = { decode: {} } as const

/** The way to one switch: every request of a client goes through here. */
export class SwitchConnection {
  readonly node: ErlangNode
  readonly peer: string
  readonly options: ResolvedClientOptions
  /** FreeSWITCH answers the sender of messages to names only. */
  readonly #to: RemoteName
  readonly #questions = new Set<Question>()
  readonly #listeners = new Set<ConnectionListener>()
  readonly #closing = new AbortController()
  #isUp: boolean
  #isClosed = false

  constructor(node: ErlangNode, peer: string | Atom, options: ResolvedClientOptions) {
    this.node = checkNode(node)
    this.peer = parseNodeName('peer', Atom.is(peer) ? peer.name : peer).full
    this.options = options
    this.#to = { name: options.name, node: this.peer }
    this.#isUp = node.peers.includes(this.peer)
    allowListeners(node, 1)
    node.on('nodeup', this.#nodeUp)
    node.on('nodedown', this.#nodeDown)
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  listen(listener: ConnectionListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  spawn(): MailboxProcess {
    return this.node.spawn(spawnOptions)
  }

  /** Sends by name. */
  send(from: MailboxProcess, message: TermInput): Promise<void> {
    return from.send(this.#to, message)
  }

  /**
   * Sends a request from a process of its own, and gives that, for the answers.
   *
   * Errors: TypeError for what has no Erlang form, ERR_ERL_CLOSED, and with `whenDown: 'wait'` those of
   *         connecting; all others come with the answers.
   */
  async open(message: TermInput, asked: string, wait: RequestWait): Promise<Question> {
    if (this.#canAskNow(wait)) return this.#put(message, asked, wait, wait.timeoutMs)
    const startedAt = performance.now()
    await this.reach(wait)
    const timeoutMs = Math.max(0, wait.timeoutMs - (performance.now() - startedAt))
    return this.#put(message, asked, { ...wait, timeoutMs }, wait.timeoutMs)
  }

  /** A request with one answer. Errors: as `open`, and those of `Question.next`. */
  async ask(message: TermInput, asked: string, wait: RequestWait): Promise<Term> {
    const question = this.#canAskNow(wait)
      ? this.#put(message, asked, wait, wait.timeoutMs)
      : await this.open(message, asked, wait)
    try {
      // One layer less than `next`: most of what a client does comes here.
      return await question.receive()
    } catch (error) {
      throw question.errorOf(error)
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

  #canAskNow({ whenDown }: RequestWait): boolean {
    return this.#isUp || whenDown !== 'wait'
  }

  #put(message: TermInput, asked: string, wait: RequestWait, statedMs: number): Question {
    this.checkOpen()
    const question = new Question(this, asked, wait, statedMs, this.#forget)
    this.#questions.add(question)
    question.send(message)
    return question
  }

  readonly #forget = (question: Question): void => {
    this.#questions.delete(question)
  }

  checkOpen(): void {
    if (this.isClosed) throw this.closedError()
  }

  closedError(): ErlangError {
    return new ErlangError('ERR_ERL_CLOSED', `the client of ${this.peer} has been closed`)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closing.abort(this.closedError())
    this.node.off('nodeup', this.#nodeUp)
    this.node.off('nodedown', this.#nodeDown)
    allowListeners(this.node, -1)
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

/** Many clients may share a node: Node's warning of a leak is not meant for them. */
function allowListeners(node: ErlangNode, change: 1 | -1): void {
  const most = node.getMaxListeners()
  if (most > 1) node.setMaxListeners(most + change)
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
  readonly #forget: (question: Question) => void
  #failure: ErlangError | undefined

  /** `forget` is told when it is over. */
  constructor(
    connection: SwitchConnection,
    asked: string,
    wait: RequestWait,
    statedMs: number,
    forget: (question: Question) => void,
  ) {
    this.#connection = connection
    this.#asked = asked
    this.#wait = wait
    this.#statedMs = statedMs
    this.#process = connection.spawn()
    this.#forget = forget
  }

  send(message: TermInput): void {
    try {
      const sent = this.#connection.send(this.#process, message)
      if (sent !== settled) sent.catch((error) => this.fail(error))
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
    try {
      return await this.receive(timeoutMs)
    } catch (error) {
      throw this.errorOf(error, statedMs)
    }
  }

  /** As `next`; what it rejects with is to be given to `errorOf`. */
  receive(timeoutMs = this.#wait.timeoutMs): Promise<Term> {
    const { signal } = this.#wait
    return this.#process.receive(signal === undefined ? { timeoutMs } : { timeoutMs, signal })
  }

  errorOf(error: unknown, statedMs = this.#statedMs): unknown {
    return this.#failure ?? (isTimeout(error, this.#wait.signal) ? this.#late(statedMs) : error)
  }

  fail(error: ErlangError): void {
    this.#failure ??= error
    this.close()
  }

  /** Safe twice. */
  close(): void {
    this.#forget(this)
    this.#process.exit()
  }

  #late(timeoutMs: number): ErlangError {
    return timeout(`${this.#asked} was not answered`, timeoutMs)
  }
}

function isTimeout(error: unknown, signal: AbortSignal | undefined): boolean {
  return ErlangError.is(error) && error.code === 'ERR_ERL_TIMEOUT' && error !== signal?.reason
}
