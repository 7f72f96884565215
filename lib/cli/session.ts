import { ErlangNode, type NodeOptions } from '../index.js'
import { fullPeerName, ownName, thisMachine } from './own-name.js'
import type { Settings } from './settings.js'

/** A peer, and the node that talks to it while a command lasts. */
export interface Session {
  readonly node: ErlangNode
  /** Its full name. */
  readonly peer: string
}

/**
 * Starts a hidden node, runs `work` and stops the node. It accepts no connections unless `listens`, so
 * it needs no epmd of this machine and leaves nothing behind.
 *
 * Errors: those of `ErlangNode.start` and of `work`.
 */
export async function withPeer<Result>(
  peer: string,
  settings: Settings,
  work: (session: Session) => Promise<Result>,
  { listens = false } = {},
): Promise<Result> {
  const machine = thisMachine()
  const full = fullPeerName(peer, machine)
  const node = await ErlangNode.start(nodeOptions(settings, ownName(full, machine), listens))
  try {
    return await work({ node, peer: full })
  } finally {
    await node.stop()
  }
}

function nodeOptions(settings: Settings, name: string, listens: boolean): NodeOptions {
  const { cookie, cookieFile, tls } = settings
  return {
    name: settings.name ?? name,
    ...(cookie === undefined ? {} : { cookie }),
    ...(cookieFile === undefined ? {} : { cookieFile }),
    ...(tls === undefined ? {} : { tls }),
    ...(listens ? {} : { listen: false as const }),
    // What comes is printed: 1.0 is not 1.
    decode: { floats: 'wrap' },
  }
}
