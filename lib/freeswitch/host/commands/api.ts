import { atomName } from '../../../node/atom-name.js'
import { atom } from '../../../term/atom.js'
import { tuple } from '../../../term/tuple.js'
import { readText, writeText } from '../../protocol/text.js'
import { badarg, type CommandTable, type Request } from './command.js'

/** `{api, Command, Arguments}`. */
export const apiTuples: CommandTable = {
  api: async (request) => {
    const asked = readApi(request)
    if (asked === undefined) return badarg
    const { host } = request
    const { output, isError } = await host.apis.run(
      asked.command,
      asked.args,
      request.listener.peer,
    )
    return tuple(atom(isError ? 'error' : 'ok'), writeText(output, host.options.encoding))
  },
}

/** Errors: undefined for what is no atom with text. */
function readApi({ args }: Request): { command: string; args: string } | undefined {
  const command = atomName(args[0])
  const text = readText(args[1])
  return command === undefined || text === undefined ? undefined : { command, args: text }
}
