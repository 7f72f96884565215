import { checkInteger, checkText } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import type { UdpAddress } from '../wire/messages.js'

const defaultQueued = 10_000
const form = /^udp:(?:\[([0-9a-fA-F:.]+)\]|([^[\]:]+)):(\d{1,5})$/i

/**
 * Reads `udp:host:port`; an address of IPv6 stands in brackets. Port 0 is any free one.
 *
 * Errors: TypeError and RangeError, other protocols among them.
 */
export function resolveAddress(sockaddr: string, maxDatagrams: unknown): UdpAddress {
  const [, v6, host, port] = form.exec(checkText('sockaddr', sockaddr)) ?? []
  const name = v6 ?? host
  if (name === undefined) throw invalidArgument('sockaddr', 'of the form udp:host:port', sockaddr)
  if (Number(port) > 65_535)
    throw outOfRange('sockaddr', 'udp:host:port with a port ≤ 65535', sockaddr)
  const maxQueued =
    maxDatagrams === undefined ? defaultQueued : checkInteger('maxDatagrams', maxDatagrams, 1, 1e9)
  return { text: sockaddr, host: name, port: Number(port), isV6: v6 !== undefined, maxQueued }
}
