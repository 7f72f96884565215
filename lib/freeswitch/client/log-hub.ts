import { invalidArgument } from '../../errors.js'
import {
  checkChoice,
  checkInteger,
  checkNames,
  checkObject,
  checkSignal,
} from '../../node/validate.js'
import { atom } from '../../term/atom.js'
import type { Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { type LogLevel, logLevels } from '../protocol/log-levels.js'
import type { SwitchConnection } from './connection.js'
import { type LogLine, readLogLine } from './log-line.js'
import { checkQueueLimit } from './options.js'
import { readOk } from './reply.js'
import { Steps } from './steps.js'
import { type Gap, Stream, type StreamOptions } from './stream.js'
import { SwitchProcess } from './switch-process.js'
import type { Kept, Upkeep } from './upkeep.js'

/** Which lines of the log are wanted. */
export interface LogOptions {
  /**
   * The least urgent ones that are wanted, `'debug'` by default, or their number, 1 to 63. Lines of
   * level 0, `console`, come always.
   */
  readonly level?: Exclude<LogLevel, 'console'> | number
  readonly signal?: AbortSignal
  /** Lines that may wait; the client's by default. */
  readonly queueLimit?: number
  /** Told where lines are missing: after a lost connection, or when too many were waiting. */
  readonly onGap?: (gap: Gap) => void
}

/** Lines of the log as they come, to be read with `for await`. */
export type LogStream = Stream<LogLine>

const logOptionNames = ['level', 'signal', 'queueLimit', 'onGap']
const levelNames = ['alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
const mostLevel = 63
/** What `register_log_handler` sets. */
const firstLevel = logLevels.debug

/** Errors: TypeError and RangeError that name option, rule and value. */
export function resolveLogs(
  options: LogOptions,
  defaultQueueLimit: number,
): { readonly level: number; readonly stream: StreamOptions } {
  checkNames('logs', checkObject('options', options), logOptionNames)
  const { level = 'debug', signal, queueLimit = defaultQueueLimit, onGap } = options
  if (onGap !== undefined && typeof onGap !== 'function') {
    throw invalidArgument('onGap', 'a function', onGap)
  }
  return {
    level:
      typeof level === 'number'
        ? checkInteger('level', level, 1, mostLevel)
        : logLevels[checkChoice('level', level, levelNames)],
    stream: {
      queueLimit: checkQueueLimit(queueLimit),
      signal: signal === undefined ? undefined : checkSignal(signal),
      onGap,
    },
  }
}

/** All readers of the log of one client: FreeSWITCH knows one handler and one level. */
export class LogHub implements Kept {
  readonly #connection: SwitchConnection
  readonly #upkeep: Upkeep
  readonly #streams = new Map<LogStream, number>()
  readonly #steps = new Steps(
    () => this.#isDone(),
    () => this.#step(),
  )
  #handler: SwitchProcess | undefined
  /** What FreeSWITCH has been told. */
  #told: number | undefined

  constructor(connection: SwitchConnection, upkeep: Upkeep) {
    this.#connection = connection
    this.#upkeep = upkeep
  }

  get isWanted(): boolean {
    return this.#streams.size > 0
  }

  open(level: number, options: StreamOptions): LogStream {
    const stream: LogStream = new Stream(options, () => this.#close(stream))
    if (stream.isClosed) return stream
    this.#streams.set(stream, level)
    this.#upkeep.add(this).then(
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
    for (const stream of this.#streams.keys()) stream.end()
    this.#streams.clear()
    this.#handler?.close()
  }

  #close(stream: LogStream): void {
    if (!this.#streams.delete(stream)) return
    this.#upkeep.changed()
    if (this.#connection.isUp) this.sync().catch(() => undefined)
  }

  #isDone(): boolean {
    if (!this.isWanted) return this.#handler === undefined
    return this.#told === this.#level()
  }

  #level(): number {
    return Math.max(...this.#streams.values())
  }

  async #step(): Promise<void> {
    if (!this.isWanted) await this.#stop()
    else if (this.#told === undefined) await this.#register()
    else await this.#setLevel(this.#level())
  }

  async #register(): Promise<void> {
    const handler = this.#handler ?? this.#newHandler()
    this.#handler = handler
    const asked = `register_log_handler of ${this.#connection.peer}`
    try {
      readOk(await handler.ask(atom('register_log_handler'), asked, this.#upkeep.wait()), asked)
    } catch (error) {
      // An answer that is still to come must not meet the next request.
      handler.close()
      if (handler === this.#handler) this.#handler = undefined
      throw error
    }
    this.#told = firstLevel
  }

  async #setLevel(level: number): Promise<void> {
    const name = levelNames[level - 1] ?? String(level)
    await this.#ask(tuple(atom('set_log_level'), atom(name)), 'set_log_level')
    this.#told = level
  }

  async #stop(): Promise<void> {
    const handler = this.#handler
    this.#handler = undefined
    const wasTold = this.#told !== undefined
    this.#told = undefined
    try {
      if (wasTold) await this.#ask(atom('nolog'), 'nolog')
    } finally {
      handler?.close()
    }
  }

  async #ask(message: Parameters<SwitchConnection['ask']>[0], command: string): Promise<void> {
    const asked = `${command} of ${this.#connection.peer}`
    readOk(await this.#connection.ask(message, asked, this.#upkeep.wait()), asked)
  }

  #newHandler(): SwitchProcess {
    const handler: SwitchProcess = new SwitchProcess(this.#connection, {
      message: (message) => this.#message(message),
      lost: () => {
        if (handler === this.#handler) this.#lost()
      },
    })
    return handler
  }

  #message(message: Term): void {
    const line = readLogLine(message)
    if (line === undefined) return
    for (const [stream, level] of this.#streams) if (line.level <= level) stream.push(line)
  }

  #lost(): void {
    if (this.#told !== undefined) {
      this.#told = undefined
      for (const stream of this.#streams.keys()) stream.gap('disconnected')
    }
    this.#upkeep.restore()
  }
}
