import type { TlsOptions } from '../index.js'
import { readDuration } from './duration.js'
import { type GivenTls, resolveTlsSettings } from './tls-settings.js'
import { UsageError } from './usage-error.js'

/** The options that every command has, as they were written. */
export interface GivenSettings extends GivenTls {
  readonly cookie?: string | undefined
  readonly cookieFile?: string | undefined
  readonly name?: string | undefined
  readonly timeout?: string | undefined
  readonly epmdPort?: string | undefined
  readonly json?: boolean | undefined
  readonly charlists?: boolean | undefined
  readonly color?: boolean | undefined
  readonly verbose?: boolean | undefined
}

/** The options that every command has, checked. */
export interface Settings {
  readonly cookie: string | undefined
  readonly cookieFile: string | undefined
  readonly name: string | undefined
  readonly tls: TlsOptions | undefined
  readonly timeoutMs: number
  /** Undefined: `ERL_EPMD_PORT`, else 4369. */
  readonly epmdPort: number | undefined
  readonly json: boolean
  /** In JSON, whether lists of printable characters are strings. */
  readonly charlists: boolean
  /** Undefined: as the terminal can. */
  readonly color: boolean | undefined
  readonly verbose: boolean
}

const defaultTimeoutMs = 5_000

/** Errors: UsageError that names the option. The cookie is in none of them. */
export function resolveSettings(given: GivenSettings, env: NodeJS.ProcessEnv): Settings {
  if (given.cookie !== undefined && given.cookieFile !== undefined) {
    throw new UsageError('--cookie and --cookie-file cannot be given together')
  }
  if (given.cookie === '') throw new UsageError('--cookie must not be empty')
  const cookieOfEnvironment =
    given.cookieFile === undefined && env.BEAMLINK_COOKIE !== '' ? env.BEAMLINK_COOKIE : undefined
  return {
    cookie: given.cookie ?? cookieOfEnvironment,
    cookieFile: given.cookieFile,
    name: given.name,
    tls: resolveTlsSettings(given, env),
    timeoutMs:
      given.timeout === undefined ? defaultTimeoutMs : readDuration('--timeout', given.timeout),
    epmdPort: given.epmdPort === undefined ? undefined : readPort('--epmd-port', given.epmdPort),
    json: given.json === true,
    charlists: given.charlists === true,
    color: given.color,
    verbose: given.verbose === true,
  }
}

export function readPort(option: string, text: string): number {
  return readCount(option, text, 65_535)
}

/** A whole number from 1 to `most`. */
export function readCount(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= most) return number
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`
  throw new UsageError(`${option} must be a whole number from 1${upTo}, got "${text}"`)
}
