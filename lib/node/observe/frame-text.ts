import { format } from '../../term/format.js'
import type { Term } from '../../term/term.js'
import { Redactor, secretKeys } from './redact.js'
import type { TracedFrame } from './traced-frame.js'

/** How a frame is shown as text. */
export interface FrameTextOptions {
  /** Whether the message, the reason or the arguments are shown; true by default. */
  readonly terms?: boolean
  /** Longer lines are cut; 1,000 characters by default. */
  readonly maxLength?: number
  /** More keys whose values are secrets, beside those that are known: `password`, `token` and so on. */
  readonly secretKeys?: readonly string[]
  /** @internal Secrets themselves: the cookies of the node. */
  readonly secrets?: readonly string[]
}

const defaultLength = 1_000

/** `TIME NODE -> PEER #CHANNEL OPERATION field=… : payload` */
export function frameText(frame: TracedFrame, options: FrameTextOptions): string {
  const { terms = true, maxLength = defaultLength, secrets = [] } = options
  const redactor = new Redactor([...secretKeys, ...(options.secretKeys ?? [])], secrets)
  const arrow = frame.direction === 'out' ? '->' : '<-'
  const fields = Object.entries(frame.fields).map(
    ([name, value]) => `${name}=${shown(value, redactor)}`,
  )
  const head = [
    new Date(frame.timeMs).toISOString(),
    frame.node,
    arrow,
    frame.peer,
    `#${frame.channel}`,
    frame.operation,
    ...fields,
  ].join(' ')
  const line = terms && frame.hasPayload ? `${head} : ${payloadOf(frame, redactor)}` : head
  if (line.length <= maxLength) return line
  return `${line.slice(0, maxLength)}... (${line.length - maxLength} more)`
}

function payloadOf(frame: TracedFrame, redactor: Redactor): string {
  if (frame.payloadError !== undefined) return `no term: ${frame.payloadError}`
  const { payload } = frame
  return payload === undefined ? '' : shown(payload, redactor)
}

function shown(term: Term, redactor: Redactor): string {
  return format(redactor.redact(term))
}
