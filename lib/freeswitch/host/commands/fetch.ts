import { atomName } from '../../../node/atom-name.js'
import { atom } from '../../../term/atom.js'
import { tuple } from '../../../term/tuple.js'
import { sectionMask } from '../../protocol/sections.js'
import { readText, writeText } from '../../protocol/text.js'
import { badarg, type CommandTable, ok, refusal } from './command.js'

/** The tuples of those who answer lookups of XML. */
export const fetchTuples: CommandTable = {
  bind: ({ host, from, args }) => {
    const mask = sectionMask(atomName(args[0]) ?? '')
    if (mask === 0) return badarg
    if (!host.fetches.bind(from, mask)) return refusal('badmem')
    host.process.link(from)
    return ok
  },

  /** `{ok, Id}` says that somebody waited for it; what it is worth only the host's program hears. */
  fetch_reply: ({ host, from, args }) => {
    if (args.length === 0) return refusal('invalid_uuid')
    const id = readText(args[0])
    if (id === undefined) return badarg
    if (!host.fetches.answered(id, args[1], from)) return refusal('invalid_uuid')
    return tuple(atom('ok'), writeText(id, host.options.encoding))
  },
}
