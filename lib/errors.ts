/**
 * What beamlink throws. A caller's mistake is a `TypeError` or `RangeError`, thrown at the call; what
 * the world does is an `ErlangError` with a stable `code`. Programs match on `code`, people read
 * `message`.
 */

/** When a code is given, and what the person who meets it can do. */
export interface ErrorEntry {
  readonly when: string
  readonly whatToDo: string
}

/** Every code of `ErlangError`: the source of the type `ErlangErrorCode` and of the documentation. */
export const errorTable = {
  ERR_ERL_TIMEOUT: {
    when: 'No answer came within timeoutMs.',
    whatToDo:
      'Raise timeoutMs, or find out why the peer is slow. The remote process goes on running unless the call said kill: true.',
  },
  ERR_ERL_NOCONNECTION: {
    when: 'The peer could not be reached, or the connection to it broke before the answer came.',
    whatToDo:
      'Check that the peer runs, that its name is written as the peer itself writes it (node() there), and that its distribution port is open to this machine.',
  },
  ERR_ERL_NOPROC: {
    when: 'The process or registered name does not exist.',
    whatToDo: 'Check the name with whereis(Name) on the peer, or start the process first.',
  },
  ERR_ERL_NODEDOWN: {
    when: 'The node of the called process went down.',
    whatToDo: 'Restart the peer; the next call dials it again. Listen to nodedown to know earlier.',
  },
  ERR_ERL_AUTH: {
    when: 'The cookies of the two nodes differ, or one does not trust the TLS certificate of the other.',
    whatToDo:
      'Give both nodes one cookie: the option cookie or cookieFile here, erlang:get_cookie() or -setcookie there. With TLS: certificates of one authority, the option tls.ca here, cacertfile there.',
  },
  ERR_ERL_UNKNOWN_HOST: {
    when: 'The host part of a node name has no address.',
    whatToDo:
      'Check the host after the @, and that this machine resolves it (getent hosts HOST). An address such as 127.0.0.1 works as a host.',
  },
  ERR_ERL_NO_EPMD: {
    when: "Nothing answers on the port of the peer host's epmd.",
    whatToDo:
      'Start epmd there (erl -name does; epmd -daemon), check ERL_EPMD_PORT on both sides, or dial by host and port without epmd.',
  },
  ERR_ERL_NODE_NOT_FOUND: {
    when: 'epmd answered, but knows no node of that name.',
    whatToDo: 'Start the peer, or compare the name with the list that epmd -names prints.',
  },
  ERR_ERL_NAME_IN_USE: {
    when: 'Another live node has this name, in epmd or at the peer.',
    whatToDo: 'Give this node another name, or stop the node that holds it.',
  },
  ERR_ERL_NAME_LENGTH: {
    when: 'One node has a short name (no dot in its host) and the other a long one.',
    whatToDo:
      'Name both alike: web@shop with erl -sname, or web@shop.example.org with erl -name; the two kinds never connect.',
  },
  ERR_ERL_REFUSED: {
    when: 'One side turned the connection down: by its allow list, or as a duplicate of a live one. Or the system does not let us listen there.',
    whatToDo:
      'Add the node to allow (here) or to net_kernel:allow/1 (there). For listen: choose another port or address.',
  },
  ERR_ERL_RESOURCES: {
    when: 'The operating system gave no more descriptors, local ports, threads or memory.',
    whatToDo:
      'Raise the limit that the message names, or find out what holds so much: ls /proc/PID/fd, ss -tn.',
  },
  ERR_ERL_BUSY: {
    when: 'More is waiting than the limits of this node allow.',
    whatToDo: 'Await send() or drained() before sending on, or raise maxQueuedBytes.',
  },
  ERR_ERL_ENCODE: {
    when: 'A value cannot be written in the external term format, or exceeds its limits.',
    whatToDo: 'Send a value of the table of terms, within maxFrameBytes and maxDepth.',
  },
  ERR_ERL_DECODE: {
    when: 'Bytes are no valid term, a term exceeds the limits, or a binary holds no UTF-8.',
    whatToDo:
      'Check where the bytes come from; raise maxDepth or maxFrameBytes if the term is meant to be that large; read binaries that are no text as Buffers.',
  },
  ERR_ERL_PROTOCOL: {
    when: 'The peer sent what the distribution protocol does not allow; the connection was closed.',
    whatToDo:
      'Check that an Erlang node of OTP 23 or later, or another beamlink node, listens there.',
  },
  ERR_ERL_CLOSED: {
    when: 'The node, process or connection was stopped, here or in an orderly way by the peer.',
    whatToDo: 'Do not use it after stop(), close() or exit(); start a new one.',
  },
  ERR_ERL_REMOTE: {
    when: 'The remote function or server failed; reason holds its term, remoteStack its stack.',
    whatToDo: 'Read reason: it is what the Erlang caller would have seen.',
  },
  ERR_ERL_NO_BINARY: {
    when: 'There is no native addon for this platform.',
    whatToDo:
      'Install erlang-dev, g++, make and python3, then run npx node-gyp@12 rebuild in the package.',
  },
} as const satisfies Record<string, ErrorEntry>

/** Every code that an `ErlangError` can have: the keys of `errorTable`. */
export type ErlangErrorCode = keyof typeof errorTable

/** What an `ErlangError` can carry beside its code and its message. */
export interface ErlangErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown
  /** The term Erlang gave as the reason. */
  readonly reason?: unknown
  /** The stack of the remote process, as a term. */
  readonly remoteStack?: unknown
  /** How the remote function failed: Erlang's class of the exception. */
  readonly remoteClass?: 'error' | 'exit' | 'throw'
}

const BRAND = Symbol.for('beamlink.ErlangError')

/** What the world did: the network, the peer, the remote function. */
export class ErlangError extends Error {
  readonly code: ErlangErrorCode
  declare readonly reason?: unknown
  declare readonly remoteStack?: unknown
  declare readonly remoteClass?: 'error' | 'exit' | 'throw'

  constructor(code: ErlangErrorCode, message: string, options: ErlangErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    // Only what was given becomes a property, so that `'reason' in error` tells and inspect stays short.
    if ('reason' in options) this.reason = options.reason
    if ('remoteStack' in options) this.remoteStack = options.remoteStack
    if (options.remoteClass !== undefined) this.remoteClass = options.remoteClass
  }

  /** `instanceof` asks for the brand: true for an `EncodeError` and for errors of another copy. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return ErlangError.is(value)
  }

  /** True for an `ErlangError` of any copy of the package. */
  static is(value: unknown): value is ErlangError {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /** What the reader of this error can do. */
  get whatToDo(): string {
    return errorTable[this.code].whatToDo
  }
}
// On the prototype, so that neither shows among the properties of each error.
Object.defineProperty(ErlangError.prototype, 'name', { value: 'ErlangError' })
Object.defineProperty(ErlangError.prototype, BRAND, { value: true })

/**
 * A value that has no Erlang form: the caller's mistake, so a `TypeError`, and `instanceof
 * ErlangError` as well, for programs that match on `code`.
 */
export class EncodeError extends TypeError {
  readonly code = 'ERR_ERL_ENCODE'

  /** What the reader of this error can do. */
  get whatToDo(): string {
    return errorTable.ERR_ERL_ENCODE.whatToDo
  }
}
Object.defineProperty(EncodeError.prototype, BRAND, { value: true })

/** A message that ends in what the table says can be done about `code`. */
export function withAdvice(code: ErlangErrorCode, message: string): string {
  return `${message}. ${errorTable[code].whatToDo}`
}

/** For a value of the wrong type: `timeoutMs must be a number ≥ 0, got "5s" (string)`. */
export function invalidArgument(name: string, rule: string, value: unknown): TypeError {
  return new TypeError(describe(name, rule, value))
}

/** For a value of the right type outside its range: `port must be 0…65535, got 70000 (number)`. */
export function outOfRange(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(describe(name, rule, value))
}

function describe(name: string, rule: string, value: unknown): string {
  const type = value === undefined || value === null ? '' : ` (${typeof value})`
  return `${name} must be ${rule}, got ${show(value)}${type}`
}

const LONGEST_SHOWN = 80

function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST_SHOWN
        ? `${JSON.stringify(value.slice(0, LONGEST_SHOWN))}…`
        : JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'function':
      return value.name === '' ? 'an anonymous function' : `function ${value.name}`
    case 'object':
      return value === null ? 'null' : showObject(value)
    default:
      return String(value)
  }
}

function showObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) {
    const keys = Object.keys(value)
    return `{ ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''} }`
  }
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name
  return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class without name'}`
}
