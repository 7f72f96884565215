import { EpmdServer, epmdNames } from '../../index.js'
import { type Command, untilEnded } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { readPort } from '../settings.js'

const standardPort = 4369

/** The embedded epmd in the foreground, for machines without Erlang. */
export const epmdCommand: Command = {
  usage: 'epmd',
  describe: 'Be the epmd of this machine, on loopback',
  build: (parser) => parser,
  async run(_given, { settings, output, signal, env }) {
    const given = env.ERL_EPMD_PORT ?? ''
    const port =
      settings.epmdPort ?? (given === '' ? standardPort : readPort('ERL_EPMD_PORT', given))
    const server = await open(port)
    output.result(`epmd listens on 127.0.0.1:${server.port}`, {
      host: '127.0.0.1',
      port: server.port,
    })
    await untilEnded(signal)
    await server.close()
    return ExitCode.Ok
  },
}

async function open(port: number): Promise<EpmdServer> {
  try {
    return await EpmdServer.listen(port)
  } catch (cause) {
    const isKnown = await epmdNames({ port }).then(
      () => true,
      () => false,
    )
    if (!isInUse(cause)) throw cause
    const advice = isKnown
      ? 'another epmd, which serves as well'
      : 'a program that is no epmd; choose another with --epmd-port'
    throw new Error(`port ${port} is held by ${advice}`, { cause })
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}
