import { epmdNames } from '../../index.js'
import { type Command, optionalText } from '../command.js'
import { ExitCode } from '../exit-code.js'

/** As `epmd -names`, for any host. */
export const namesCommand: Command = {
  usage: 'names [host]',
  describe: "List the nodes that a host's epmd knows",
  build: (parser) =>
    parser.positional('host', { type: 'string', describe: '127.0.0.1 by default' }),
  async run(given, context) {
    const { settings, output } = context
    const host = optionalText(given, 'host') ?? '127.0.0.1'
    const { timeoutMs } = settings
    const names = await context.during(`asking epmd at ${host}`, () =>
      epmdNames({ host, timeoutMs }),
    )
    if (output.isJson) output.result('', names)
    else for (const { alive, port } of names) output.line(`name ${alive} at port ${port}`)
    if (!output.isJson && names.length === 0) output.note(`epmd at ${host} knows no node`)
    return ExitCode.Ok
  },
}
