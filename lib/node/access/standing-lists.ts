import { networkInterfaces } from 'node:os'
import type { NetworkListOptions } from './network-list.js'

const privateV4 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
const innerV4 = [...privateV4, '169.254.0.0/16', '0.0.0.0/8']
const innerV6 = ['fd00::/8', 'fe80::/10']

/**
 * The lists that FreeSWITCH has without any configuration; undefined for other names.
 *
 * Source: switch_core.c, switch_load_network_lists.
 */
export function standingList(name: string): NetworkListOptions | undefined {
  switch (name) {
    case 'rfc1918.auto':
      return { allow: privateV4 }
    case 'rfc6598.auto':
      return { allow: ['100.64.0.0/10'] }
    case 'loopback.auto':
      return { allow: ['127.0.0.0/8', '::1'] }
    case 'localnet.auto':
      return { allow: ownNetworks() }
    case 'nat.auto':
      return { allow: privateV4, deny: ownNetworks() }
    case 'wan.auto':
      return { default: 'allow', deny: [...innerV4, ...innerV6] }
    case 'wan_v4.auto':
      return { allow: ['0.0.0.0/0'], deny: innerV4 }
    case 'wan_v6.auto':
      return { allow: ['::/0'], deny: innerV6 }
    case 'any_v4.auto':
      return { allow: ['0.0.0.0/0'] }
    case 'any_v6.auto':
      return { allow: ['::/0'] }
    default:
      return undefined
  }
}

/** The networks that this machine is in, its loopback apart. */
function ownNetworks(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, cidr }) => !internal && cidr !== null)
    .map(({ cidr }) => String(cidr))
}
