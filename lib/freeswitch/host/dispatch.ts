import { atomName } from '../../node/atom-name.js'
import type { MessageContext } from '../../node/process/handler-process.js'
import { isTuple, type Term } from '../../term/term.js'
import { apiTuples } from './commands/api.js'
import { basicAtoms } from './commands/basics.js'
import { type CommandTable, type Reply, type Request, refusal } from './commands/command.js'
import type { HostCore } from './host-core.js'

const atoms: CommandTable = { ...basicAtoms }
const tuples: CommandTable = { ...apiTuples }

const undef = refusal('undef')
const badarg = refusal('badarg')

/** One message to the host, whatever name it was sent to: its peer's turn, then the answer. */
export function dispatch(host: HostCore, message: Term, { from, node }: MessageContext): void {
  if (from === undefined) {
    if (node === host.node.name) host.told(message)
    return
  }
  const listener = host.listener(node)
  const answer = (reply: Reply): void => {
    if (reply !== undefined) void host.process.send(from, reply)
  }
  const isTaken = listener.take(() => {
    const reply = carryOut(message, { host, listener, from })
    if (reply instanceof Promise) return reply.then(answer)
    answer(reply)
    return undefined
  })
  if (!isTaken) answer(refusal('badmem'))
}

/** Source: mod_erlang_event, handle_msg.c, handle_msg; seed-systems 2.3. */
function carryOut(message: Term, from: Omit<Request, 'args'>): Reply | Promise<Reply> {
  const isCompound = isTuple(message)
  const name = atomName(isCompound ? message[0] : message)
  if (name === undefined) return undef
  if (!isLatin1(name)) return badarg
  const table = isCompound ? tuples : atoms
  const command = Object.hasOwn(table, name) ? table[name] : undefined
  if (command === undefined) return undef
  return command({ ...from, args: isCompound ? [...message].slice(1) : [] })
}

/** FreeSWITCH cannot read other atoms. */
function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false
  return true
}
