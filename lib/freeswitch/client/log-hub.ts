import {
  checkChoice,
  checkInteger,
  checkNames,
  checkObject,
  checkSignal,
} from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'
import { atom } from '../../term/atom.js'
import type { Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { type LogLevel, logLevels } from '../protocol/log-levels.js'
import { type LogLine, readLogLine } from './log-line.js'
import { checkQueueLimit } from './options.js'
import { ReaderHub } from './reader-hub.js'
import type { Gap, Stream, StreamOptions } from './stream.js'

/** Which lines of the log are wanted. */
export interface LogOptions {
  /**
   * The least urgent ones that are wanted, `'debug'` by default, or their number, 1 to 63. Lines of
   * level 0, `console`, come always.
   */
  readonly level?: Exclude<LogLevel, 'console'> | number
  /** Closes the stream when it aborts. */
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

/** All readers of log lines of one client: FreeSWITCH is told the level of the one that wants most. */
export class LogHub extends ReaderHub<LogLine, number> {
  protected isDone(): boolean {
    if (!this.isWanted) return this.handler === undefined
    return this.told === this.#level()
  }

  protected async step(): Promise<void> {
    if (!this.isWanted) return await this.#stop()
    if (this.told !== undefined) return await this.#setLevel(this.#level())
    await this.register('register_log_handler')
    this.told = firstLevel
  }

  protected message(message: Term): void {
    const line = readLogLine(message)
    if (line === undefined) return
    for (const [stream, level] of this.streams) if (line.level <= level) stream.push(line)
  }

  #level(): number {
    return Math.max(...this.streams.values())
  }

  async #setLevel(level: number): Promise<void> {
    const name = levelNames[level - 1] ?? String(level)
    await this.ask(tuple(atom('set_log_level'), atom(name)), 'set_log_level')
    this.told = level
  }

  async #stop(): Promise<void> {
    const { handler } = this
    const wasTold = this.told !== undefined
    this.handler = undefined
    this.forget()
    try {
      if (wasTold) await this.ask(atom('nolog'), 'nolog')
    } finally {
      handler?.close()
    }
  }
}
