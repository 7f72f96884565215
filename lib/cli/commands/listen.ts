import type { ErlangNode, Term } from '../../index.js'
import { type Command, type CommandContext, optionalText, text, untilEnded } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { withPeer } from '../session.js'
import { readCount } from '../settings.js'
import { atomText } from '../term-text.js'

/** Registers a process and prints what it gets, until Ctrl-C. */
export const listenCommand: Command = {
  usage: 'listen <process> [node]',
  describe: 'Register a process and print what is sent to it',
  build: (parser) =>
    parser
      .option('count', { type: 'string', describe: 'End after so many messages' })
      .positional('process', { type: 'string', describe: 'The name to register' })
      .positional('node', { type: 'string', describe: 'A node to connect to' }),
  async run(given, context) {
    const name = text(given, 'process')
    const asked = optionalText(given, 'count')
    const count = asked === undefined ? Number.POSITIVE_INFINITY : readCount('--count', asked)
    const peer = optionalText(given, 'node')
    const work = async (node: ErlangNode, full: string | undefined): Promise<void> => {
      if (full !== undefined) {
        const { timeoutMs } = context.settings
        await node.connect(full, { timeoutMs, signal: context.signal })
      }
      await printMessages(node, name, count, context)
    }
    await withPeer(
      peer ?? 'nobody@127.0.0.1',
      context.settings,
      ({ node, peer: full }) => work(node, peer === undefined ? undefined : full),
      { listens: true },
    )
    return ExitCode.Ok
  },
}

async function printMessages(
  node: ErlangNode,
  name: string,
  count: number,
  { output, signal }: CommandContext,
): Promise<void> {
  let left = count
  const enough = new AbortController()
  node.register(name, (message: Term) => {
    if (left <= 0) return
    output.term(message)
    left -= 1
    if (left === 0) enough.abort()
  })
  output.note(`{${atomText(name)},${atomText(node.name)}} waits for messages; Ctrl-C ends it`)
  await untilEnded(AbortSignal.any([signal, enough.signal]))
}
