import { performance } from 'node:perf_hooks'
import { ErlangError } from '../../index.js'
import { type Command, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { withPeer } from '../session.js'

/** As `net_adm:ping/1`, but tells why a node does not answer. */
export const pingCommand: Command = {
  usage: 'ping <node>',
  describe: 'Tell whether a node answers',
  build: (parser) =>
    parser.positional('node', {
      type: 'string',
      describe: 'Its name: shop@127.0.0.1, or shop here',
    }),
  async run(given, context) {
    const { settings, output, signal } = context
    const { timeoutMs } = settings
    await withPeer(text(given, 'node'), settings, ({ node, peer }) =>
      context.during(`waiting for ${peer}`, async () => {
        await node.connect(peer, { timeoutMs, signal })
        const started = performance.now()
        const answers = await node.ping(peer, { timeoutMs, signal })
        const roundTripMs = Number((performance.now() - started).toFixed(3))
        if (!answers) {
          throw new ErlangError(
            'ERR_ERL_TIMEOUT',
            `${peer} took the connection and does not answer`,
          )
        }
        output.result('pong', { node: peer, roundTripMs })
      }),
    )
    return ExitCode.Ok
  },
}
