import {
  checkInteger,
  checkNames,
  checkObject,
  checkText,
  checkTimeout,
} from '../../base/validate.js'
import { defaultEpmdPort, type EpmdAddress } from '../options.js'
import { registeredNames } from './client.js'

/** Which epmd is asked, and how long. `127.0.0.1` and `ERL_EPMD_PORT` or 4369 by default. */
export interface EpmdNamesOptions extends EpmdAddress {
  /** In milliseconds, 5,000 by default. */
  readonly timeoutMs?: number
}

/** A node that epmd knows. */
export interface NamedNode {
  /** The part of its name before the `@`. */
  readonly alive: string
  /** Where it accepts connections. */
  readonly port: number
}

const longestTimeoutMs = 2 ** 31 - 1

/**
 * The nodes that a host's epmd knows, as `net_adm:names(Host)` and `epmd -names`.
 *
 * Errors: TypeError and RangeError that name option, rule and value; ERR_ERL_NO_EPMD,
 *         ERR_ERL_UNKNOWN_HOST, ERR_ERL_TIMEOUT.
 */
export async function epmdNames(options: EpmdNamesOptions = {}): Promise<NamedNode[]> {
  checkNames('epmdNames', checkObject('options', options), ['host', 'port', 'timeoutMs'])
  const { host = '127.0.0.1', port, timeoutMs = 5_000 } = options
  return registeredNames({
    host: checkText('host', host),
    port: port === undefined ? defaultEpmdPort() : checkInteger('port', port, 1, 65_535),
    timeoutMs: Math.min(checkTimeout('timeoutMs', timeoutMs), longestTimeoutMs),
  })
}
