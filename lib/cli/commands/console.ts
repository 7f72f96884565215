import type { FreeSwitch } from '../../freeswitch/index.js'
import { type Command, type CommandContext, text, texts } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { withPeer } from '../session.js'
import { LineReader } from '../shell/line-reader.js'

/** The console of an event host or of FreeSWITCH, by its API commands. */
export const consoleCommand: Command = {
  usage: 'console <node> [command..]',
  describe: 'Run a command of an event host (or FreeSWITCH), or read them line by line',
  build: (parser) =>
    parser
      .positional('node', { type: 'string', describe: 'The node of the event host' })
      .positional('command', {
        type: 'string',
        array: true,
        describe: 'Such as erlang listeners; without it lines are read',
      }),
  async run(given, context) {
    const { settings, signal } = context
    const words = texts(given, 'command')
    return withPeer(text(given, 'node'), settings, async ({ node, peer }) => {
      // Only this command needs it: the others start quicker.
      const { FreeSwitch } = await import('../../freeswitch/index.js')
      const host = new FreeSwitch(node, peer, { timeoutMs: settings.timeoutMs })
      try {
        if (words.length === 0) return await readCommands(host, context)
        await context.during(`waiting for ${peer}`, () =>
          runLine(host, words.join(' '), context, signal),
        )
        return ExitCode.Ok
      } finally {
        await host[Symbol.asyncDispose]()
      }
    })
  },
}

async function runLine(
  host: FreeSwitch,
  line: string,
  { output }: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const [, command = '', args = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? []
  const printed = await host.api(command, args, { signal })
  output.result(printed.replace(/\n$/, ''), { output: printed })
}

async function readCommands(host: FreeSwitch, context: CommandContext): Promise<number> {
  const reader = new LineReader(context, { historyName: 'console' })
  let code: number = ExitCode.Ok
  try {
    for (;;) {
      const line = await reader.next(`${host.peer}> `)
      if (line === undefined || /^\s*(exit|quit)\s*$/.test(line)) return code
      if (line.trim() === '') continue
      try {
        await reader.run((signal) => runLine(host, line, context, signal))
      } catch (error) {
        context.output.failure(error)
        if (!reader.isInteractive) code = ExitCode.Failed
      }
    }
  } finally {
    reader.close()
  }
}
