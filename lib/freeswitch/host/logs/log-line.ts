import { checkInteger, checkNames, checkObject, checkText } from '../../../base/validate.js'
import { invalidArgument, outOfRange } from '../../../errors.js'
import { encode } from '../../../index.js'
import { atom } from '../../../term/atom.js'
import { RawTerm } from '../../../term/raw.js'
import type { TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import { type LogLevel, logLevels } from '../../protocol/log-levels.js'
import { byteString } from '../../protocol/text.js'
import { localTime } from '../events/event-factory.js'
import { idleCpuPercent } from './idle-cpu.js'
import { logLevelOf } from './settable-level.js'

/** A line of the log, as a program gives it. */
export interface NewLogLine {
  /** In any case; `info` by default. */
  readonly level?: LogLevel | Uppercase<LogLevel>
  readonly text: string
  readonly file?: string
  readonly func?: string
  readonly line?: number
  /** The channel that it is about. */
  readonly uuid?: string
}

export interface LogLine {
  readonly level: number
  /** Date, time, idle CPU, level, place, text: one line with its end. */
  readonly formatted: string
  readonly file: string
  readonly func: string
  readonly line: number
  readonly uuid: string
}

const names = ['level', 'text', 'file', 'func', 'line', 'uuid']

/** Errors: TypeError and RangeError name what is wrong with it. */
export function resolveLogLine(given: NewLogLine): LogLine {
  checkNames('log', checkObject('line', given), names)
  const { level: name = 'info', text, file = 'event-host', func = 'log', line = 0, uuid } = given
  const level = logLevelOf(checkText('level', name))
  if (level === undefined)
    throw outOfRange('level', `one of ${Object.keys(logLevels).join(', ')}`, name)
  if (typeof text !== 'string') throw invalidArgument('text', 'a string', text)
  checkText('file', file)
  checkText('func', func)
  checkInteger('line', line, 0, Number.MAX_SAFE_INTEGER)
  if (uuid !== undefined) checkText('uuid', uuid)
  const place = `${file.slice(file.lastIndexOf('/') + 1)}:${line}`
  const formatted = `${timestamp()} ${idleCpuPercent().toFixed(2)}% [${name.toUpperCase()}] ${place} ${text}`
  return {
    level,
    formatted: formatted.endsWith('\n') ? formatted : `${formatted}\n`,
    file: file.slice(file.lastIndexOf('/') + 1),
    func,
    line,
    uuid: uuid ?? '',
  }
}

/**
 * The message to log handlers; its text travels as strings in both encodings.
 *
 * Shape: `{log, [{level, L}, {text_channel, L}, {file, F}, {func, F}, {line, N}, {data, Text},
 *        {user_data, Uuid}]}`.
 */
export function logTerm({ level, formatted, file, func, line, uuid }: LogLine): RawTerm {
  const pairs: readonly (readonly [string, TermInput])[] = [
    ['level', level],
    ['text_channel', level],
    ['file', byteString(file)],
    ['func', byteString(func)],
    ['line', line],
    ['data', byteString(formatted)],
    ['user_data', byteString(uuid)],
  ]
  const list = pairs.map(([name, value]) => tuple(atom(name), value))
  return new RawTerm(encode(tuple(atom('log'), list)).subarray(1))
}

function timestamp(): string {
  const now = new Date()
  return `${localTime(now)}.${String(now.getMilliseconds()).padStart(3, '0')}000`
}
