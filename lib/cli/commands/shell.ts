import { type Command, type CommandContext, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { withPeer } from '../session.js'
import { completionAt } from '../shell/completion.js'
import { Evaluator } from '../shell/evaluator.js'
import { LineReader } from '../shell/line-reader.js'
import { type Outcome, Shell } from '../shell/shell.js'

/** Reads expressions, evaluates them at a node and prints their values. */
export const shellCommand: Command = {
  usage: 'shell <node>',
  describe: 'Evaluate line by line, with history and completion',
  build: (parser) =>
    parser.positional('node', {
      type: 'string',
      describe: 'Its name: shop@127.0.0.1, or shop here',
    }),
  async run(given, context) {
    const { settings, output, signal } = context
    return withPeer(text(given, 'node'), settings, async ({ node, peer }) => {
      await context.during(`connecting to ${peer}`, () =>
        node.connect(peer, { timeoutMs: settings.timeoutMs, signal }),
      )
      const evaluator = new Evaluator(node, peer, {
        // A person ends with Ctrl-C what takes too long.
        timeoutMs: Number.POSITIVE_INFINITY,
        onOutput: output.printed,
        onEnded: (error) => {
          reader.note(() => output.failure(error))
          shell.processEnded()
        },
      })
      const shell = new Shell(evaluator, output)
      const reader = new LineReader(context, {
        historyName: 'shell',
        complete: completionAt(node, peer),
        onInterrupt: () => shell.forgetLine(),
      })
      try {
        return await readAndEvaluate(shell, reader, peer, output)
      } finally {
        reader.close()
        await evaluator.close()
      }
    })
  },
}

async function readAndEvaluate(
  shell: Shell,
  reader: LineReader,
  peer: string,
  output: CommandContext['output'],
): Promise<number> {
  const { isInteractive } = reader
  if (isInteractive) {
    output.note(`Expressions are evaluated at ${peer}; help(). tells more, Ctrl-D ends.`)
  }
  const next = async (count: number): Promise<Outcome> => {
    const line = await reader.next(shell.isInLine ? '.. ' : `(${peer})${count}> `)
    return line === undefined ? 'left' : reader.run((signal) => shell.enter(line, signal))
  }
  let isFailed = false
  let count = 1
  for (;;) {
    const outcome = await next(count)
    if (outcome === 'lost') return ExitCode.NoConnection
    if (outcome === 'left') break
    if (outcome === 'failed') isFailed = true
    if (outcome !== 'more') count += 1
  }
  // What a person has seen fail is not told again.
  return (isFailed || shell.hasLostProcess) && !isInteractive ? ExitCode.Failed : ExitCode.Ok
}
