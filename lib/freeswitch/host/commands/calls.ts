import { atomName } from '../../../node/atom-name.js'
import type { Term } from '../../../term/term.js'
import { readHeaders } from '../../protocol/read-headers.js'
import type { Header } from '../../protocol/switch-event.js'
import { readString, readText } from '../../protocol/text.js'
import type { CallHandler } from '../calls/attachment.js'
import { readCallCommand } from '../calls/call-command.js'
import { badarg, type CommandTable, ok, type Reply, type Request, refusal } from './command.js'

/** FreeSWITCH's room for the id of a call, in bytes. */
const maxUuidBytes = 256

const notListening = refusal('notlistening')

/** The atom that is about the calls of a process. */
export const callAtoms: CommandTable = {
  session_noevents: ({ host, from }) => {
    const attachment = host.calls.firstOf(from)
    attachment?.subscription.clear()
    return attachment === undefined ? notListening : ok
  },
}

/** The tuples that are about calls. */
export const callTuples: CommandTable = {
  handlecall: (request) => {
    const { args, from } = request
    if (args.length === 1) return attach(request, args[0], from)
    if (args.length !== 2) return badarg
    const { handlecallOrder } = request.host.options
    const isNameFirst = atomName(args[0]) !== undefined || handlecallOrder === 'strict'
    const [name, uuid] = isNameFirst ? args : [args[1], args[0]]
    const registered = atomName(name)
    if (!registered) return badarg
    return attach(request, uuid, { name: registered, node: request.listener.peer })
  },

  sendmsg: ({ host, from, args }) => {
    const [id, list] = args
    const uuid = readText(id)
    if (uuid === undefined || Buffer.byteLength(uuid) > maxUuidBytes) return badarg
    if (!isHeaderList(list)) return badarg
    // FreeSWITCH loses count of the elements after empty text; after `[]` that does no harm.
    if (uuid === '') return Array.isArray(id) ? refusal('nosession') : badarg
    const call = host.calls.get(uuid)
    if (call === undefined) return refusal('nosession')
    const headers = readHeaders(list)
    if (headers === undefined) return badarg
    return call.command(readCallCommand(headers.filter(hasValue), from)) ? ok : refusal('badmem')
  },

  session_event: sessionCommand((subscription, args) => {
    subscription.add(args)
    return ok
  }),

  session_nixevent: sessionCommand((subscription, args) => {
    subscription.remove(args)
    return ok
  }),

  /** With `ALL` FreeSWITCH answers `{error}`: a refusal that breaks off. */
  session_setevent: sessionCommand((subscription, args) =>
    subscription.replace(args) ? ok : badarg,
  ),
}

type Subscription = NonNullable<ReturnType<Request['host']['calls']['firstOf']>>['subscription']

function sessionCommand(
  change: (subscription: Subscription, args: readonly Term[]) => Reply,
): CommandTable[string] {
  return ({ host, from, args }) => {
    if (args.length === 0) return badarg
    const attachment = host.calls.firstOf(from)
    return attachment === undefined ? notListening : change(attachment.subscription, args)
  }
}

/** Text is a list too, but of another kind on the wire. */
function isHeaderList(term: Term | undefined): boolean {
  return Array.isArray(term) && (term.length === 0 || readString(term) === undefined)
}

/** FreeSWITCH drops a header without one. */
function hasValue([, value]: Header): boolean {
  return value !== ''
}

function attach({ host }: Request, id: Term | undefined, handler: CallHandler): Reply {
  const uuid = readText(id)
  if (uuid === undefined) return badarg
  if (uuid === '') return refusal('baduuid')
  const call = host.calls.get(uuid)
  if (call === undefined) return refusal('badsession')
  call.handledBy(handler)
  return ok
}
