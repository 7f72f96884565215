import { atom, ErlangError, isAtom } from '../../index.js'
import { type Command, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { fullPeerName, thisMachine } from '../own-name.js'
import { type Session, withPeer } from '../session.js'
import type { Settings } from '../settings.js'
import { termOptions, WrittenTerms } from './term-options.js'

/** Sends a message to a registered process; ends when it has been delivered. */
export const sendCommand: Command = {
  usage: 'send <node> <process> <message>',
  describe: 'Send a term to a registered process',
  build: (parser) =>
    termOptions(parser)
      .positional('node', { type: 'string', describe: 'Its name: shop@127.0.0.1, or shop here' })
      .positional('process', { type: 'string', describe: 'The registered name, without quotes' })
      .positional('message', { type: 'string', describe: 'A term; - is standard input' }),
  async run(given, context) {
    const { settings, signal } = context
    const peer = fullPeerName(text(given, 'node'), thisMachine())
    const written = await WrittenTerms.read([text(given, 'message')], given, peer, context)
    const name = text(given, 'process')
    await withPeer(peer, settings, (session) =>
      context.during(`waiting for ${peer}`, async () => {
        const [message = null] = await written.at(session, context)
        await checkIsRegistered(name, session, settings, signal)
        await session.node.send({ name, node: peer }, message)
        // The answer comes behind the message on the same connection: then that has arrived.
        await session.node.ping(peer, { timeoutMs: settings.timeoutMs, signal })
      }),
    )
    return ExitCode.Ok
  },
}

/**
 * Erlang tells nobody that a message had no receiver, but a person wants to know. C nodes, which have
 * no `whereis`, get the message anyway.
 */
async function checkIsRegistered(
  name: string,
  { node, peer }: Session,
  { timeoutMs }: Settings,
  signal: AbortSignal,
): Promise<void> {
  try {
    const found = await node.rpc(peer, 'erlang', 'whereis', [atom(name)], { timeoutMs, signal })
    if (!isAtom(found, 'undefined')) return
  } catch (error) {
    if (ErlangError.is(error) && error.code === 'ERR_ERL_REMOTE') return
    throw error
  }
  throw new ErlangError('ERR_ERL_NOPROC', `no process is registered as ${name} at ${peer}`)
}
