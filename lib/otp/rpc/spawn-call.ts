import { checkBoolean, checkNames, checkObject } from '../../base/validate.js'
import { ErlangError, invalidArgument } from '../../errors.js'
import { Operation } from '../../native/contract.js'
import { checkEncodeOptions, type EncodeOptions } from '../../native/options.js'
import { Call, Failure, type WaitOptions } from '../../node/calls.js'
import type { NodeCore } from '../../node/core.js'
import { snapshot } from '../../node/peer/peer.js'
import { Process } from '../../node/process/process.js'
import type { Route } from '../../node/route.js'
import { waitOptionNames } from '../../node/wait.js'
import { type Atom, atom } from '../../term/atom.js'
import { format } from '../../term/format.js'
import { Pid } from '../../term/pid.js'
import type { Term, TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'

export interface SpawnAtOptions extends WaitOptions {
  /** The process in whose name it is spawned: the one that is linked, and that gets the `DOWN`. */
  readonly parent?: Process
  /** Whether to link it with `parent`, as `spawn_link/4`. */
  readonly link?: boolean
  /** Whether `parent` is to monitor it, as `spawn_monitor/4`; the result then has the reference. */
  readonly monitor?: boolean
  /** What gets its output. By default the console of the peer. */
  readonly groupLeader?: Pid
  /** How the arguments are encoded, in place of the node's choice. */
  readonly encode?: EncodeOptions
}

/** What is to be spawned, checked. */
export interface SpawnRequest {
  readonly module: Atom | boolean
  readonly function: Atom | boolean
  readonly args: readonly TermInput[]
  readonly encode: EncodeOptions | undefined
  readonly parent: Process | undefined
  readonly links: boolean
  readonly monitors: boolean
  readonly groupLeader: Pid
}

const optionNames = [...waitOptionNames, 'parent', 'link', 'monitor', 'groupLeader', 'encode']

/** Errors: TypeError; ERR_ERL_CLOSED for a parent that has ended. */
export function resolveSpawnOptions(core: NodeCore, console: Pid, options: SpawnAtOptions) {
  checkNames('spawnAt', checkObject('options', options), optionNames)
  const { parent, link = false, monitor = false, groupLeader = console, encode } = options
  const links = checkBoolean('link', link)
  const monitors = checkBoolean('monitor', monitor)
  if (encode !== undefined) checkEncodeOptions(encode)
  if (!Pid.is(groupLeader)) throw invalidArgument('groupLeader', 'a pid', groupLeader)
  if (parent === undefined) {
    if (links || monitors) throw invalidArgument('parent', 'given with link or monitor', parent)
  } else if (!(parent instanceof Process) || !core.identity.isOwnPid(parent.pid)) {
    throw invalidArgument('parent', 'a process of this node', parent)
  } else if (!parent.isAlive) {
    throw new ErlangError('ERR_ERL_CLOSED', `the parent ${parent.pid} has ended`)
  }
  return { parent, links, monitors, groupLeader, encode: encode ?? core.encode }
}

/**
 * One process that is spawned at a peer.
 *
 * Shape:  SPAWN_REQUEST `{29, ReqId, From, GroupLeader, {M, F, Arity}, Options}` with the list of
 *         arguments; answer SPAWN_REPLY with the pid. Link and monitor, whose reference is ReqId, stand
 *         from that answer on.
 * Errors: ERR_ERL_REMOTE with the reason of SPAWN_REPLY, or `notsup` for a peer without spawn requests.
 * Source: OTP 25, erts/emulator/beam/dist.c, DOP_SPAWN_REPLY.
 */
export class SpawnCall extends Call {
  readonly #core: NodeCore
  readonly #request: SpawnRequest
  #args: TermInput
  #isWithdrawn = false

  constructor(core: NodeCore, peer: string, request: SpawnRequest) {
    super(core.calls, peer)
    this.#core = core
    this.#request = request
    this.#args = request.args
  }

  snapshot(): number {
    const kept = snapshot(this.#args, this.#request.encode)
    this.#args = kept
    return kept.bytes.length
  }

  protected send(route: Route): void {
    const { module, function: name, args, groupLeader, links, monitors, encode } = this.#request
    if (!route.features.spawns) {
      const advice = 'it has no spawn requests (OTP 22 and older, C nodes)'
      this.#end(this.#failure(atom('notsup'), advice))
      return
    }
    const options = [...(links ? [atom('link')] : []), ...(monitors ? [atom('monitor')] : [])]
    const entry = tuple(module, name, args.length)
    const fields = [this.reference, this.#parentPid, groupLeader, entry, options]
    void route.post(Operation.SpawnRequest, fields, this.#args, encode)
  }

  protected withdraw(): void {
    // The answer always comes; what it brings must then be undone.
    this.#isWithdrawn = true
  }

  override spawnReply(result: Term | undefined): void {
    const { route } = this
    if (Pid.is(result) && route !== undefined) {
      if (this.#isWithdrawn) this.#abandon(result, route)
      else this.#adopt(result, route)
    }
    this.#end(Pid.is(result) ? result : this.#failure(result ?? atom('undefined')))
  }

  monitorExit(): void {}
  answer(): void {}

  get #parentPid(): Pid {
    return this.#request.parent?.pid ?? this.calls.caller
  }

  /** The peer has set up its side already. A parent that has ended meanwhile breaks it again. */
  #adopt(pid: Pid, route: Route): void {
    const { parent, links, monitors } = this.#request
    if (parent === undefined) return
    const { processes } = this.#core
    if (monitors) processes.ownMonitors.spawned(parent, pid, this.reference, route)
    if (links) processes.links.linked(parent.isAlive ? parent : undefined, pid, parent.pid, route)
  }

  /** Nobody knows the process: who was to be linked with it is no longer there for it. */
  #abandon(pid: Pid, route: Route): void {
    const { links, monitors } = this.#request
    if (monitors) route.signal(Operation.Demonitor, [this.#parentPid, pid, this.reference])
    if (links) void route.post(Operation.Exit, [this.#parentPid, pid], atom('abandoned'))
  }

  #end(outcome: Pid | Failure): void {
    this.settle(outcome)
    this.calls.forget(this)
  }

  #failure(reason: Term, advice = format(reason)): Failure {
    const { module, function: name, args } = this.#request
    const entry = `${format(module)}:${format(name)}/${args.length}`
    const message = `${entry} cannot be spawned at ${this.peer}: ${advice}`
    return new Failure('ERR_ERL_REMOTE', message, { reason })
  }
}
