import { atom } from '../../term/atom.js'
import type { Term, TermInput } from '../../term/term.js'
import type { SwitchConnection } from './connection.js'
import { readOk } from './reply.js'
import { Steps } from './steps.js'
import { Stream, type StreamOptions } from './stream.js'
import { SwitchProcess } from './switch-process.js'
import type { Kept, Upkeep } from './upkeep.js'

/**
 * All readers of one kind, events or log lines, of one client. FreeSWITCH knows one handler of the kind
 * for each connection: it is told what all readers together want, and each gets what it asked for.
 */
export abstract class ReaderHub<Item extends object, Wish> implements Kept {
  protected readonly connection: SwitchConnection
  protected readonly upkeep: Upkeep
  protected readonly streams = new Map<Stream<Item>, Wish>()
  protected handler: SwitchProcess | undefined
  /** What FreeSWITCH has been told. */
  protected told: Wish | undefined
  readonly #steps = new Steps(
    () => this.isDone(),
    () => this.step(),
  )

  constructor(connection: SwitchConnection, upkeep: Upkeep) {
    this.connection = connection
    this.upkeep = upkeep
  }

  get isWanted(): boolean {
    return this.streams.size > 0
  }

  open(wish: Wish, options: StreamOptions): Stream<Item> {
    const stream: Stream<Item> = new Stream(options, () => this.#close(stream))
    if (stream.isClosed) return stream
    this.streams.set(stream, wish)
    this.upkeep.add(this).then(
      () => stream.opened(),
      (error) => stream.fail(error),
    )
    return stream
  }

  sync(): Promise<void> {
    return this.#steps.run()
  }

  /** The client is closed. */
  close(): void {
    for (const stream of this.streams.keys()) stream.end()
    this.streams.clear()
    this.handler?.close()
  }

  /** Whether FreeSWITCH knows what is wanted. */
  protected abstract isDone(): boolean
  /** Brings that one request nearer. */
  protected abstract step(): Promise<void>
  /** Hands what has come to the readers that want it. */
  protected abstract message(message: Term): void

  /** FreeSWITCH has forgotten the handler. */
  protected forget(): void {
    this.told = undefined
  }

  /** Makes a handler known to FreeSWITCH, by that command. */
  protected async register(command: string): Promise<void> {
    this.handler ??= this.#newHandler()
    const { handler } = this
    const asked = `${command} of ${this.connection.peer}`
    try {
      readOk(await handler.ask(atom(command), asked, this.upkeep.wait()), asked)
    } catch (error) {
      // An answer that is still to come must not meet the next request.
      handler.close()
      if (handler === this.handler) this.handler = undefined
      throw error
    }
  }

  protected async ask(message: TermInput, command: string): Promise<void> {
    const asked = `${command} of ${this.connection.peer}`
    readOk(await this.connection.ask(message, asked, this.upkeep.wait()), asked)
  }

  #close(stream: Stream<Item>): void {
    if (!this.streams.delete(stream)) return
    this.upkeep.changed()
    // Without a connection there is nothing to be taken back.
    if (this.connection.isUp) this.sync().catch(() => undefined)
  }

  #newHandler(): SwitchProcess {
    const handler: SwitchProcess = new SwitchProcess(this.connection, {
      message: (message) => this.message(message),
      lost: () => {
        if (handler === this.handler) this.#lost()
      },
    })
    return handler
  }

  #lost(): void {
    const wasTold = this.told !== undefined
    this.forget()
    if (wasTold) for (const stream of this.streams.keys()) stream.gap('disconnected')
    this.upkeep.restore()
  }
}
