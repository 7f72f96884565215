import { atom } from '../../../term/atom.js'
import { tuple } from '../../../term/tuple.js'
import { type CommandTable, ok } from './command.js'

/** The atoms that are about the connection itself. */
export const basicAtoms: CommandTable = {
  getpid: ({ host }) => tuple(atom('ok'), host.process.pid),

  /** A help for finding faults: links the sender, and says nothing. */
  link: ({ host, from }) => {
    host.process.link(from)
    return undefined
  },

  exit: ({ listener }) => {
    listener.close()
    return ok
  },
}
