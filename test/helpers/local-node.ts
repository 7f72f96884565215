import { ErlangNode, type NodeOptions } from 'beamlink'
import { uniqueName } from './names.js'

/** A node of ours with a fresh name and the cookie of `peer`, under its epmd. */
export function startBeside(
  peer: { readonly cookie: string; readonly epmdPort: number },
  options: Partial<NodeOptions> = {},
): Promise<ErlangNode> {
  return ErlangNode.start({
    name: uniqueName('js'),
    cookie: peer.cookie,
    epmd: { port: peer.epmdPort },
    ...options,
  })
}
