import { type Command, flag, text, texts } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { fullPeerName, thisMachine } from '../own-name.js'
import { withPeer } from '../session.js'
import { termOptions, WrittenTerms } from './term-options.js'

/** Calls a function and prints its value. What the function prints is printed, too. */
export const callCommand: Command = {
  usage: 'call <node> <module> <function> [args..]',
  describe: 'Call a function; each argument is a term',
  build: (parser) =>
    termOptions(parser)
      .option('quiet', { type: 'boolean', describe: 'Do not print the value' })
      .option('kill', {
        type: 'boolean',
        describe: 'Kill the remote process when the time is over or Ctrl-C is pressed',
      })
      .positional('node', { type: 'string', describe: 'Its name: shop@127.0.0.1, or shop here' })
      .positional('module', { type: 'string', describe: "lists, or Elixir's String" })
      .positional('function', { type: 'string', describe: 'Without quotes' })
      .positional('args', {
        type: 'string',
        array: true,
        describe: 'Erlang terms, or JSON; - is standard input',
      }),
  async run(given, context) {
    const { settings, output, signal } = context
    const peer = fullPeerName(text(given, 'node'), thisMachine())
    const written = await WrittenTerms.read(texts(given, 'args'), given, peer, context)
    const value = await withPeer(peer, settings, (session) =>
      context.during(`waiting for ${peer}`, async (progress) => {
        const args = await written.at(session, context)
        const { node } = session
        return node.rpc(peer, moduleName(text(given, 'module')), text(given, 'function'), args, {
          timeoutMs: settings.timeoutMs,
          signal,
          kill: flag(given, 'kill'),
          onOutput: (printed) => {
            progress.clear()
            output.printed(printed)
          },
        })
      }),
    )
    if (!flag(given, 'quiet')) output.term(value)
    return ExitCode.Ok
  },
}

/** Modules with a capital are Elixir's, which has them as `'Elixir.String'`. */
export function moduleName(name: string): string {
  return /^[A-Z]/.test(name) && !name.startsWith('Elixir.') ? `Elixir.${name}` : name
}
