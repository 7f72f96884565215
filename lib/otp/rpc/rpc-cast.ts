import type { ErlangError } from '../../errors.js'
import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import type { NodeCore } from '../../node/core.js'
import { snapshot } from '../../node/peer/peer.js'
import { type Route, unobserved, type Waiting } from '../../node/route.js'
import { type Atom, atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { user } from './rex-request.js'
import { rex } from './rpc.js'

const executeCast = tuple(atom('erpc'), atom('execute_cast'), 3)
const genCast = atom('$gen_cast')
const castTag = atom('cast')
const noOptions: readonly TermInput[] = []

/** `module:function(args)`, of which no answer is wanted. */
export interface CastRequest {
  readonly module: Atom | boolean
  readonly function: Atom | boolean
  readonly args: readonly TermInput[]
  readonly encode: EncodeOptions | undefined
}

/**
 * Runs a function at a peer and does not wait for it.
 *
 * Shape:  SPAWN_REQUEST of `erpc:execute_cast/3` with `[M, F, Args]`; SPAWN_REPLY, which tells
 *         nothing that anybody waits for. To a peer without spawn requests:
 *         `{'$gen_cast', {cast, M, F, Args, user}}` to `rex`.
 */
export function rpcCast(
  core: NodeCore,
  peer: string,
  groupLeader: Pid,
  request: CastRequest,
): Promise<void> {
  const route = core.route(peer)
  const refusal = route.refusal()
  if (refusal !== undefined) return core.refuse(refusal, route, request.args, request.encode)
  const cast = new RpcCast(core, groupLeader, request)
  if (route.isUp) return cast.send(route)
  // Now: what has no Erlang form is thrown also where nobody awaits the promise.
  cast.snapshot()
  return unobserved(
    new Promise((resolve, reject) => {
      cast.sent = resolve
      cast.failed = reject
      route.whenUp(cast)
    }),
  )
}

class RpcCast implements Waiting {
  readonly whenDown = 'fail'
  readonly #core: NodeCore
  readonly #groupLeader: Pid
  readonly #request: CastRequest
  #args: TermInput
  sent: (below: Promise<void>) => void = () => undefined
  failed: (error: ErlangError) => void = () => undefined

  constructor(core: NodeCore, groupLeader: Pid, request: CastRequest) {
    this.#core = core
    this.#groupLeader = groupLeader
    this.#request = request
    this.#args = request.args
  }

  snapshot(): number {
    const kept = snapshot(this.#args, this.#request.encode)
    this.#args = kept
    return kept.bytes.length
  }

  routeUp(route: Route): void {
    this.sent(this.send(route))
  }

  routeFailed(error: ErlangError): void {
    this.failed(error)
  }

  send(route: Route): Promise<void> {
    try {
      return this.#post(route)
    } catch (error) {
      // The arguments alone: the error says where in them, and not where in our message.
      this.snapshot()
      throw error
    }
  }

  #post(route: Route): Promise<void> {
    const { module, function: name, encode } = this.#request
    const { caller, identity } = this.#core
    if (route.features.spawns) {
      const fields = [identity.nextReference(), caller, this.#groupLeader, executeCast, noOptions]
      return route.post(Operation.SpawnRequest, fields, [module, name, this.#args], encode)
    }
    const message = tuple(genCast, tuple(castTag, module, name, this.#args, user))
    return route.post(Operation.RegSend, [caller, rex], message, encode)
  }
}
