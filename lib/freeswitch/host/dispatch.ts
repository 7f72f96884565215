import { atomName } from '../../node/atom-name.js'
import type { MessageContext } from '../../node/process/handler-process.js'
import { settled } from '../../node/route.js'
import { format } from '../../term/format.js'
import type { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import { isTagged, isTuple, type Term } from '../../term/term.js'
import { isLatin1 } from '../protocol/text.js'
import { apiTuples } from './commands/api.js'
import { basicAtoms } from './commands/basics.js'
import { callAtoms, callTuples } from './commands/calls.js'
import { badarg, type CommandTable, type Reply, type Request, refusal } from './commands/command.js'
import { eventAtoms, eventTuples } from './commands/events.js'
import { fetchTuples } from './commands/fetch.js'
import { logAtoms, logTuples } from './commands/logs.js'
import { pidAnswer, rexTuples } from './commands/pid-answer.js'
import { sendeventTuples } from './commands/sendevent.js'
import { GenCall, readGenCall } from './gen-call.js'
import type { HostCore } from './host-core.js'
import type { Listener } from './listener.js'

const atoms: CommandTable = { ...basicAtoms, ...callAtoms, ...eventAtoms, ...logAtoms }
const tuples: CommandTable = {
  ...apiTuples,
  ...callTuples,
  ...eventTuples,
  ...fetchTuples,
  ...logTuples,
  ...rexTuples,
  ...sendeventTuples,
}

const undef = refusal('undef')
const aclDenied = refusal('acldeny')

/** One message to the host, whatever name it was sent to: its peer's turn, then the answer. */
export function dispatch(host: HostCore, message: Term, context: MessageContext): void {
  const { node } = context
  if (context.from === undefined && node === host.node.name) {
    host.told(message)
    return
  }
  const listener = host.listener(node)
  // C nodes do not say who sends to a pid; FreeSWITCH answers the last whom it knows then.
  const from = context.from ?? listener.lastSender
  if (from === undefined) return
  listener.lastSender = from
  if (host.isDebugging) tellMessage(host, message, node)
  const call = readGenCall(message, node)
  const answer: Answer = (reply) => {
    // Whoever has lost the connection meanwhile must not be dialled for it.
    if (listener.isClosed) return undefined
    if (call !== undefined) return whenTaken(call.answer(host.process, reply))
    return reply === undefined ? undefined : whenTaken(host.process.send(from, reply))
  }
  if (listener.isDenied) {
    if (listener.refuse()) void answer(aclDenied)
    return
  }
  const request = call?.request ?? message
  const work = () => doOne(host, listener, request, call ?? from, answer)
  if (isAnswer(request)) void work()
  else if (!listener.take(work)) void answer(refusal('badmem'))
}

/** Sends what is answered, if anything. The promise: the peer has more to read than it may. */
type Answer = (reply: Reply) => undefined | Promise<void>

function whenTaken(sent: Promise<void>): undefined | Promise<void> {
  // What could not be sent is lost, as with `!`.
  return sent === settled ? undefined : sent.catch(() => undefined)
}

/**
 * Answers to what the host has asked. They do not wait behind a command of the same peer, which may
 * itself be waiting for them.
 */
function isAnswer(message: Term): boolean {
  if (!isTuple(message)) return false
  return isTagged(message, 'fetch_reply') || isTagged(message, 'rex') || Reference.is(message[0])
}

/**
 * Carries out one message. The promise, where there is one, never rejects; it is there too when the
 * peer does not read its answers, so that no more of them are made.
 */
function doOne(
  host: HostCore,
  listener: Listener,
  message: Term,
  sender: GenCall | Pid,
  answer: Answer,
): undefined | Promise<void> {
  const failed = (error: unknown): undefined | Promise<void> => {
    host.failed('a command', error)
    return answer(badarg)
  }
  const isCall = sender instanceof GenCall
  const from = isCall ? sender.from : sender
  try {
    const reply = carryOut(message, { host, listener, from, isCall })
    return reply instanceof Promise ? reply.then(answer).catch(failed) : answer(reply)
  } catch (error) {
    return failed(error)
  }
}

/** Source: mod_erlang_event, handle_msg.c, handle_msg; seed-systems 2.3. */
function carryOut(message: Term, from: Omit<Request, 'args'>): Reply | Promise<Reply> {
  const isCompound = isTuple(message)
  if (isCompound && Reference.is(message[0])) return pidAnswer(from.host, [...message])
  const name = atomName(isCompound ? message[0] : message)
  if (name === undefined) return undef
  if (!isLatin1(name)) return badarg
  const table = isCompound ? tuples : atoms
  const command = Object.hasOwn(table, name) ? table[name] : undefined
  if (command === undefined) return undef
  return command({ ...from, args: isCompound ? [...message].slice(1) : [] })
}

const longestTold = 10_000

/** What `erlang debug on` asks for. */
function tellMessage(host: HostCore, message: Term, peer: string): void {
  const text = `from ${peer}: ${format(message).slice(0, longestTold)}`
  host.logs.log({ level: 'debug', text, file: 'mod_erlang_event.c', func: 'listener_main_loop' })
}
