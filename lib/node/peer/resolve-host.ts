import { isIP } from 'node:net'
import { unknownHost } from '../epmd/client.js'

/**
 * The numeric addresses of a host, in the order in which to try them.
 *
 * Errors: ERR_ERL_UNKNOWN_HOST.
 */
export async function resolveHost(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  // Loaded by those who use names of hosts.
  const { lookup } = process.getBuiltinModule('node:dns/promises')
  try {
    const found = await lookup(host, { all: true, verbatim: true })
    return found.map(({ address }) => address)
  } catch (cause) {
    throw unknownHost(host, cause)
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
