import { atomName } from '../../../node/atom-name.js'
import { settableLevel } from '../logs/settable-level.js'
import { badarg, type CommandTable, ok } from './command.js'

/** The atoms that are about a log handler. */
export const logAtoms: CommandTable = {
  register_log_handler: ({ host, listener, from }) => {
    host.process.link(from)
    listener.logHandler.register(from)
    return ok
  },

  nolog: ({ listener }) => {
    listener.logHandler.isOn = false
    listener.outbox.purge(listener.logHandler)
    return ok
  },
}

/** `{set_log_level, Level}`. */
export const logTuples: CommandTable = {
  set_log_level: ({ listener, args }) => {
    const text = args.length === 1 ? atomName(args[0]) : undefined
    const level = text === undefined ? undefined : settableLevel(text)
    if (level === undefined) return badarg
    listener.logHandler.level = level
    return ok
  },
}
