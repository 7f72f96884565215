import { checkInteger, checkNames } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import { parseNodeName } from '../node-name.js'

/** Which peers to stay connected to, and how long to pause between attempts. */
export interface ReconnectOptions {
  /** Full names of the peers that are dialled at the start, and again whenever they go. */
  readonly keep?: readonly string[]
  /** The longest pause after the first failure, 100 by default; it doubles with each one more. */
  readonly minMs?: number
  /** The longest pause of all, 30,000 by default. */
  readonly maxMs?: number
}

/** `ReconnectOptions` that have been checked. */
export interface ReconnectChoice {
  readonly keep: ReadonlySet<string>
  readonly minMs: number
  readonly maxMs: number
}

export const reconnectDefaults = { minMs: 100, maxMs: 30_000 } as const

const longestPauseMs = 2 ** 31 - 1

/** Errors: TypeError and RangeError that name option, rule and value. */
export function resolveReconnect(options: ReconnectOptions, ownName: string): ReconnectChoice {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('reconnect', 'an object', options)
  }
  checkNames('reconnect', options, ['keep', 'minMs', 'maxMs'])
  const minMs = checkInteger(
    'reconnect.minMs',
    options.minMs ?? reconnectDefaults.minMs,
    1,
    longestPauseMs,
  )
  const maxMs = checkInteger(
    'reconnect.maxMs',
    options.maxMs ?? Math.max(minMs, reconnectDefaults.maxMs),
    minMs,
    longestPauseMs,
  )
  return { keep: resolveKeep(options.keep ?? [], ownName), minMs, maxMs }
}

function resolveKeep(keep: readonly string[], ownName: string): ReadonlySet<string> {
  if (!Array.isArray(keep)) throw invalidArgument('reconnect.keep', 'an array of node names', keep)
  const names = keep.map((peer) => parseNodeName('reconnect.keep', peer).full)
  if (names.includes(ownName)) {
    throw outOfRange('reconnect.keep', 'names of other nodes', ownName)
  }
  return new Set(names)
}

/**
 * The pauses between attempts to connect: each is at most twice the one before, up to a limit, and
 * drawn from the upper half of that, so that many nodes do not come back at the same moment.
 */
export class Backoff {
  readonly #minMs: number
  readonly #maxMs: number
  #failures = 0

  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs
    this.#maxMs = maxMs
  }

  /** How many pauses there have been since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** The pause after one more failure. */
  next(): number {
    const longest = Math.min(this.#maxMs, this.#minMs * 2 ** this.#failures)
    this.#failures += 1
    return longest * (0.5 + Math.random() / 2)
  }

  reset(): void {
    this.#failures = 0
  }
}
