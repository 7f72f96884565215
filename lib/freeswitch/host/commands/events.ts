import { atomName } from '../../../node/atom-name.js'
import { atom } from '../../../term/atom.js'
import { tuple } from '../../../term/tuple.js'
import type { HandlerTarget } from '../events/event-handlers.js'
import { badarg, type Command, type CommandTable, ok, type Request, refusal } from './command.js'

const notListening = refusal('notlistening')

/** The atoms that are about an event handler. */
export const eventAtoms: CommandTable = {
  register_event_handler: (request) => {
    request.host.process.link(request.from)
    return register(request, request.from)
  },

  noevents: ({ listener, from }) => {
    const handler = listener.eventHandlers.of(from)
    if (!handler.isOn) return notListening
    handler.turnOff()
    listener.outbox.purge(handler)
    return ok
  },
}

/** The tuples that are about an event handler. */
export const eventTuples: CommandTable = {
  event: withElements(({ listener, from, args }) => {
    const handler = listener.eventHandlers.of(from)
    handler.subscription.add(args)
    handler.isOn = true
    return ok
  }),

  nixevent: withElements(({ listener, from, args }) => {
    listener.eventHandlers.of(from).subscription.remove(args)
    return ok
  }),

  setevent: withElements(({ listener, from, args }) => {
    const handler = listener.eventHandlers.of(from)
    handler.isOn = true
    return handler.subscription.replace(args) ? ok : badarg
  }),

  filter: withElements(({ host, listener, from, args }) => {
    const { filters } = listener.eventHandlers.of(from)
    return tuple(atom('filter_command_processing_log'), filters.apply(args, host.options.encoding))
  }),

  /** `{register_event_handler, Name}`: a name at the sender's node gets the events. */
  register_event_handler: (request) => {
    const name = atomName(request.args[0])
    if (name === undefined || name === '') return badarg
    return register(request, { name, node: request.listener.peer })
  },
}

function register({ listener, from }: Request, target: HandlerTarget) {
  listener.eventHandlers.register(target, from)
  return ok
}

/** The tag alone is refused. */
function withElements(command: Command): Command {
  return (request) => (request.args.length === 0 ? badarg : command(request))
}
