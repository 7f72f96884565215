import { ErlangError } from '../errors.js'

/** What the addon throws: `code` is a `NativeReason`, `offset` says where. */
interface NativeError extends Error {
  readonly code?: string
  readonly offset?: number
}

/** An error of the addon as one of ours; any other as it is. */
export function codecError(error: unknown): unknown {
  const { code, message, offset } = error as NativeError
  if (code === 'DECODE') {
    return new ErlangError('ERR_ERL_DECODE', `${message} (at byte ${offset})`, { cause: error })
  }
  if (code === 'NOCONNECTION' || code === 'RESOURCES') {
    return new ErlangError(`ERR_ERL_${code}`, message, { cause: error })
  }
  if (code === 'ENCODE') return new ErlangError('ERR_ERL_ENCODE', message, { cause: error })
  return error
}
