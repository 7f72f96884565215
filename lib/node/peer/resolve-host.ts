import { isIP } from 'node:net'
import { ErlangError } from '../../errors.js'
import { unknownHost } from '../epmd/client.js'

/**
 * The numeric addresses of a host, in the order in which to try them. The system itself gives up
 * after half a minute or so when no name server answers; nobody has to wait for that.
 *
 * Errors: ERR_ERL_UNKNOWN_HOST; ERR_ERL_TIMEOUT after `timeoutMs`, if that is given.
 */
export function resolveHost(host: string, timeoutMs?: number): Promise<readonly string[]> {
  if (isIP(host) !== 0) return Promise.resolve([host])
  const found = addressesOf(host)
  return timeoutMs === undefined ? found : within(found, host, timeoutMs)
}

async function addressesOf(host: string): Promise<readonly string[]> {
  // Loaded by those who use names of hosts.
  const { lookup } = process.getBuiltinModule('node:dns/promises')
  try {
    const found = await lookup(host, { all: true, verbatim: true })
    return found.map(({ address }) => address)
  } catch (cause) {
    throw unknownHost(host, cause)
  }
}

function within<Value>(found: Promise<Value>, host: string, timeoutMs: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = new ErlangError(
      'ERR_ERL_TIMEOUT',
      `no name server said within ${timeoutMs} ms where the host "${host}" is; check /etc/resolv.conf and the network, or give { host, port } with an address`,
    )
    const timer = setTimeout(() => reject(late), timeoutMs).unref()
    found.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
