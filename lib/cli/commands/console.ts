import { setTimeout as sleep } from 'node:timers/promises'
import type { FreeSwitch } from '../../freeswitch/index.js'
import { ErlangError } from '../../index.js'
import { type Command, type CommandContext, text, texts } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { type Session, withPeer } from '../session.js'
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
        await context.during(`waiting for ${peer}`, () =>
          checkIsEventHost(host, { node, peer }, context),
        )
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

/** How long an event host may take for its pid once the node has answered something else. */
const graceMs = 1_000

/**
 * What is no event host drops what it is sent, so nothing would come but a timeout. An event host tells
 * its pid at once; every node of Erlang's answers a call, which an event host of C does not.
 *
 * Errors: ERR_ERL_REMOTE when it is none; those of connecting.
 */
async function checkIsEventHost(
  host: FreeSwitch,
  { node, peer }: Session,
  { settings, signal }: CommandContext,
): Promise<void> {
  const { timeoutMs } = settings
  await node.connect(peer, { timeoutMs, signal })
  const isHost = host.pid({ timeoutMs, signal }).then(() => true)
  const isOther = node.rpc(peer, 'erlang', 'node', [], { timeoutMs, signal }).then(
    () => sleep(Math.min(graceMs, timeoutMs), false, { ref: false, signal }),
    () => isHost,
  )
  try {
    if (await Promise.race([isHost, isOther])) return
  } catch (error) {
    if (!ErlangError.is(error) || error.code !== 'ERR_ERL_TIMEOUT') throw error
  }
  throw new ErlangError(
    'ERR_ERL_REMOTE',
    `${peer} is no event host: neither FreeSWITCH's mod_erlang_event nor an EventHost answers there`,
  )
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
