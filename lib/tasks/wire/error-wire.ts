import { EncodeError, ErlangError, type ErlangErrorCode } from '../../errors.js'
import type { TermInput } from '../../term/term.js'
import { fromWire, toWire, type Wire } from './term-wire.js'

/** What was thrown, as a message port takes it. */
export interface ErrorWire {
  /** The class to make it of again. */
  readonly type: 'ErlangError' | 'EncodeError' | 'TypeError' | 'RangeError' | 'Error'
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code?: string
  readonly remoteClass?: 'error' | 'exit' | 'throw'
  readonly reason?: Wire
  readonly remoteStack?: Wire
}

/** Whatever was thrown; what is no error becomes one whose message says what it was. */
export function errorToWire(thrown: unknown): ErrorWire {
  if (!(thrown instanceof Error)) {
    return { type: 'Error', name: 'Error', message: `threw ${shown(thrown)}`, stack: undefined }
  }
  const { name, message, stack } = thrown
  const type = typeOf(thrown)
  const common = { type, name, message, stack, ...codeOf(thrown) }
  if (type !== 'ErlangError') return common
  const { remoteClass, reason, remoteStack } = thrown as ErlangError
  return {
    ...common,
    ...(remoteClass === undefined ? {} : { remoteClass }),
    ...(reason === undefined ? {} : { reason: toWire(reason as TermInput) }),
    ...(remoteStack === undefined ? {} : { remoteStack: toWire(remoteStack as TermInput) }),
  }
}

export function errorFromWire(wire: ErrorWire): Error {
  const error = made(wire)
  if (wire.stack !== undefined) error.stack = wire.stack
  if (error.name !== wire.name) {
    Object.defineProperty(error, 'name', { value: wire.name, configurable: true })
  }
  if (wire.code !== undefined && !('code' in error)) Object.assign(error, { code: wire.code })
  return error
}

function typeOf(error: Error): ErrorWire['type'] {
  if (error instanceof EncodeError) return 'EncodeError'
  if (ErlangError.is(error)) return 'ErlangError'
  if (error instanceof TypeError) return 'TypeError'
  return error instanceof RangeError ? 'RangeError' : 'Error'
}

function codeOf(error: Error): { code?: string } {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? { code } : {}
}

function made(wire: ErrorWire): Error {
  switch (wire.type) {
    case 'ErlangError':
      return new ErlangError(wire.code as ErlangErrorCode, wire.message, {
        ...(wire.remoteClass === undefined ? {} : { remoteClass: wire.remoteClass }),
        ...(wire.reason === undefined ? {} : { reason: fromWire(wire.reason) }),
        ...(wire.remoteStack === undefined ? {} : { remoteStack: fromWire(wire.remoteStack) }),
      })
    case 'EncodeError':
      return new EncodeError(wire.message)
    case 'TypeError':
      return new TypeError(wire.message)
    case 'RangeError':
      return new RangeError(wire.message)
    default:
      return new Error(wire.message)
  }
}

/** `String` throws for what has no text, such as an object without prototype. */
function shown(value: unknown): string {
  try {
    return `${String(value)} (${typeof value})`
  } catch {
    return `a value without text (${typeof value})`
  }
}
