import { ErlangError, type ErlangErrorCode } from '../index.js'
import { Interrupted, UsageError } from './usage-error.js'

/** What the program ends with; docs/cli.md lists them. */
export const ExitCode = {
  Ok: 0,
  /** The peer was reached, and what was asked of it failed. */
  Failed: 1,
  /** The command was written wrongly; nothing has been sent. */
  Usage: 2,
  /** The peer was not reached, or the connection to it was lost. */
  NoConnection: 3,
  Timeout: 4,
  /** Something on this machine: no addon, a file, a fault of the program. */
  Local: 5,
  /** As shells have it: 128 and the number of the signal. */
  Interrupted: 130,
  Terminated: 143,
} as const

const codes: Readonly<Record<ErlangErrorCode, number>> = {
  ERR_ERL_TIMEOUT: ExitCode.Timeout,
  ERR_ERL_NOCONNECTION: ExitCode.NoConnection,
  ERR_ERL_NOPROC: ExitCode.Failed,
  ERR_ERL_NODEDOWN: ExitCode.NoConnection,
  ERR_ERL_AUTH: ExitCode.NoConnection,
  ERR_ERL_UNKNOWN_HOST: ExitCode.NoConnection,
  ERR_ERL_NO_EPMD: ExitCode.NoConnection,
  ERR_ERL_NODE_NOT_FOUND: ExitCode.NoConnection,
  ERR_ERL_NAME_IN_USE: ExitCode.NoConnection,
  ERR_ERL_NAME_LENGTH: ExitCode.NoConnection,
  ERR_ERL_REFUSED: ExitCode.NoConnection,
  ERR_ERL_RESOURCES: ExitCode.Local,
  ERR_ERL_BUSY: ExitCode.Failed,
  ERR_ERL_ENCODE: ExitCode.Usage,
  ERR_ERL_DECODE: ExitCode.Failed,
  ERR_ERL_PROTOCOL: ExitCode.NoConnection,
  ERR_ERL_CLOSED: ExitCode.NoConnection,
  ERR_ERL_REMOTE: ExitCode.Failed,
  ERR_ERL_NO_BINARY: ExitCode.Local,
}

/** The exit code that tells of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) {
    return error.signal === 'SIGINT' ? ExitCode.Interrupted : ExitCode.Terminated
  }
  if (error instanceof UsageError) return ExitCode.Usage
  if (ErlangError.is(error)) return codes[error.code] ?? ExitCode.Local
  // The library's own checks of arguments, which all come from the command line.
  if (error instanceof RangeError || error instanceof TypeError) return ExitCode.Usage
  return ExitCode.Local
}
