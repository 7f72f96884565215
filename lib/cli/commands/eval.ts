import type { Term } from '../../index.js'
import { type Command, flag, readAll, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { withPeer } from '../session.js'
import { Evaluator } from '../shell/evaluator.js'
import { UsageError } from '../usage-error.js'

/** Evaluates expressions at a node and prints the value of the last. */
export const evalCommand: Command = {
  usage: 'eval <node> <expression>',
  describe: 'Evaluate Erlang expressions at a node',
  build: (parser) =>
    parser
      .option('quiet', { type: 'boolean', describe: 'Do not print the value' })
      .positional('node', { type: 'string', describe: 'Its name: shop@127.0.0.1, or shop here' })
      .positional('expression', {
        type: 'string',
        describe: 'Erlang; the full stop may be left out; - is standard input',
      }),
  async run(given, context) {
    const { settings, output, signal } = context
    const expression = text(given, 'expression')
    const source = expression === '-' ? await readAll(context.stdin) : expression
    const value = await withPeer(text(given, 'node'), settings, ({ node, peer }) =>
      context.during(`waiting for ${peer}`, async (progress) => {
        const evaluator = new Evaluator(node, peer, {
          timeoutMs: settings.timeoutMs,
          onOutput: (printed) => {
            progress.clear()
            output.printed(printed)
          },
        })
        try {
          let last: Term | undefined
          for (const form of await evaluator.scan(source, signal)) {
            last = await evaluator.evaluate(form, signal)
          }
          return last
        } finally {
          await evaluator.close()
        }
      }),
    )
    if (value === undefined) throw new UsageError('there is no expression to evaluate')
    if (!flag(given, 'quiet')) output.term(value)
    return ExitCode.Ok
  },
}
