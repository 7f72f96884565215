import { hostname } from 'node:os'
import { invalidArgument, outOfRange } from '../errors.js'

/** `alive@host`, taken apart. */
export interface NodeName {
  readonly full: string
  readonly alive: string
  readonly host: string
}

const namePattern = /^[A-Za-z0-9_-]+$/
const hostPattern = /^[A-Za-z0-9_.:-]+$/
const longestName = 255

/**
 * Takes a full node name apart.
 *
 * Errors: TypeError for what is no string, RangeError for what is no `alive@host`.
 */
export function parseNodeName(argument: string, value: unknown): NodeName {
  const rule = 'a node name such as "web@127.0.0.1"'
  if (typeof value !== 'string') throw invalidArgument(argument, rule, value)
  const at = value.indexOf('@')
  const alive = value.slice(0, at)
  const host = value.slice(at + 1)
  if (at <= 0 || !namePattern.test(alive) || !hostPattern.test(host)) {
    throw outOfRange(argument, rule, value)
  }
  if (value.length > longestName) {
    throw outOfRange(argument, `at most ${longestName} characters long`, value)
  }
  return { full: value, alive, host }
}

/** As `erl -sname` does: a name without a host gets this machine's short name. */
export function completeNodeName(argument: string, value: unknown): NodeName {
  if (typeof value === 'string' && value !== '' && !value.includes('@')) {
    return parseNodeName(argument, `${value}@${shortHostName()}`)
  }
  return parseNodeName(argument, value)
}

/** Nodes with long names talk to each other only, and so do nodes with short names. */
export function isLongName(name: NodeName): boolean {
  return name.host.includes('.') || name.host.includes(':')
}

function shortHostName(): string {
  const [short = 'localhost'] = hostname().split('.')
  return short
}
