import { defaultDecodeOptions } from '../../native/options.js'
import { resultOf } from '../../node/calls.js'
import type { NodeCore } from '../../node/core.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { isTagged, type Term } from '../../term/term.js'
import { text } from '../../term/text.js'
import { RpcCall } from '../rpc/rpc.js'

/** How long a peer has to say which release it is. */
const timeoutMs = 2_000
/** Of how many peers it is remembered: C nodes, and those who mean ill, have ever new names. */
const mostPeers = 1_000

/** What is known of one life of a peer. */
interface Knowledge {
  readonly creation: number
  readonly wrapsStates: boolean | Promise<boolean>
}

/**
 * What the `sys` of each peer takes for the answers to `get_state` and `replace_state`: `{ok, State}`
 * since OTP 26.1, which is stdlib 5.1, and the bare state before. Neither understands the other, and
 * the request is the same, so the peer is asked, once in its life.
 */
export class SysDialects {
  readonly #core: NodeCore
  readonly #byPeer = new Map<string, Knowledge>()

  constructor(core: NodeCore) {
    this.#core = core
  }

  /** Whether the node of a caller takes `{ok, State}`. */
  wrapsStates({ node, creation }: Pid): boolean | Promise<boolean> {
    // Nobody is dialled for this: whoever asks is connected.
    if (node.name === this.#core.identity.name || !this.#core.route(node.name).isUp) return true
    const known = this.#byPeer.get(node.name)
    if (known?.creation === creation) return known.wrapsStates
    const asked = this.#ask(node.name).then((wrapsStates) => {
      this.#byPeer.set(node.name, { creation, wrapsStates })
      return wrapsStates
    })
    this.#byPeer.set(node.name, { creation, wrapsStates: asked })
    const [oldest] = this.#byPeer.keys()
    if (this.#byPeer.size > mostPeers && oldest !== undefined) this.#byPeer.delete(oldest)
    return asked
  }

  /** True as well for a peer that does not say: what it is by now most likely is new. */
  async #ask(peer: string): Promise<boolean> {
    const call = new RpcCall(this.#core, peer, this.#core.caller, {
      module: atom('application'),
      function: atom('get_key'),
      args: [atom('stdlib'), atom('vsn')],
      decode: defaultDecodeOptions,
      encode: undefined,
      kill: false,
    })
    const wait = { timeoutMs, signal: undefined, whenDown: 'fail' } as const
    this.#core.calls.start(call, wait, this.#core.route(peer))
    try {
      return isSince51((await resultOf(call)) as Term)
    } catch {
      return true
    }
  }
}

/** `{ok, "5.1.2"}`: whether that is 5.1 or later. */
function isSince51(version: Term): boolean {
  if (!isTagged(version, 'ok', 2)) return true
  const [major = 0, minor = 0] = text(version[1]).split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 1)
}
