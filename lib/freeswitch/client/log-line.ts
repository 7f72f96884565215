import { atomName } from '../../node/atom-name.js'
import { isTagged, isTuple, type Term } from '../../term/term.js'
import { type LogLevel, logLevels } from '../protocol/log-levels.js'
import { readSentText } from '../protocol/text.js'

/** A line of FreeSWITCH's log. */
export interface LogLine {
  /** From 0, `console`, to 7, `debug`, or more. */
  readonly level: number
  /** The name of the level; undefined above 7. */
  readonly levelName: LogLevel | undefined
  /** The line as it is printed, with its end: date, time, idle CPU, level, place and text. */
  readonly text: string
  readonly file: string
  readonly func: string
  readonly line: number
  /** The channel that it is about. */
  readonly uuid: string | undefined
}

const nameOfLevel = new Map<number, LogLevel>(
  Object.entries(logLevels).map(([name, level]) => [level, name as LogLevel]),
)

/**
 * Shape: `{log, [{level, Int}, {text_channel, Int}, {file, Str}, {func, Str}, {line, Int},
 *        {data, Str}, {user_data, Str}]}`; text_channel repeats the level, user_data is the channel.
 * Returns: undefined for what is no line of a log.
 */
export function readLogLine(message: Term): LogLine | undefined {
  if (!isTagged(message, 'log', 2) || !Array.isArray(message[1])) return undefined
  const fields = new Map<string, Term>()
  for (const field of message[1]) {
    const name = isTuple(field, 2) ? atomName(field[0]) : undefined
    if (name !== undefined && isTuple(field, 2)) fields.set(name, field[1])
  }
  const level = fields.get('level')
  if (typeof level !== 'number') return undefined
  const uuid = readSentText(fields.get('user_data'))
  const line = fields.get('line')
  return {
    level,
    levelName: nameOfLevel.get(level),
    text: readSentText(fields.get('data')) ?? '',
    file: readSentText(fields.get('file')) ?? '',
    func: readSentText(fields.get('func')) ?? '',
    line: typeof line === 'number' ? line : 0,
    uuid: uuid === '' ? undefined : uuid,
  }
}
