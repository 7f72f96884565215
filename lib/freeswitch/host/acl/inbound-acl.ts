import { checkObject, checkText } from '../../../base/validate.js'
import { invalidArgument, outOfRange } from '../../../errors.js'
import { NetworkList, type NetworkListOptions } from '../../../node/access/network-list.js'
import { standingList } from '../../../node/access/standing-lists.js'

/** Who may connect, in the words of `erlang_event.conf.xml` and `acl.conf.xml`. */
export interface AclOptions {
  /**
   * Lists that must all allow a peer that connects to the node: names in `acls`, those that
   * FreeSWITCH always has (`rfc1918.auto`, `loopback.auto`, …), or networks such as `10.0.0.0/8`.
   * Of a host on a node of yours, a peer that is kept out is told `{error, acldeny}` when it sends its
   * first message to the host, and disconnected; `startEventHost` closes it before it is connected
   * (`whenDenied`). None by default.
   */
  readonly applyInboundAcl?: string | readonly string[]
  /** Lists by name, for `applyInboundAcl` to name. */
  readonly acls?: Readonly<Record<string, NetworkListOptions>>
}

export const aclOptionNames = ['applyInboundAcl', 'acls']

/** As many as FreeSWITCH takes. */
export const mostInboundAcls = 100

/** Whether a peer may connect: every list must allow it. */
export class InboundAcl {
  readonly #lists: readonly NetworkList[]

  /** Errors: TypeError and RangeError name what is wrong. */
  constructor({ applyInboundAcl = [], acls = {} }: AclOptions) {
    const names = typeof applyInboundAcl === 'string' ? [applyInboundAcl] : applyInboundAcl
    if (!Array.isArray(names)) {
      throw invalidArgument('applyInboundAcl', 'a name or an array of names', names)
    }
    if (names.length > mostInboundAcls) {
      throw outOfRange('applyInboundAcl', `at most ${mostInboundAcls} names`, names.length)
    }
    const known = new Map(
      Object.entries(checkObject('acls', acls)).map(([name, list]) => [
        name,
        new NetworkList(`acls.${name}`, list),
      ]),
    )
    this.#lists = names.map((name, at) => listNamed(`applyInboundAcl[${at}]`, name, known))
  }

  /** True when it allows everybody, because nobody has asked for lists. */
  get isEmpty(): boolean {
    return this.#lists.length === 0
  }

  allows(address: string): boolean {
    return this.#lists.every((list) => list.allows(address))
  }
}

/** Whether FreeSWITCH knows a list without `acls`: its own, and networks. */
export function isKnownList(name: string): boolean {
  return standingList(name) !== undefined || name.includes('/')
}

function listNamed(
  where: string,
  name: unknown,
  known: ReadonlyMap<string, NetworkList>,
): NetworkList {
  const text = checkText(where, name)
  const list = known.get(text)
  if (list !== undefined) return list
  const standing = standingList(text)
  if (standing !== undefined) return new NetworkList(where, standing)
  if (text.includes('/')) return new NetworkList(where, { allow: [text] })
  throw outOfRange(where, 'the name of a list in acls, one of FreeSWITCH, or a network', name)
}
