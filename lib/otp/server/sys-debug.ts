import { atomName } from '../../node/atom-name.js'
import type { Atom } from '../../term/atom.js'
import { atom } from '../../term/atom.js'
import { format } from '../../term/format.js'
import { externalFun } from '../../term/fun.js'
import type { Pid } from '../../term/pid.js'
import { isInteger, isTagged, isTuple, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { type GenFrom, readGenCall } from '../gen-reply.js'
import { formatText } from '../io/format.js'

/** What a server does that `sys` can watch, as gen_server names it. */
export type SysEvent =
  | { readonly kind: 'in'; readonly message: Term }
  | {
      readonly kind: 'out'
      readonly reply: TermInput
      readonly from: GenFrom
      readonly state: TermInput
    }
  | { readonly kind: 'noreply'; readonly state: TermInput }

/** Events that `{log, true}` keeps. */
const defaultLogSize = 10
/** In characters. Anybody may trace a server, and send to it. */
const longestLaidOut = 4_096

const ok = atom('ok')
const printEvent = externalFun('gen_server', 'print_event', 3)

/** The latest events, as many as it may keep. */
interface EventLog {
  readonly size: number
  readonly events: SysEvent[]
}

interface Statistics {
  readonly startedAt: Date
  in: number
  out: number
}

/**
 * What `sys:trace/2`, `sys:log/2` and `sys:statistics/2` have switched on for one server.
 *
 * Source: OTP 25, stdlib/src/sys.erl, debug_cmd/2 and handle_debug/4; the texts and the events are
 *         those of stdlib/src/gen_server.erl, print_event/3.
 */
export class SysDebug {
  readonly #name: Pid | Atom | boolean
  readonly #print: (text: string) => void
  #isTracing = false
  #log: EventLog | undefined
  #statistics: Statistics | undefined

  /** @param name what the texts call the server */
  constructor(name: Pid | Atom | boolean, print: (text: string) => void) {
    this.#name = name
    this.#print = print
  }

  /** Whether anybody watches: else no event need be made. */
  get isOn(): boolean {
    return this.#isTracing || this.#log !== undefined || this.#statistics !== undefined
  }

  /** The events that are kept, oldest first. */
  get log(): TermInput[] {
    return this.#log?.events.map(eventTerm) ?? []
  }

  handle(event: SysEvent): void {
    if (this.#isTracing) this.#print(this.#textOf(event))
    if (this.#log !== undefined) {
      this.#log.events.push(event)
      if (this.#log.events.length > this.#log.size) this.#log.events.shift()
    }
    if (this.#statistics === undefined) return
    if (event.kind === 'in') this.#statistics.in += 1
    else if (event.kind === 'out') this.#statistics.out += 1
  }

  /** `{debug, What}`: does it, and gives the answer. */
  command(what: Term): TermInput {
    if (atomName(what) === 'no_debug') return this.#switchOff()
    if (!isTuple(what, 2)) return unknownDebug
    const [item, argument] = what
    switch (atomName(item)) {
      case 'trace':
        return this.#commandTrace(argument)
      case 'log':
        return this.#commandLog(argument)
      case 'statistics':
        return this.#commandStatistics(argument)
      case 'log_to_file':
        // Files of this machine are not a peer's to write: the answer is that of a failed open.
        return argument === false ? ok : tuple(atom('error'), atom('open_file'))
      case 'install':
      case 'remove':
        // A fun that fails is taken out by its first event, and funs of Erlang cannot run here.
        return ok
      default:
        return unknownDebug
    }
  }

  /** As `sys:get_status/1` shows it. */
  toTerm(): TermInput[] {
    const items: TermInput[] = []
    if (this.#isTracing) items.push(tuple(atom('trace'), true))
    if (this.#log !== undefined) items.push(tuple(atom('log'), this.#logTerm(this.#log)))
    if (this.#statistics !== undefined) {
      const { startedAt, in: received, out } = this.#statistics
      const reductions = tuple(atom('reductions'), 0)
      const counts = tuple(localTime(startedAt), reductions, received, out)
      items.push(tuple(atom('statistics'), counts))
    }
    return items
  }

  /** `[Free | Newest…]` while there is room, `[[] | Oldest…]` when full: the `nlog` of sys.erl. */
  #logTerm({ size, events }: EventLog): TermInput {
    const entries = events.map((event) => tuple(eventTerm(event), this.#name, printEvent))
    return events.length < size
      ? [size - events.length, ...entries.reverse()]
      : [[] as TermInput, ...entries]
  }

  #switchOff(): TermInput {
    this.#isTracing = false
    this.#log = undefined
    this.#statistics = undefined
    return ok
  }

  #commandTrace(argument: Term): TermInput {
    if (typeof argument !== 'boolean') return unknownDebug
    this.#isTracing = argument
    return ok
  }

  #commandLog(argument: Term): TermInput {
    const sized = isTuple(argument, 2) && argument[0] === true ? argument[1] : undefined
    if (argument === true) this.#startLog(defaultLogSize)
    else if (argument === false) this.#log = undefined
    else if (isInteger(sized) && sized >= 1) this.#startLog(Number(sized))
    else if (atomName(argument) === 'get') return tuple(ok, this.log)
    else if (atomName(argument) === 'print') {
      for (const event of this.#log?.events ?? []) this.#print(this.#textOf(event))
    } else return unknownDebug
    return ok
  }

  /** A log that is on keeps its size, as in `sys`. */
  #startLog(size: number): void {
    this.#log ??= { size, events: [] }
  }

  #commandStatistics(argument: Term): TermInput {
    if (atomName(argument) === 'get') return tuple(ok, this.#counts())
    if (typeof argument !== 'boolean') return unknownDebug
    if (!argument) this.#statistics = undefined
    else this.#statistics ??= { startedAt: new Date(), in: 0, out: 0 }
    return ok
  }

  /** JavaScript counts no reductions. */
  #counts(): TermInput {
    if (this.#statistics === undefined) return atom('no_statistics')
    const { startedAt, in: received, out } = this.#statistics
    return [
      tuple(atom('start_time'), localTime(startedAt)),
      tuple(atom('current_time'), localTime(new Date())),
      tuple(atom('reductions'), 0),
      tuple(atom('messages_in'), received),
      tuple(atom('messages_out'), out),
    ]
  }

  #textOf(event: SysEvent): string {
    const name = this.#name
    switch (event.kind) {
      case 'in':
        return textOfMessage(name, event.message)
      case 'out': {
        const { reply, from, state } = event
        return written('*DBG* ~tp sent ~tp to ~tw, new state ~tp~n', [name, reply, from.pid, state])
      }
      case 'noreply':
        return written('*DBG* ~tp new state ~tp~n', [name, event.state])
    }
  }
}

const unknownDebug = atom('unknown_debug')

function textOfMessage(name: TermInput, message: Term): string {
  const call = readGenCall(message)
  if (call !== undefined) {
    return written('*DBG* ~tp got call ~tp from ~tw~n', [name, call.request, call.from.pid])
  }
  if (isTagged(message, '$gen_cast', 2)) {
    return written('*DBG* ~tp got cast ~tp~n', [name, message[1]])
  }
  return written('*DBG* ~tp got ~tp~n', [name, message])
}

/** As `io:format` writes it, with line breaks; what is long is not laid out, which would take long. */
function written(shape: string, args: readonly TermInput[]): string {
  const texts = args.map((term) => format(term))
  const line = shape.replace(/~t[pw]|~n/g, (part) => (part === '~n' ? '\n' : (texts.shift() ?? '')))
  return line.length > longestLaidOut ? line : formatText(shape, args)
}

function eventTerm(event: SysEvent): TermInput {
  switch (event.kind) {
    case 'in':
      return tuple(atom('in'), event.message)
    case 'out':
      return tuple(atom('out'), event.reply, tuple(event.from.pid, event.from.tag), event.state)
    case 'noreply':
      return tuple(atom('noreply'), event.state)
  }
}

/** `erlang:localtime()` of a moment. */
function localTime(at: Date): TermInput {
  return tuple(
    tuple(at.getFullYear(), at.getMonth() + 1, at.getDate()),
    tuple(at.getHours(), at.getMinutes(), at.getSeconds()),
  )
}
