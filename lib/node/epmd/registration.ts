import type { Socket } from 'node:net'
import { ErlangError, type ErlangErrorCode } from '../../errors.js'
import type { EpmdChoice } from '../options.js'
import { registerAlive } from './client.js'
import { ensureEpmd, type ReleaseEpmd } from './launch.js'
import { NodeType } from './protocol.js'

const answerMs = 5_000
const firstPauseMs = 50
const longestPauseMs = 10_000

/** What is registered: the node's first name and where it listens. */
export interface Registrant {
  readonly alive: string
  readonly port: number
  readonly hidden: boolean
  readonly onLoopback: boolean
}

/** Who hears what becomes of the entry once it has been made. */
export interface RegistrationListener {
  /** The name is not in epmd, for that reason; told again when the reason is another one. */
  epmdDown(error: ErlangError): void
  /** The name is in epmd again. */
  epmdUp(): void
}

/**
 * The entry of one node at epmd, for as long as the node lives: when epmd goes away, the node
 * registers again with the next, under the creation it has had from its start.
 */
export class EpmdRegistration {
  readonly #choice: EpmdChoice
  readonly #registrant: Registrant
  readonly #listener: RegistrationListener
  /** Why the name is not in epmd, as the listener knows it. */
  #told: ErlangErrorCode | undefined
  #socket: Socket | undefined
  #release: ReleaseEpmd | undefined
  #pause: NodeJS.Timeout | undefined
  /** The attempt to register again that runs, or the last one. Never rejects. */
  #attempt: Promise<void> = Promise.resolve()
  #pauseMs = firstPauseMs
  #isClosed = false

  private constructor(choice: EpmdChoice, registrant: Registrant, listener: RegistrationListener) {
    this.#choice = choice
    this.#registrant = registrant
    this.#listener = listener
  }

  /** Errors: ERR_ERL_NAME_IN_USE, ERR_ERL_NO_EPMD, ERR_ERL_UNKNOWN_HOST, ERR_ERL_TIMEOUT. */
  static async open(
    choice: EpmdChoice,
    registrant: Registrant,
    listener: RegistrationListener,
  ): Promise<EpmdRegistration> {
    const registration = new EpmdRegistration(choice, registrant, listener)
    try {
      await registration.#register()
    } catch (error) {
      await registration.close()
      throw error
    }
    return registration
  }

  /**
   * Gives the name back, after 5,000 ms at the latest where epmd does not answer. Safe twice.
   *
   * An attempt to register that runs is waited for, since what it makes at epmd is to be gone, too. One
   * that takes longer undoes it later.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#pause)
    await atMost(answerMs, this.#attempt)
    await closed(this.#socket)
    await this.#release?.()
  }

  async #register(): Promise<void> {
    const { host, port } = this.#choice
    const { alive, hidden, onLoopback } = this.#registrant
    await this.#release?.()
    const release = await ensureEpmd(this.#choice, onLoopback)
    this.#release = release
    if (this.#isClosed) return release()
    const type = hidden ? NodeType.Hidden : NodeType.Visible
    const socket = await registerAlive(
      { host, port, timeoutMs: answerMs },
      alive,
      this.#registrant.port,
      type,
    )
    if (this.#isClosed) {
      await closed(socket)
      return release()
    }
    this.#socket = socket
    this.#pauseMs = firstPauseMs
    socket.once('close', this.#lost)
    if (socket.destroyed) this.#lost()
    else this.#registered()
    socket.unref()
    socket.resume()
  }

  #registered(): void {
    if (this.#told === undefined) return
    this.#told = undefined
    this.#listener.epmdUp()
  }

  readonly #lost = (): void => {
    const { host, port } = this.#choice
    this.#failed(
      new ErlangError(
        'ERR_ERL_NO_EPMD',
        `epmd at ${host}:${port} has closed its connection; until this node is registered again nobody finds it there`,
      ),
    )
  }

  #failed(error: ErlangError): void {
    if (this.#isClosed) return
    this.#registerLater()
    if (error.code === this.#told) return
    this.#told = error.code
    this.#listener.epmdDown(error)
  }

  /** Survivors of one epmd wake at different times, so that one of them starts the next. */
  #registerLater(): void {
    if (this.#isClosed) return
    clearTimeout(this.#pause)
    const pauseMs = this.#pauseMs * (0.5 + Math.random())
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    this.#pause = setTimeout(() => {
      this.#attempt = this.#register().catch((error) => this.#failed(error))
    }, pauseMs)
    this.#pause.unref()
  }
}

/** epmd frees a name when it sees the end of the connection: wait until it has been told. */
function closed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined || socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    socket.ref()
    socket.once('close', () => resolve())
    socket.end()
    socket.setTimeout(answerMs, () => socket.destroy())
  })
}

/** Resolves with `attempt`, which never rejects, or when the time is over. */
function atMost(ms: number, attempt: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void attempt.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
