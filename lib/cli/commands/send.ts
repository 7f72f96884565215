import { atom, ErlangError, isAtom, Pid, type RemoteName } from '../../index.js'
import { type Command, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { fullPeerName, thisMachine } from '../own-name.js'
import { type Session, withPeer } from '../session.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../usage-error.js'
import { termOptions, WrittenTerms } from './term-options.js'

/** Sends a message to a process, by its name or its pid; ends when it has been delivered. */
export const sendCommand: Command = {
  usage: 'send <node> <process> <message>',
  describe: 'Send a term to a process',
  build: (parser) =>
    termOptions(parser)
      .positional('node', { type: 'string', describe: 'Its name: shop@127.0.0.1, or shop here' })
      .positional('process', { type: 'string', describe: 'Its name, without quotes, or its pid' })
      .positional('message', { type: 'string', describe: 'A term; - is standard input' }),
  async run(given, context) {
    const { settings, signal } = context
    const peer = fullPeerName(text(given, 'node'), thisMachine())
    const process = text(given, 'process')
    const written = await WrittenTerms.read([text(given, 'message')], given, peer, context)
    const pids = pidText.test(process) ? [process] : []
    const receiver = await WrittenTerms.read(pids, {}, peer, context)
    await withPeer(peer, settings, (session) =>
      context.during(`waiting for ${peer}`, async () => {
        const [message = null] = await written.at(session, context)
        const [pid] = await receiver.at(session, context)
        const to = Pid.is(pid) ? ofPeer(pid, peer) : { name: process, node: peer }
        await checkIsThere(to, session, settings, signal)
        await session.node.send(to, message)
        // The answer comes behind the message on the same connection: then that has arrived.
        await session.node.ping(peer, { timeoutMs: settings.timeoutMs, signal })
      }),
    )
    return ExitCode.Ok
  },
}

/** As a node prints its own pids, `<0.90.0>`, and as this program prints those of others. */
const pidText = /^<[^<>]+>$/

function ofPeer(pid: Pid, peer: string): Pid {
  if (pid.node.name === peer) return pid
  throw new UsageError(`${pid} is a process of another node than ${peer}`, 'Name its node.')
}

/**
 * Erlang tells nobody that a message had no receiver, but a person wants to know. C nodes, which have
 * no `whereis`, get the message anyway.
 */
async function checkIsThere(
  to: Pid | (RemoteName & { readonly name: string }),
  { node, peer }: Session,
  { timeoutMs }: Settings,
  signal: AbortSignal,
): Promise<void> {
  const question = Pid.is(to)
    ? node.rpc(peer, 'erlang', 'is_process_alive', [to], { timeoutMs, signal })
    : node.rpc(peer, 'erlang', 'whereis', [atom(to.name)], { timeoutMs, signal })
  try {
    const found = await question
    if (found !== false && !isAtom(found, 'undefined')) return
  } catch (error) {
    if (ErlangError.is(error) && error.code === 'ERR_ERL_REMOTE') return
    throw error
  }
  const what = Pid.is(to)
    ? `no process is alive as <0.${to.id}.${to.serial}> at ${peer}; it has ended, or never was`
    : `no process is registered as ${to.name} at ${peer}`
  throw new ErlangError('ERR_ERL_NOPROC', what)
}
